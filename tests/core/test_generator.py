import math
from dataclasses import replace

import pytest
from support.evidence import ECHO, LOAD_OBJECTIVES, arrivals, below, closed, health, load, load_plan

from bot.core.evidence import Ending, Histogram
from bot.core.generator import generator_limit, judge_generator, lateness_limit, pace, rate_sent
from bot.core.limits import Unit
from bot.core.loadplan import GeneratorLimits, Objective, OpenModel, Spacing, Stretch
from bot.core.verdict import Result


def judged(given, plan=None):
    return judge_generator(pace(load(plan, arrivals=given)))


def test_a_generator_that_kept_up_says_so():
    finding = judged(arrivals())
    assert finding.result is Result.PASS
    assert finding.bounds.observed == 1.0


@pytest.mark.parametrize(("unsent", "result"), [(600, Result.PASS), (601, Result.INVALID)])
def test_at_least_ninety_nine_and_a_half_percent_must_be_sent(unsent, result):
    assert judged(arrivals(unsent=unsent)).result is result


def test_lateness_may_reach_five_percent_of_the_tightest_limit():
    assert lateness_limit(load_plan()) == pytest.approx(0.075)
    tight = load_plan((*LOAD_OBJECTIVES, Objective("p50", below(0.5), ECHO)))
    assert lateness_limit(tight) == pytest.approx(0.025)


def test_ten_milliseconds_are_always_allowed():
    assert lateness_limit(load_plan((Objective("p95", below(0.05)),))) == 0.010


def late(microseconds):
    return replace(arrivals(), lateness=Histogram((100, microseconds), (118_000, 2_000)))


@pytest.mark.parametrize(("microseconds", "result"), [(75_000, Result.PASS), (75_100, Result.INVALID)])
def test_lateness_beyond_that_is_the_generators_fault(microseconds, result):
    assert judged(late(microseconds)).result is result


def test_lateness_does_not_matter_where_no_latency_is_judged():
    assert judged(late(900_000), load_plan(LOAD_OBJECTIVES[:1])).result is Result.PASS


@pytest.mark.parametrize("lateness", [Histogram(), Histogram((5,), (100,)), Histogram((5, 6), (120_000,))])
def test_lateness_that_is_not_on_record_is_not_assumed(lateness):
    finding = judged(replace(arrivals(), lateness=lateness))
    assert finding.result is Result.INVALID
    assert "not on record" in finding.words


@pytest.mark.parametrize(
    "given",
    [None, arrivals(0), replace(arrivals(), unsent=5), replace(arrivals(), started=-1, unsent=120_001)],
    ids=["none", "nothing due", "sum", "negative"],
)
def test_missing_or_contradictory_counts_are_invalid(given):
    assert judged(given).result is Result.INVALID
    assert isinstance(rate_sent(load(arrivals=given)), str)


def test_fewer_arrivals_than_planned_are_invalid():
    assert judged(arrivals(110_000)).result is Result.INVALID
    assert judged(arrivals(119_400)).result is Result.PASS


@pytest.mark.parametrize("measured", [0.0, -5.0, math.nan, math.inf, 1e300])
def test_an_absurd_window_plans_no_arrivals(measured):
    kept = pace(load(measured=measured))
    assert kept.trouble


def test_an_exhausted_pool_is_named():
    kept = pace(load(arrivals=arrivals(unsent=5_000, pool_peak=500)))
    assert kept.exhausted
    assert "all 500 users of its pool were busy" in kept.trouble


def test_the_closed_model_plans_no_arrivals():
    assert (pace(closed()).trouble, pace(closed()).due) == (None, 0)
    assert "closed model" in rate_sent(closed())


def test_the_rate_is_started_over_due():
    assert rate_sent(load(arrivals=arrivals(unsent=1_200))) == (0.99, 120_000)


def test_shares_have_no_lateness_limit():
    assert lateness_limit(load_plan((Objective("cpu", below(0.7, Unit.SHARE)),))) is None


def test_a_course_of_rates_plans_its_own_number_of_arrivals():
    ramp = load_plan(model=OpenModel(1000.0, 500, course=(Stretch(60.0, 0.0, 1000.0), Stretch(60.0, 1000.0, 1000.0))))
    assert judged(arrivals(90_000), ramp).result is Result.PASS
    assert judged(arrivals(85_000), ramp).result is Result.INVALID


def test_the_limits_of_the_plan_decide():
    patient = replace(load_plan(), generator=GeneratorLimits(sent=0.9, lateness=0.5))
    assert judged(arrivals(unsent=6_000), patient).result is Result.PASS
    assert judged(late(400_000), patient).result is Result.PASS
    assert generator_limit(patient, pace(load(arrivals=arrivals()))) == ">= 90 %"


def test_the_share_is_shown_only_where_it_is_what_is_judged():
    unsent, tardy, well = (pace(load(arrivals=each)) for each in (arrivals(unsent=5_000), late(400_000), arrivals()))
    assert [generator_limit(load_plan(), kept) for kept in (unsent, tardy, well)] == [">= 99.5 %", "well", ">= 99.5 %"]
    assert math.isnan(judge_generator(tardy).bounds.observed)


@pytest.mark.parametrize("due", [87, 118, 122, 240])
def test_evenly_spaced_arrivals_are_counted_exactly(due):
    plan = load_plan(model=OpenModel(1.0, 500))
    assert "fell due of about 120 planned" in judged(arrivals(due), plan).words
    assert all(judged(arrivals(120 + by), plan).result is Result.PASS for by in (-1, 0, 1))


@pytest.mark.parametrize(
    ("due", "result"), [(67, Result.PASS), (173, Result.PASS), (60, Result.INVALID), (180, Result.INVALID)]
)
def test_random_arrivals_may_be_five_deviations_off(due, result):
    plan = load_plan(model=OpenModel(1.0, 500, spacing=Spacing.POISSON))
    assert judged(arrivals(due), plan).result is result


def test_a_load_that_was_stopped_may_lack_the_arrivals_of_its_last_second():
    cut = load(arrivals=arrivals(36_300), measured=37.2, ending=Ending.ABORTED, health=(health(37.0),))
    assert pace(cut).trouble is None
    assert "only 35,000 arrivals" in pace(replace(cut, arrivals=arrivals(35_000))).trouble


def test_limits_that_are_wider_than_the_defaults_are_named():
    lax = replace(load_plan(), generator=GeneratorLimits(sent=0.9, lateness=1.0, wait=1.0))
    words = judged(arrivals(), lax).words
    assert words.endswith("; limits are wider than the defaults: sent 90 %, lateness 1 s, waiting 100 %")
    assert "wider" not in judged(arrivals()).words
