"""Faults of a load that several processes send together."""

from typing import Final

from bot.core.verdict import Result
from bot.selftest import injections
from bot.selftest.case import Case, Must

_CAUSE: Final = "workers"

CASES: Final = (
    Case(
        "worker-killed",
        "one of two workers is killed",
        Must(Result.INVALID, _CAUSE, "worker-2 lost"),
        during=injections.kill_worker,
        scenario={"workers": 2, "duration": "6s"},
    ),
    Case(
        "workers-killed",
        "all workers are killed",
        Must(Result.INVALID, _CAUSE, "worker-1 lost"),
        during=injections.kill_workers,
        scenario={"workers": 2, "duration": "6s"},
    ),
    Case(
        "worker-frozen",
        "one of two workers stands still",
        Must(Result.INVALID, _CAUSE, "worker-1 lost"),
        during=injections.freeze_worker,
        scenario={"workers": 2, "duration": "8s"},
    ),
    Case(
        "worker-clock",
        "the clock of one of two workers is 5 s ahead",
        Must(Result.INVALID, _CAUSE, "skew"),
        scenario={"workers": 2, "locustfile": "loadtests/drills/clock.py", "options": {"ahead": 5, "once": True}},
    ),
)
