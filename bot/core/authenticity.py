"""Whether what is judged again is what was judged: evidence that anybody changed since proves nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.core.evidence import SCHEMA
from bot.core.finding import invalid, validity_check
from bot.core.record import RunRecord
from bot.core.verdict import Check, Result, Verdict, worst

EVIDENCE: Final = "evidence"
_WHOLE_RUN: Final = "run"
_NOT_JUDGED: Final = "this is not the evidence that was judged"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why what is judged again cannot be held against what was judged: in short, and in full."""

    short: str
    words: str


def altered(troubles: Sequence[str]) -> Doubt:
    """Somebody changed the evidence since; `troubles` name in what."""
    return Doubt(_NOT_JUDGED, f"{_NOT_JUDGED}: {'; '.join(troubles)}")


def other_version(schema: int) -> Doubt:
    """Another version of the bot judged it: its evidence has a schema that this one knows by name only."""
    age = "an older" if schema < SCHEMA else "a newer"
    short = f"it was judged by {age} version (evidence {schema}, this one reads {SCHEMA})"
    return Doubt(short, f"{short}, so what was judged cannot be repeated")


def disorder(record: RunRecord) -> str | None:
    """What keeps a stored run from being judged again: its plan and its evidence must speak of the same scenarios."""
    if record.plan is None or record.evidence is None or record.verdict is None:
        return "it has no plan, no evidence or no verdict"
    planned = [each.name for each in record.plan.scenarios]
    measured = [each.plan.name for each in record.evidence.scenarios]
    if not planned:
        return "it has no scenario"
    if len(set(planned)) != len(planned):
        return "it plans a scenario more than once"
    return None if planned == measured else "its plan and its evidence speak of different scenarios"


def disowned(verdict: Verdict, doubt: Doubt) -> Verdict:
    """The verdict on evidence that is not what was judged: INVALID first of all, and nothing else stands."""
    cause = validity_check(_WHOLE_RUN, EVIDENCE, "as judged", invalid(doubt.words))
    checks = (cause, *(_void(check, doubt.short) for check in verdict.checks))
    return replace(verdict, result=worst(checks), checks=checks)


def _void(check: Check, why: str) -> Check:
    if check.result is Result.INVALID:
        return check
    reason = f"{check.reason.removesuffix('.')}, but that proves nothing: {why}."
    return replace(check, result=Result.INVALID, reason=reason)
