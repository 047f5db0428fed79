"""What is said on the host of a repository and when, by the kind of a run and its end; the words are a renderer's.

- **Status**: of runs that measure a candidate which the host already has, so of promotions and hotfixes. It is success
  only where a verdict says so: a hotfix that nobody tested gets an error, and its release all the same. A rollback's
  commit is new and was not measured as such: its release speaks for it.
- **Deployment, release**: whatever moved the target; a rewind has no tag of its own, so it has no release.
- **Blocked**: where a promotion, nightly or by hand, cannot go on until a person does something about the branches: a
  verdict, a check, a history that does not fit, a server that does not take it, a ledger that cannot be trusted. Not: a
  freeze (somebody meant it), a lost race (the next run tries again), a broken machine (it says nothing about the
  branch; the status and the exit code do).
- **Unblocked**: by the next promotion, or where source and target are one commit, so that nothing waits. A hotfix or a
  rollback mends nothing of what blocks the source.
- Gates, dry runs, back-merges and nights without a candidate say nothing.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from bot.core.blocking import JUDGED, blocks
from bot.core.hosting import CheckState, Light
from bot.core.loadplan import OBJECTIVES
from bot.core.quoting import quote
from bot.core.reasons import Reason
from bot.core.record import Outcome, RunKind, RunRecord
from bot.core.verdict import Check, Result, Verdict


class Said(StrEnum):
    """The sorts of announcements, in the order in which they are made."""

    STATUS = "status"
    DEPLOYMENT = "deployment"
    RELEASE = "release"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"


_MEASURING: Final = frozenset({RunKind.PROMOTION, RunKind.HOTFIX})
_RELEASING: Final = frozenset({RunKind.PROMOTION, RunKind.HOTFIX, RunKind.ROLLBACK})
_SILENT: Final = frozenset({Outcome.UP_TO_DATE, Outcome.DRY_RUN, Outcome.PASSED})
_LIGHTS: Final = {Result.PASS: Light.SUCCESS, Result.FAIL: Light.FAILURE}


def at_start(record: RunRecord) -> tuple[Said, ...]:
    """What is said once the candidate is known; the outcome on record is not looked at, the run has none yet."""
    is_told = record.kind in _MEASURING and record.candidate is not None and record.plan is not None
    return (Said.STATUS,) if is_told else ()


def after_verdict(record: RunRecord) -> tuple[Said, ...]:
    """What is said before the push; nothing where there is no verdict: what nobody measured is no success."""
    return at_start(record) if record.verdict is not None else ()


def at_end(record: RunRecord) -> tuple[Said, ...]:
    """What is said once the run has ended."""
    return tuple(_at_end(record))


def _at_end(record: RunRecord) -> Iterator[Said]:
    if record.kind in _MEASURING and record.candidate is not None and record.outcome not in _SILENT:
        yield Said.STATUS
    if record.kind in _RELEASING and record.outcome is Outcome.PROMOTED and record.promotion is not None:
        yield Said.DEPLOYMENT
        if record.tag:
            yield Said.RELEASE
    if is_blocked(record):
        yield Said.BLOCKED
    elif is_unblocked(record):
        yield Said.UNBLOCKED


def is_blocked(record: RunRecord) -> bool:
    """Whether that run leaves its target blocked until a person does something."""
    if record.kind is not RunKind.PROMOTION:
        return False
    return blocks(record.outcome, record.reason_code)


def is_unblocked(record: RunRecord) -> bool:
    """Whether nothing waits for that target any more."""
    if record.kind is not RunKind.PROMOTION:
        return False
    return record.outcome is Outcome.PROMOTED or record.reason_code == Reason.UP_TO_DATE.code


def light_of(verdict: Verdict | None) -> Light:
    """What a verdict shows; the lack of one is an error, never a success (invariant I15)."""
    return Light.ERROR if verdict is None else _LIGHTS.get(verdict.result, Light.ERROR)


def light_at_end(record: RunRecord) -> Light:
    """What the status of an ended run shows: success only where it was promoted on a verdict that passed."""
    if record.outcome is Outcome.PROMOTED:
        light = light_of(record.verdict)
        return light if light is Light.SUCCESS else Light.ERROR
    return Light.FAILURE if record.outcome is Outcome.BLOCKED else Light.ERROR


# --- what blocks it

_LONGEST: Final = 200
_NAME: Final = 60
_RULES: Final = re.compile("-{2,}")
_CAUSE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.,:;?+-]*").fullmatch


def cause(record: RunRecord) -> str:
    """What blocks that run's target: `slo-failed: load-1k p95, soak memory_growth`; the same words for the same cause.

    It names the reason and the objectives (or the required checks), in order of their names and without endpoints,
    numbers or commits: a night that fails as the last one did has the cause of the last one. Made of letters, digits
    and ` _.,:;?+-`, at most 200 characters, and without `--`: it may stand in an HTML comment.
    """
    named = sorted(set(_named(record)))
    whole = _harmless(record.reason_code, ", ".join(named))
    if len(whole) <= _LONGEST:
        return whole
    # What is cut off may be all that changed.
    digest = hashlib.sha256(whole.encode()).hexdigest()[:8]
    return f"{whole[: _LONGEST - 20].rstrip(' ,')} and more {digest}"


def caused_anew(before: str, comment: str) -> str:
    """The comment on a change of cause, with what the cause was; `before` is read from a page that people can edit.

    What is no cause of ours is left out.
    """
    known = len(before) <= _LONGEST and _CAUSE(before) is not None
    return f"Until now it was blocked by `{before}`.\n\n{comment}" if known else comment


def _harmless(code: str, names: str) -> str:
    shown = quote(code, _NAME) or "unknown"
    return _RULES.sub("-", f"{shown}: {names}" if names else shown)


def _named(record: RunRecord) -> Iterator[str]:
    if record.reason_code in (Reason.CHECKS_FAILED.code, Reason.CHECKS_PENDING.code):
        missed = (check for check in record.required_checks if check.state is not CheckState.SUCCESS)
        yield from (quote(check.name, _NAME) for check in missed)
    elif record.outcome in JUDGED and record.verdict is not None:
        for check in _causing(record.verdict.checks, record.verdict.result):
            yield f"{quote(check.scenario, _NAME)} {quote(check.objective, _NAME)}"


def _causing(checks: Iterable[Check], result: Result) -> list[Check]:
    """The checks of the verdict's result; a condition of the measurement spoils the objectives that depend on it."""
    found = [check for check in checks if check.result is result]
    return [check for check in found if check.objective not in OBJECTIVES] or found
