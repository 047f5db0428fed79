"""What a push came to, decided from what the remote holds afterwards (invariants I10 and I11)."""

from dataclasses import dataclass
from typing import Final

from bot.core.gate import Refusal
from bot.core.promotion import Move, Prepared, Promotion, PushOutcome, PushPlan, PushReport, ReadBack, Seen
from bot.core.reasons import Reason


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Neither done nor refused: the remote shows nothing or a part; sending the same push again is safe and heals."""

    reason: Reason
    sentence: str


_REFUSED: Final = {
    PushOutcome.TARGET_MOVED: Reason.TARGET_MOVED,
    PushOutcome.SOURCE_MOVED: Reason.SOURCE_MOVED,
    PushOutcome.LEDGER_MOVED: Reason.LEDGER_MOVED,
    PushOutcome.TAG_EXISTS: Reason.TAG_EXISTS,
    PushOutcome.REJECTED: Reason.PUSH_REJECTED,
    PushOutcome.NO_ATOMIC: Reason.NO_ATOMIC_PUSH,
}


def is_landed(prepared: Prepared, seen: ReadBack) -> bool:
    """Whether every branch, tag object, tagged commit and ledger all are, or have moved on from, what was prepared."""
    return not _missing(prepared, seen)


def is_begun(prepared: Prepared, seen: ReadBack) -> bool:
    """Whether the remote holds any part of it, so that sending the rest completes it."""
    return any(_is_there(move, at) for move, at in _moves(prepared, seen)) or _holds_ours(prepared, seen)


def settle(prepared: Prepared, report: PushReport, seen: ReadBack) -> Promotion | Refusal | Unsettled:
    """Landed only when all of it was read back; refused only when none of it is there; unsettled otherwise."""
    missing = _missing(prepared, seen)
    if not missing:
        return _promotion(prepared)
    if _holds_ours(prepared, seen):
        return Unsettled(Reason.READ_BACK_FAILED, f"The remote holds a part of the push; {_words(missing)} lacking.")
    return _refusal(prepared.plan, report, seen) or _nothing_there(report)


def _moves(prepared: Prepared, seen: ReadBack) -> tuple[tuple[Move, Seen], ...]:
    return tuple(zip(prepared.plan.moves, seen.moves, strict=True))


def _is_there(move: Move, at: Seen) -> bool:
    return at.now == move.after or at.past


def _missing(prepared: Prepared, seen: ReadBack) -> tuple[str, ...]:
    plan, tag = prepared.plan, prepared.plan.tag
    held = {move.ref: _is_there(move, at) for move, at in _moves(prepared, seen)}
    if tag is not None:
        held[f"tag {tag.name}"] = seen.tag_oid == prepared.tag_oid and seen.tag_commit == tag.target
    if plan.has_ledger:
        held["the ledger entry"] = seen.ledger.now == prepared.ledger_oid or seen.ledger.past
    return tuple(name for name, is_held in held.items() if not is_held)


def _promotion(prepared: Prepared) -> Promotion:
    first, *others = prepared.plan.moves or (Move("", "", ""),)
    return Promotion(
        tag=prepared.plan.tag.name if prepared.plan.tag else "",
        tag_oid=prepared.tag_oid or "",
        ledger_oid=prepared.ledger_oid or "",
        target_before=first.before,
        target_after=first.after,
        others=tuple(others),
    )


def _holds_ours(prepared: Prepared, seen: ReadBack) -> bool:
    # Only this run could have made the tag object, the ledger commit and commits of its own; anybody could have moved
    # a branch to a commit that everybody knows.
    plan, made = prepared.plan, {commit.sha for commit in prepared.plan.commits}
    return (
        (plan.tag is not None and seen.tag_oid == prepared.tag_oid)
        or (plan.has_ledger and (seen.ledger.now == prepared.ledger_oid or seen.ledger.past))
        or any(move.after in made and _is_there(move, at) for move, at in _moves(prepared, seen))
    )


def _words(missing: tuple[str, ...]) -> str:
    return f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'}"


def _refusal(plan: PushPlan, report: PushReport, seen: ReadBack) -> Refusal | None:
    for number, (move, at) in enumerate(zip(plan.moves, seen.moves, strict=True)):
        if at.now not in (move.before, move.after):
            return Refusal(
                Reason.SOURCE_MOVED if number else Reason.TARGET_MOVED,
                f"{move.ref} was {move.before[:12]} when the run began and is {_short(at.now)} now.",
            )
    if plan.has_ledger and seen.ledger.now != plan.ledger_before:
        return Refusal(
            Reason.LEDGER_MOVED,
            f"The ledger was {_short(plan.ledger_before)} when the run began and is {_short(seen.ledger.now)} now.",
        )
    if plan.tag is not None and seen.tag_oid is not None:
        return Refusal(Reason.TAG_EXISTS, f"Tag {plan.tag.name} already exists as {seen.tag_oid[:12]}.")
    reason = _REFUSED.get(report.outcome)
    return None if reason is None else Refusal(reason, _refused_sentence(report))


def _short(sha: str | None) -> str:
    return "absent" if sha is None else sha[:12]


def _refused_sentence(report: PushReport) -> str:
    return f"The push was refused: {report.detail or report.outcome.value}"


def _nothing_there(report: PushReport) -> Unsettled:
    if report.outcome is PushOutcome.LANDED:
        return Unsettled(Reason.READ_BACK_FAILED, "git reported success, but the remote holds nothing of it.")
    said = f" git said: {report.detail}" if report.detail else ""
    return Unsettled(
        Reason.PUSH_UNKNOWN, f"The push ended without an answer, and the remote holds nothing of it.{said}"
    )
