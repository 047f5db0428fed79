"""Measuring again: when a measurement may be repeated, and what is kept of one that was (invariant I16)."""

from dataclasses import replace
from typing import Final

from bot.core.record import Attempt
from bot.core.verdict import Result, Verdict, decisive

# Neither says anything of the candidate: too little was seen, or nothing that can be believed.
_REPEATABLE: Final = frozenset({Result.INCONCLUSIVE, Result.INVALID})


def may_repeat(result: Result, number: int, retry: int) -> bool:
    """Whether attempt `number` (from 1) with that result may be followed by another one: never after FAIL or PASS."""
    return result in _REPEATABLE and number <= retry


def made(number: int, started_at: str, verdict: Verdict) -> Attempt:
    """The attempt that came to that verdict; its files are the run's own as long as no other one follows."""
    reason = "" if verdict.result is Result.PASS else decisive(verdict).reason
    return Attempt(number, started_at, verdict.result.value, reason, verdict.evidence_sha256)


def kept(attempt: Attempt, verdict: Verdict) -> Attempt:
    """The same attempt once another one follows: with its checks, and with the folder that its files move to."""
    return replace(attempt, folder=f"attempt-{attempt.number}", checks=verdict.checks)
