import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.behaviour import Behaviour, falls_on


@given(st.floats(0, 1), st.integers(1, 2000))
def test_a_share_falls_evenly_on_the_requests(share, requests):
    hits = sum(falls_on(share, number) for number in range(1, requests + 1))
    assert abs(hits - share * requests) < 1.001


def test_the_same_requests_are_hit_every_time():
    assert [number for number in range(1, 13) if falls_on(0.25, number)] == [4, 8, 12]


@given(st.integers(1, 10_000))
def test_pauses_stay_between_the_delay_and_the_delay_with_jitter(number):
    assert 0.010 <= Behaviour(delay_ms=10, jitter_ms=5).pause(number) <= 0.015


def test_a_tail_takes_longer_for_its_share_only():
    slow = Behaviour(delay_ms=1, tail_rate=0.1, tail_ms=100)
    assert [round(slow.pause(number), 3) for number in range(1, 12)] == [0.001] * 9 + [0.101, 0.001]


def test_everything_wrong_is_named_at_once():
    wrong = {"error_rate": 2, "delay_ms": True, "leak_bytes": 1.5, "sha": "main", "colour": "red", "redirect_to": 7}
    with pytest.raises(ValueError, match=r"error_rate.*delay_ms.*leak_bytes.*sha.*colour: unknown.*redirect_to"):
        Behaviour().changed(wrong)
    with pytest.raises(ValueError, match="redirect_to"):
        Behaviour().changed({"redirect_to": "/x\r\nSet-Cookie: a"})


def test_lognormal_waits_have_the_median_and_the_spread_that_were_asked_for():
    behaviour = Behaviour(lognormal_ms=5.0, lognormal_sigma=0.5)
    waits = sorted(behaviour.pause(number) * 1000 for number in range(1, 20_001))
    for share, score in ((0.5, 0.0), (0.95, 1.6449), (0.99, 2.3263)):
        assert waits[int(share * len(waits))] == pytest.approx(5.0 * math.exp(0.5 * score), rel=0.01)


def test_two_peaks_are_as_high_as_their_shares():
    behaviour = Behaviour(delay_ms=5.0, tail_rate=0.03, tail_ms=60.0)
    waits = [behaviour.pause(number) for number in range(1, 1001)]
    assert (waits.count(0.005), waits.count(0.065)) == (970, 30)
