import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.evidence import at_least, at_most, below

from bot.core.bounds import Bounds, exactly, settle
from bot.core.limits import Comparison, Limit, Unit
from bot.core.verdict import Result


def between(low, high, observed=None):
    return Bounds(low if observed is None else observed, low, high, 100)


@pytest.mark.parametrize(
    ("limit", "low", "high", "result"),
    [
        (below(1.5), 1.4, 1.499, Result.PASS),
        (below(1.5), 1.4, 1.5, Result.INCONCLUSIVE),
        (below(1.5), 1.5, 1.6, Result.FAIL),
        (below(1.5), 1.5, 1.5, Result.FAIL),
        (at_most(1.5), 1.4, 1.5, Result.PASS),
        (at_most(1.5), 1.5, 1.6, Result.INCONCLUSIVE),
        (at_most(1.5), 1.501, 1.6, Result.FAIL),
        (below(1.5), 1.4, math.inf, Result.INCONCLUSIVE),
        (below(1.5), 1.6, math.inf, Result.FAIL),
        (at_least(0.99), 0.99, 0.99, Result.PASS),
        (at_least(0.99), 0.98, 0.98, Result.FAIL),
        (at_least(0.99), 0.98, 0.995, Result.INCONCLUSIVE),
        (Limit(Comparison.ABOVE, 0.99, Unit.SHARE, "> 99%"), 0.99, 0.99, Result.FAIL),
    ],
)
def test_the_whole_interval_must_keep_the_limit(limit, low, high, result):
    assert settle(limit, between(low, high)) is result


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_invalid(number):
    assert settle(below(1.5), exactly(number, 5)) is Result.INVALID
    assert settle(below(number), exactly(1.0, 5)) is Result.INVALID


@pytest.mark.parametrize("bound", ["low", "high"])
def test_a_bound_that_is_nan_is_invalid(bound):
    bounds = {"observed": 1.0, "low": 0.9, "high": 1.1, "samples": 5} | {bound: math.nan}
    assert settle(below(1.5), Bounds(**bounds)) is Result.INVALID


finite = st.floats(-1e6, 1e6)


@given(finite, finite, finite, st.floats(0, 1e6))
def test_worse_numbers_never_improve_the_result(limit, a, b, shift):
    low, high = sorted((a, b))
    now = settle(below(limit), between(low, high))
    worse = settle(below(limit), between(low + shift, high + shift))
    assert worse.severity >= now.severity
