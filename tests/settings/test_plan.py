import math

import pytest
from support.configurations import settled

from bot.core.loadplan import ClosedModel, OpenModel, ScenarioKind
from bot.errors import ConfigurationError
from bot.settings.plan import PlanOverrides, load_plan


@pytest.fixture
def night(document):
    """A load, a soak and a closed-model load, with one probe."""
    load = document["scenario"][0]
    document["scenario"] += [
        {**load, "name": "soak", "kind": "soak", "rate": 500, "duration": "15m", "slo": {"cpu": "< 70%"}},
        {**{key: value for key, value in load.items() if key != "rate"}, "name": "users", "users": 20},
    ]
    document["probe"] = [{"name": "app", "kind": "http", "url": "/metrics"}]
    document["staging"] |= {"allow_hosts": ["cdn.acme.example", "staging.acme.example:443"], "version_url": "/version"}
    return settled(document)


def problems(settings, **overrides):
    with pytest.raises(ConfigurationError) as caught:
        load_plan(settings, PlanOverrides(**overrides))
    return {problem.path: problem.wrong for problem in caught.value.problems}


def test_the_plan_says_everything_a_run_needs(night):
    plan = load_plan(night)
    assert plan.base_url == "https://staging.acme.example"
    assert plan.allow_hosts == ("staging.acme.example:443", "cdn.acme.example:80", "cdn.acme.example:443")
    assert plan.proof
    assert plan.probes == ("app",)
    assert [each.name for each in plan.scenarios] == ["load-1k", "soak", "users"]
    assert plan.scenarios[1].kind is ScenarioKind.SOAK
    assert plan.scenarios[2].model == ClosedModel(20)


@pytest.mark.parametrize(
    ("rate", "slo", "pool"),
    [
        (1000, {"p95": "< 1.5s"}, 1800),
        (150, {"p95": "< 250ms"}, 50),
        (5000, {"p99": "< 3s"}, 2000),
        (100, {"error_rate": "< 2%"}, 120),
        (100, {"p95": "< 1s", "GET /": {"p99": "< 2s"}}, 240),
    ],
)
def test_the_pool_holds_what_a_service_at_its_limit_has_in_flight(document, rate, slo, pool):
    document["scenario"][0] |= {"rate": rate, "slo": slo}
    assert load_plan(settled(document)).scenarios[0].model == OpenModel(rate, pool)


def test_a_configured_pool_is_taken_as_it_is(document):
    document["scenario"][0]["pool"] = 7
    assert load_plan(settled(document)).scenarios[0].model == OpenModel(1000.0, 7)


def test_the_rate_of_one_run_replaces_that_of_loads_and_leaves_soaks_alone(night):
    models = [each.model for each in load_plan(night, PlanOverrides(rate=50)).scenarios]
    assert [getattr(model, "rate", None) for model in models] == [50, 500, None]


def test_the_soak_duration_of_one_run_replaces_that_of_soaks_only(night):
    assert [each.duration for each in load_plan(night, PlanOverrides(soak_duration=60)).scenarios] == [120, 60, 120]


def test_named_scenarios_run_alone_and_in_the_order_of_the_file(night):
    plan = load_plan(night, PlanOverrides(scenarios=("soak", "load-1k", "soak")))
    assert [each.name for each in plan.scenarios] == ["load-1k", "soak"]


def test_every_override_that_makes_no_sense_is_named_at_once(night):
    found = problems(night, scenarios=("sook", "load-1k"), rate=math.nan, soak_duration=math.inf)
    assert set(found) == {"--scenario", "--rate", "--soak-duration"}
    assert 'did you mean "soak"' in found["--scenario"]


def test_an_override_that_would_change_nothing_is_refused(night):
    assert "changes nothing" in problems(night, scenarios=("soak",), rate=5)["--rate"]
    assert "changes nothing" in problems(night, scenarios=("load-1k",), soak_duration=5)["--soak-duration"]


def test_a_plan_as_configured_says_no_change(night):
    assert load_plan(night).changed == ()
    names = tuple(each.name for each in night.scenario)
    assert load_plan(night, PlanOverrides(rate=1000.0, soak_duration=900.0, scenarios=names)).changed == ()


def test_every_change_of_the_command_line_is_said_in_words(night):
    assert load_plan(night, PlanOverrides(scenarios=("load-1k",))).changed == (
        "only scenario load-1k of 3: soak, users skipped",
    )
    overrides = PlanOverrides(rate=50.0, soak_duration=60.0, scenarios=("soak", "load-1k"))
    assert load_plan(night, overrides).changed == (
        "only scenarios load-1k, soak of 3: users skipped",
        "rate 50/s instead of 1000/s in load-1k",
        "soak 1m instead of 15m in soak",
    )
