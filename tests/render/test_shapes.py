import pytest
from support.evidence import load_plan

from bot.core.loadplan import ClosedModel, OpenModel, Spacing, Stretch, Workers
from bot.render.pulse import Pulse
from bot.render.shapes import arrivals_words, workers_words
from bot.render.words import load_words


def flat(*parts):
    return tuple(Stretch(seconds, rate, rate) for seconds, rate in parts)


@pytest.mark.parametrize(
    ("course", "words"),
    [
        ((), "1,000 arrivals/s"),
        ((Stretch(120, 100, 1000),), "ramp 100 to 1,000 arrivals/s"),
        ((Stretch(60, 100, 1000), Stretch(60, 1000, 1000)), "ramp 100 to 1,000 arrivals/s in 1m"),
        (flat((40, 100), (40, 500), (40, 1000)), "steps 100, 500, 1,000 arrivals/s"),
        (flat((40, 1000), (40, 500), (40, 1000)), "steps 1,000, 500, 1,000 arrivals/s"),
        (flat(*((10, 100.0 * each) for each in range(1, 11))), "10 steps from 100 to 1,000 arrivals/s"),
        (flat((30, 200), (10, 1000), (80, 200)), "spike 200 to 1,000 arrivals/s for 10s at 30s"),
        (flat((10, 1000), (80, 200)), "spike 200 to 1,000 arrivals/s for 10s at 0s"),
    ],
)
def test_a_shape_is_told_in_a_few_words(course, words):
    assert arrivals_words(OpenModel(1000, 50, course)) == words


@pytest.mark.parametrize(
    ("workers", "words"),
    [
        (Workers(), ""),
        (Workers(2), "2 local processes"),
        (Workers(0, 1), "1 remote process"),
        (Workers(1, 3), "1 local process, 3 remote processes"),
    ],
)
def test_several_processes_are_told_apart_by_where_they_run(workers, words):
    assert workers_words(workers) == words


def test_the_load_of_a_scenario_is_told_with_all_that_differs_from_the_usual():
    poisson = OpenModel(50, 50, spacing=Spacing.POISSON)
    assert load_words(load_plan(model=poisson)) == "50 arrivals/s, Poisson, open model"
    assert load_words(load_plan(model=ClosedModel(1))) == "1 user, closed model"


def test_the_planned_rate_of_a_moment_follows_the_shape():
    pulse = Pulse(load_plan(model=OpenModel(100, 50, (Stretch(100, 0.0, 100.0),))))
    assert pulse.planned_rate == pytest.approx(0.5)
    pulse.take({"kind": "start", "t": 1000.0})
    pulse.take({"kind": "second", "t": 1050.0, "phase": "measured", "sent": 49})
    assert pulse.planned_rate == pytest.approx(49.5)
    pulse.take({"kind": "second", "t": 1110.0, "phase": "measured", "sent": 99})
    assert pulse.planned_rate == pytest.approx(100)
