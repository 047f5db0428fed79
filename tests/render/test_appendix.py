from dataclasses import replace

from support.evidence import series, soak

from bot.core.evidence import ProbeCost
from bot.render.scenario_view import scenario_view

COST = ProbeCost("app", 60, 2, 3, 1.5, 0.25, 2048, 0.9, 90.0)


def resources(**changes):
    return scenario_view(soak(**changes), None).resources


def test_every_process_and_what_looking_cost_is_said():
    readings = tuple(replace(series(900.0, 1.0), replica=name) for name in ("10.0.0.1:80", "10.0.0.2:80"))
    one, other, cost = resources(resources=readings, probe_costs=(COST,))
    assert "10.0.0.1:80" in one
    assert "10.0.0.2:80" in other
    assert cost == (
        "app was asked 60 times: 1.5s in all, 250ms at most, 2KiB read, 1.00% of one core of the bot, "
        "3 beats left out because it was slow"
    )


def test_a_cost_of_nothing_is_no_trouble():
    (*_, cost) = resources(probe_costs=(ProbeCost("app", 0, 0, 0, 0.0, 0.0, 0, 0.0, 0.0),))
    assert cost.startswith("app was asked 0 times")
    assert "left out" not in cost
