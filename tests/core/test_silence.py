from dataclasses import replace

import pytest
from support.evidence import closed, endpoint, histogram_of, load

from bot.core.evidence import Histogram, Second
from bot.core.silence import standstill
from bot.core.validity import judge_requests
from bot.core.verdict import Result


def seconds(answered, duration=120):
    """A timeline with answers in those seconds only."""
    return tuple(
        Second(float(at + 1), 10, 10, 10 if at in answered else 0, 0, 0, None, None, None) for at in range(duration)
    )


def run(answered, latencies, **changes):
    times = histogram_of(latencies)
    whole = replace(endpoint(total=times.total), response=Histogram(), service=times)
    return closed(timeline=seconds(answered), endpoints=(whole,), **changes)


FROZEN = {*range(40), *range(80, 120)}


def test_a_service_that_stood_still_fails_and_says_when():
    finding = judge_requests(run(FROZEN, [0.01] * 8000 + [40.0] * 200))
    assert finding.result is Result.FAIL
    assert "nothing was answered from 40 s to 80 s of the window, while 200 requests waited" in finding.words


def test_a_freeze_until_the_end_is_seen():
    assert standstill(run(set(range(20)), [0.01] * 4000 + [104.0] * 200)) == (20.0, 120.0, 200)


@pytest.mark.parametrize(
    ("answered", "latencies"),
    [
        ({0, 59, 119}, [0.01] * 600),  # users that think for a minute, all at once
        (set(range(0, 120, 30)), [30.0] * 800),  # a service that always takes half a minute
        (set(range(120)), [0.01] * 8000 + [40.0] * 200),  # slow requests beside others that are answered
        ({*range(40), *range(60, 120)}, [0.01] * 8000 + [20.0] * 200),  # shorter than a fifth of the window
    ],
)
def test_healthy_runs_are_left_alone(answered, latencies):
    assert standstill(run(answered, latencies)) is None


def test_the_open_model_counts_its_arrivals_instead():
    assert standstill(load(timeline=seconds(FROZEN))) is None
