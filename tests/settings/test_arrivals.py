"""Shapes of load: what the configuration may say of them, and which course comes out of it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.configurations import problems_of, settled

from bot.core.loadplan import OpenModel, Spacing, Stretch
from bot.errors import ConfigurationError
from bot.settings.arrivals import Arrivals, Shape
from bot.settings.course import course_of
from bot.settings.plan import PlanOverrides, load_plan
from bot.settings.scenario import Scenario
from bot.settings.slo import Slo

RAMP = {"shape": "ramp", "from": 100}
STEPS = {"shape": "steps", "rates": [100, 500, 1000]}
SPIKE = {"shape": "spike", "base": 200, "at": "30s", "for": "10s"}

# The document's scenario has a rate of 1000 for 2 minutes.
WRONG = [
    ({}, "", "is empty"),
    ({"shape": "wave"}, ".shape", "unknown"),
    ({"shape": 3}, ".shape", "a whole number, not a string"),
    ({"shape": []}, ".shape", "a list, not a string"),
    ({"spacing": "random"}, ".spacing", "unknown"),
    ({"from_": 1, "shape": "constant"}, ".from_", 'did you mean "from"'),
    ({"from": 100}, ".from", "no key of shape constant"),
    ({"shape": "ramp"}, ".from", "is missing"),
    ({**RAMP, "from": 0}, ".from", "out of range"),
    ({**RAMP, "from": True}, ".from", "true or false, not a number"),
    ({**RAMP, "from": 1000}, ".from", "not below rate (1000)"),
    ({**RAMP, "from": 1001}, ".from", "not below rate"),
    ({**RAMP, "over": "0s"}, ".over", "out of range"),
    ({**RAMP, "over": 60}, ".over", "a whole number, not a string"),
    ({**RAMP, "over": "121s"}, ".over", "longer than duration"),
    ({**RAMP, "base": 3}, ".base", "no key of shape ramp"),
    ({**RAMP, "rates": [1, 2]}, ".rates", "no key of shape ramp"),
    ({"shape": "steps"}, ".rates", "is missing"),
    ({**STEPS, "rates": 3}, ".rates", "not a list"),
    ({**STEPS, "rates": [1000]}, ".rates", "too few"),
    ({**STEPS, "rates": [1000.0] * 1001}, ".rates", "too many"),
    ({**STEPS, "rates": [100, 0, 1000]}, ".rates", "entry 2 is out of range"),
    ({**STEPS, "rates": [100, "x"]}, ".rates", "entry 2 is a string"),
    ({**STEPS, "rates": [math.nan, 1000]}, ".rates", "finite"),
    ({**STEPS, "rates": [1000, 1000]}, ".rates", "all equal"),
    ({**STEPS, "rates": [100, 900]}, ".rates", "900 as its highest, and rate is 1000"),
    ({**STEPS, "rates": [100, 1100]}, ".rates", "1100 as its highest"),
    ({**STEPS, "over": "1m"}, ".over", "no key of shape steps"),
    ({**SPIKE, "base": 1000}, ".base", "not below rate"),
    ({**SPIKE, "for": "0s"}, ".for", "out of range"),
    ({**SPIKE, "for": "91s"}, ".for", "end after the measured time"),
    ({**SPIKE, "at": "2m"}, ".for", "end after the measured time"),
    ({**SPIKE, "at": "0s", "for": "2m"}, ".for", "as long as the measured time"),
    ({**SPIKE, "from": 3}, ".from", "no key of shape spike"),
    ({**RAMP, "seed": 3}, ".seed", "does nothing"),
    ({**RAMP, "spacing": "poisson", "seed": -1}, ".seed", "out of range"),
    ({**RAMP, "spacing": "poisson", "seed": 1.0}, ".seed", "a number, not a whole number"),
    ([RAMP], "", "a list, not a table"),
    ("ramp", "", "a string, not a table"),
]


@pytest.mark.parametrize(("arrivals", "path", "words"), WRONG, ids=lambda value: str(value)[:40])
def test_a_shape_that_makes_no_sense_is_refused_and_nothing_else(document, arrivals, path, words):
    document["scenario"][0]["arrivals"] = arrivals
    (problem,) = problems_of(document).values()
    assert problem.path == f'scenario "load-1k".arrivals{path}'
    assert words in problem.wrong
    assert problem.allowed


def test_every_mistake_of_a_shape_is_named_at_once(document):
    document["scenario"][0]["arrivals"] = {"shape": "spike", "base": 5000, "rates": [1], "seed": 2, "colour": 1}
    paths = {path.rpartition(".")[2] for path in problems_of(document)}
    assert paths == {"base", "rates", "at", "for", "seed", "colour"}


def test_another_mistake_hides_none_of_a_shape(document):
    document["scenario"][0] |= {"arrivals": {**SPIKE, "base": 2000}, "duration": "2 minutes", "rate": 0.5}
    found = problems_of(document)
    assert {path.rpartition(".")[2] for path in found} == {"duration", "base"}


@pytest.mark.parametrize("key", ["arrivals", "mix", "pool"])
def test_what_belongs_to_the_open_model_cannot_stand_beside_users(document, key):
    scenario = document["scenario"][0]
    del scenario["rate"]
    scenario |= {"users": 5, key: {"arrivals": {"spacing": "poisson"}, "mix": {"a": 1}, "pool": 3}[key]}
    (problem,) = problems_of(document).values()
    assert problem.path.endswith(f".{key}")
    assert "stands beside users" in problem.wrong


def model_of(document, arrivals, **overrides):
    document["scenario"][0]["arrivals"] = arrivals
    return load_plan(settled(document), PlanOverrides(**overrides)).scenarios[0].model


def course(document, arrivals, **overrides):
    return model_of(document, arrivals, **overrides).course


@pytest.mark.parametrize(
    ("arrivals", "expected"),
    [
        ({"spacing": "poisson"}, ()),
        (RAMP, (Stretch(120, 100, 1000),)),
        ({**RAMP, "over": "30s"}, (Stretch(30, 100, 1000), Stretch(90, 1000, 1000))),
        ({**RAMP, "over": "2m"}, (Stretch(120, 100, 1000),)),
        (STEPS, (Stretch(40, 100, 100), Stretch(40, 500, 500), Stretch(40, 1000, 1000))),
        (SPIKE, (Stretch(30, 200, 200), Stretch(10, 1000, 1000), Stretch(80, 200, 200))),
        ({**SPIKE, "at": "0s"}, (Stretch(10, 1000, 1000), Stretch(110, 200, 200))),
        ({**SPIKE, "at": "110s"}, (Stretch(110, 200, 200), Stretch(10, 1000, 1000))),
    ],
)
def test_a_shape_becomes_stretches_of_the_measured_time(document, arrivals, expected):
    assert course(document, arrivals) == expected


@pytest.mark.parametrize(
    ("arrivals", "spacing", "seed"),
    [
        ({"shape": "constant"}, Spacing.EVEN, 0),
        ({"spacing": "poisson"}, Spacing.POISSON, 1),
        ({**RAMP, "spacing": "poisson", "seed": 7}, Spacing.POISSON, 7),
    ],
)
def test_random_spacing_has_a_seed_and_even_spacing_none(document, arrivals, spacing, seed):
    model = model_of(document, arrivals)
    assert (model.spacing, model.seed) == (spacing, seed)


def test_the_rate_of_one_run_scales_the_whole_shape(document):
    assert course(document, STEPS, rate=50.0) == (Stretch(40, 5, 5), Stretch(40, 25, 25), Stretch(40, 50, 50))
    model = model_of(document, SPIKE, rate=2000.0)
    assert (model.rate, model.course[0]) == (2000, Stretch(30, 400, 400))


def soak(document, arrivals):
    document["scenario"][0] |= {"kind": "soak", "arrivals": arrivals}
    return settled(document)


@pytest.mark.parametrize(
    ("arrivals", "expected"),
    [
        ({**RAMP, "over": "30s"}, (Stretch(60, 100, 1000), Stretch(180, 1000, 1000))),
        (STEPS, (Stretch(80, 100, 100), Stretch(80, 500, 500), Stretch(80, 1000, 1000))),
        (SPIKE, (Stretch(30, 200, 200), Stretch(10, 1000, 1000), Stretch(200, 200, 200))),
    ],
)
def test_the_soak_duration_of_one_run_stretches_ramps_and_steps_and_leaves_a_spike_alone(document, arrivals, expected):
    plan = load_plan(soak(document, arrivals), PlanOverrides(soak_duration=240.0))
    assert plan.scenarios[0].model.course == expected


@pytest.mark.parametrize("seconds", [35.0, 20.0])
def test_a_soak_that_cannot_hold_its_spike_any_more_is_refused(document, seconds):
    with pytest.raises(ConfigurationError) as caught:
        load_plan(soak(document, SPIKE), PlanOverrides(soak_duration=seconds))
    (problem,) = caught.value.problems
    assert problem.path == "--soak-duration"
    assert 'makes the spike end after the measured time of "load-1k"' in problem.wrong
    assert "40s" in problem.allowed


def test_what_the_command_line_does_to_a_shape_is_said(document):
    soaked = soak(document, RAMP)
    assert load_plan(soaked, PlanOverrides(soak_duration=60.0)).changed == (
        "soak 1m instead of 2m in load-1k, its ramp in proportion",
    )
    document["scenario"][0] |= {"kind": "load", "arrivals": SPIKE}
    assert load_plan(settled(document), PlanOverrides(rate=10.0)).changed == (
        "rate 10/s instead of 1000/s in load-1k, its spike in proportion",
    )


def test_the_pool_of_a_shape_is_that_of_its_highest_rate(document):
    document["scenario"][0] |= {"rate": 500, "arrivals": {**RAMP, "from": 1}}
    assert load_plan(settled(document)).scenarios[0].model.pool == 900


def test_a_mix_of_tasks_keeps_its_order_and_weights(document):
    document["scenario"][0]["mix"] = {"look": 3, "buy": 0.5}
    assert load_plan(settled(document)).scenarios[0].model.mix == (("look", 3.0), ("buy", 0.5))


RATES = st.floats(0.01, 100_000)
DURATIONS = st.floats(1, 100_000)


@st.composite
def shaped(draw):
    """A valid scenario with a shape."""
    rate, duration = draw(RATES), draw(DURATIONS)
    below = rate * draw(st.floats(0.001, 0.999))
    at = duration * draw(st.floats(0, 0.5))
    steps = [rate, below, *draw(st.lists(st.just(below), max_size=9))]
    arrivals = {
        Shape.CONSTANT: {},
        Shape.RAMP: {"from": below, "over": draw(st.none() | st.floats(0.01, 1).map(lambda share: share * duration))},
        Shape.STEPS: {"rates": tuple(draw(st.permutations(steps)))},
        Shape.SPIKE: {"base": below, "at": at, "for": duration * draw(st.floats(0.01, 0.5))},
    }
    shape = draw(st.sampled_from(Shape))
    values = {"from": None, "over": None, "rates": None, "base": None, "at": None, "for": None, **arrivals[shape]}
    attributes = {{"from": "from_", "for": "for_"}.get(key, key): value for key, value in values.items()}
    table = Arrivals.model_construct(shape=shape, spacing=Spacing.EVEN, seed=None, **attributes)
    return Scenario.model_construct(name="x", rate=rate, duration=duration, arrivals=table, slo=Slo())


@given(shaped(), RATES)
def test_a_course_covers_the_measured_time_and_reaches_its_highest_rate_and_no_more(scenario, rate):
    found = course_of(scenario, rate, scenario.duration)
    if scenario.arrivals.shape is Shape.CONSTANT:
        assert found == ()
        return
    assert math.fsum(each.seconds for each in found) == pytest.approx(scenario.duration)
    assert max(max(each.start, each.end) for each in found) == rate
    assert all(each.seconds > 0 and each.start > 0 and each.end > 0 for each in found)


@given(shaped(), st.floats(0.01, 100))
def test_another_rate_plans_arrivals_in_proportion(scenario, factor):
    def arrivals(rate):
        return OpenModel(rate, 1, course_of(scenario, rate, scenario.duration)).arrivals(scenario.duration)

    assert arrivals(scenario.rate * factor) == pytest.approx(arrivals(scenario.rate) * factor, rel=1e-6)


@given(shaped().filter(lambda scenario: scenario.arrivals.shape is not Shape.SPIKE), st.floats(0.01, 100))
def test_another_duration_plans_arrivals_in_proportion(scenario, factor):
    def arrivals(duration):
        return OpenModel(scenario.rate, 1, course_of(scenario, scenario.rate, duration)).arrivals(duration)

    assert arrivals(scenario.duration * factor) == pytest.approx(arrivals(scenario.duration) * factor, rel=1e-6)
