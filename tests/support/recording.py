"""Drives the recorder and its files as a load process does, without the load."""

import random
from pathlib import Path

from loadtests.interval import Interval, Pacing, Phase
from loadtests.outputs import FileSink
from loadtests.plan import plan_of
from loadtests.recorder import Recorder

T0 = 1_700_000_000.0


def drive(stem: Path, *, intervals: int, each: int, endpoints: int = 1, distinct: int = 1000) -> tuple[Path, Path]:
    """Record `each` requests in every one of so many seconds; returns both files.

    Their times are lognormal, of so many `distinct` values: how full a histogram is does not depend on `each` then.
    """
    given = {"base_url": "http://127.0.0.1:1", "allow_hosts": [], "locustfile": "/x.py", "options": {}, "rate": each}
    given |= {"users": 5, "warmup": 0, "duration": intervals, "startup": 1, "drain": 1, "parent": None}
    sink, recorder = FileSink(plan_of(given, stem)), Recorder(Pacing.OPEN)
    sink.start(T0)
    chance = random.Random(1)
    some = [int(chance.lognormvariate(8.5, 0.5)) for _ in range(distinct)]
    times = [some[number % distinct] for number in range(each)]
    names = [f"/{number % endpoints}" for number in range(each)]
    for second in range(intervals):
        for service, name in zip(times, names, strict=True):
            recorder.fell_due(measured=True)
            recorder.began(90, measured=True)
            recorder.request("POST", name, service + 90, service, None, measured=True)
        interval = Interval(Phase.MEASURED, second, second + 1.0, T0 + second + 1)
        sink.interval(recorder.take(interval, 0, _go_on), _go_on)
    return stem.with_name(stem.name + ".hlog"), stem.with_name(stem.name + ".ndjson")


def _go_on() -> None:
    """Nothing else wants to run."""
