"""Faults of the proof: what staging says of the commit that it runs."""

from typing import Final

from bot.core.verdict import Result
from bot.selftest import injections
from bot.selftest.case import Case, Must
from bot.selftest.scene import OTHER_SHA, SHA

_CAUSE: Final = "deployment"

CASES: Final = (
    Case(
        "stale-commit",
        "staging runs another commit",
        Must(Result.INVALID, _CAUSE, "before the load that it ran"),
        service={"sha": OTHER_SHA},
    ),
    Case(
        "commit-change",
        "staging changes to another commit midway",
        Must(Result.INVALID, _CAUSE, "the load that it ran both it and"),
        during=injections.control(sha=OTHER_SHA),
    ),
    Case(
        "mixed-replicas",
        "every second answer comes from another commit",
        Must(Result.INVALID, _CAUSE, "different commits within one moment"),
        service={"sha": SHA, "other_sha": OTHER_SHA},
    ),
    Case(
        "silent-version",
        "from midway on nothing says which commit runs",
        Must(Result.INVALID, _CAUSE, "nothing proves which commit staging ran after the load"),
        during=injections.control(version_status=503),
    ),
)
