import math
import random
import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from support.evidence import ECHO, arrivals, below, evidence, histogram_of, load, load_plan

from bot.core.bounds import Bounds, samples_to_settle, wider
from bot.core.evidence import Block, Blocks, EndpointEvidence, Histogram
from bot.core.judge import judge
from bot.core.limits import Unit
from bot.core.loadplan import ClosedModel, Objective
from bot.core.quantiles import merge
from bot.core.verdict import Result


def stretches(levels, size=1000, seed=1):
    """One histogram for each level (seconds): lognormal latencies around it."""
    chance = random.Random(seed)
    return [histogram_of(level * math.exp(chance.gauss(0, 0.3)) for _ in range(size)) for level in levels]


def scenario(latencies, objective, failed=None, endpoint=None, **changes):
    """A load whose requests came in these stretches; `failed` of each stretch."""
    failed = failed or [0] * len(latencies)
    cut = tuple(
        Block(10.0 * number, each.total - bad, bad, each)
        for number, (each, bad) in enumerate(zip(latencies, failed, strict=True))
    )
    whole, bad = merge(latencies), sum(failed)
    kinds = (("HTTP 500", bad),) if bad else ()
    facts = {
        "endpoints": (EndpointEvidence(ECHO, whole.total - bad, bad, kinds, whole, whole),),
        "blocks": (Blocks(endpoint, 10.0, cut),),
    }
    return load(load_plan((objective,)), **(facts | changes))


def the(key, one):
    return next(check for check in judge(evidence(one)) if check.objective == key)


STEADY = stretches([1.0] * 12)
UNSTEADY = stretches([0.6, 1.5, 0.7, 1.4, 0.6, 1.5, 0.8, 1.3, 0.6, 1.6, 0.7, 1.4])


def test_a_service_with_good_and_bad_stretches_gets_the_wider_bounds_and_is_told_so():
    with_blocks = scenario(UNSTEADY, Objective("p95", below(3.0)))
    found, narrow = the("p95", with_blocks), the("p95", replace(with_blocks, blocks=()))
    assert found.low < narrow.low <= narrow.high < found.high
    assert found.observed == narrow.observed
    assert "bounds by 10 s blocks" in found.reason
    assert "blocks" not in narrow.reason


def test_what_order_statistics_would_pass_or_fail_blocks_may_leave_open():
    passed = scenario(UNSTEADY, Objective("p95", below(2.18)))
    failed = scenario(UNSTEADY, Objective("p95", below(2.0)))
    for one, alone in ((passed, Result.PASS), (failed, Result.FAIL)):
        assert the("p95", replace(one, blocks=())).result is alone
        assert the("p95", one).result is Result.INCONCLUSIVE


def test_what_would_settle_it_is_more_where_the_blocks_say_so():
    one = scenario(UNSTEADY, Objective("p95", below(2.18)))
    asked = re.search(r"about ([\d,]+) requests would settle it", the("p95", one).reason)
    assert int(asked[1].replace(",", "")) > 3 * sum(each.total for each in UNSTEADY)


def test_the_blocks_of_one_endpoint_are_for_that_endpoint_alone():
    goal = Objective("p95", below(3.0), ECHO)
    assert "blocks" in the("p95", scenario(UNSTEADY, goal, endpoint=ECHO)).reason
    assert "blocks" not in the("p95", scenario(UNSTEADY, goal)).reason


def test_the_closed_model_has_blocks_too():
    one = scenario(UNSTEADY, Objective("p95", below(3.0)))
    model = ClosedModel(users=200)
    found = the("p95", replace(one, plan=replace(one.plan, model=model), arrivals=None, users_lowest=200))
    assert "bounds by 10 s blocks" in found.reason


def test_beside_a_generator_that_lagged_blocks_say_nothing():
    slow = stretches([5.0, 9.0] * 6)
    one = scenario(slow, Objective("p95", below(3.0)), arrivals=arrivals(12_000, unsent=500, pool_peak=500))
    assert the("p95", one).result is Result.FAIL
    assert "blocks" not in the("p95", one).reason


def test_failures_in_a_burst_are_told_with_wider_bounds():
    goal = Objective("error_rate", below(0.02, Unit.SHARE))
    even = scenario(STEADY, goal, failed=[15] * 12)
    burst = scenario(STEADY, goal, failed=[0, 0, 0, 0, 90, 90, 0, 0, 0, 0, 0, 0])
    assert the("error_rate", even).result is Result.PASS
    assert "blocks" not in the("error_rate", even).reason
    assert the("error_rate", burst).result is Result.INCONCLUSIVE
    assert "bounds by 10 s blocks" in the("error_rate", burst).reason


def test_blocks_of_other_requests_are_a_contradiction():
    one = scenario(STEADY, Objective("p95", below(3.0)))
    short = (replace(one.blocks[0], blocks=one.blocks[0].blocks[:-1]),)
    broken = (replace(one.blocks[0], blocks=(replace(one.blocks[0].blocks[0], latency=Histogram((1, 2), (1,))),) * 12),)
    for blocks in (short, broken):
        found = the("p95", replace(one, blocks=blocks))
        assert found.result is Result.INVALID
        assert "its blocks contradict its histogram" in found.reason


def test_the_same_evidence_has_the_same_bounds():
    one = scenario(UNSTEADY, Objective("p95", below(3.0)))
    assert the("p95", one) == the("p95", scenario(UNSTEADY, Objective("p95", below(3.0))))


@given(st.floats(-1e3, 1e3), st.floats(0, 1e3), st.floats(0, 1e3), st.integers(1, 10**6), st.floats(-2e3, 2e3))
def test_the_samples_that_would_settle_it_shrink_the_bounds_to_the_limit(observed, below_it, above_it, samples, limit):
    bounds = Bounds(observed, observed - below_it, observed + above_it, samples)
    needed = samples_to_settle(limit, bounds)
    if needed is not None:
        assert math.isfinite(needed)
        assert needed > samples
        width = (above_it if limit > observed else below_it) * math.sqrt(samples / needed)
        assert width <= abs(limit - observed) * (1 + 1e-6) + 1e-9


def test_no_number_settles_a_limit_that_was_hit():
    assert samples_to_settle(2.0, Bounds(2.0, 1.0, 3.0, 100)) is None


def test_where_there_is_no_bound_yet_nobody_can_tell_how_many_would_settle_it():
    assert samples_to_settle(2.0, Bounds(1.0, -math.inf, math.inf, 5)) == math.inf
    assert samples_to_settle(0.5, Bounds(1.0, -math.inf, 1.5, 5)) == math.inf
    assert samples_to_settle(2.0, Bounds(1.0, -math.inf, 3.0, 5)) == 20


def test_the_wider_of_two_counts_on_each_side():
    assert wider(Bounds(2.0, 1.0, 3.0, 9), 0.5, 2.5) == Bounds(2.0, 0.5, 3.0, 9)


wild_int = st.one_of(st.integers(-5, 200_000), st.sampled_from([0, 2**53, 2**64, 10**400]))
wild_numbers = st.lists(st.one_of(wild_int, st.sampled_from([math.nan, math.inf])), max_size=4).map(tuple)
wild_histogram = st.one_of(st.builds(Histogram, wild_numbers, wild_numbers), st.just(STEADY[0]))
wild_block = st.builds(Block, st.floats(), wild_int, wild_int, wild_histogram)
wild_blocks = st.builds(
    Blocks, st.sampled_from([None, ECHO]), st.floats(), st.lists(wild_block, max_size=14).map(tuple)
)


@given(st.lists(wild_blocks, max_size=3).map(tuple), st.sampled_from(["p95", "error_rate"]))
def test_whatever_the_blocks_hold_there_is_an_answer_and_never_a_narrower_one(blocks, key):
    goal = Objective(key, below(0.9, Unit.SECONDS if key == "p95" else Unit.SHARE))
    one = scenario(STEADY, goal)
    alone, found = the(key, replace(one, blocks=())), the(key, replace(one, blocks=blocks))
    assert found.result is Result.INVALID or (found.low <= alone.low and found.high >= alone.high)
