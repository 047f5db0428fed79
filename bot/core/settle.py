"""What a push came to, decided from what the remote holds afterwards (invariants I10 and I11)."""

from dataclasses import dataclass
from typing import Final

from bot.core.gate import Refusal
from bot.core.promotion import Move, Prepared, Promotion, PushOutcome, PushPlan, PushReport, ReadBack, Seen, Way
from bot.core.reasons import Reason


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Neither done nor refused for good: the remote shows nothing or a part; the same push again is safe and heals."""

    reason: Reason
    sentence: str


_REFUSED: Final = {
    PushOutcome.TARGET_MOVED: Reason.TARGET_MOVED,
    PushOutcome.SOURCE_MOVED: Reason.SOURCE_MOVED,
    PushOutcome.LEDGER_MOVED: Reason.LEDGER_MOVED,
    PushOutcome.TAG_EXISTS: Reason.TAG_EXISTS,
    PushOutcome.POLICY: Reason.PUSH_POLICY,
    PushOutcome.REJECTED: Reason.PUSH_REJECTED,
    PushOutcome.UNAUTHENTICATED: Reason.BAD_CREDENTIALS,
    PushOutcome.SERVER_FAILED: Reason.REMOTE_FAILED,
    PushOutcome.NO_ATOMIC: Reason.NO_ATOMIC_PUSH,
    PushOutcome.UNFIT: Reason.TRANSPORT_UNFIT,
}
# A clear no that may be a yes in a while.
_NOT_YET: Final = {
    PushOutcome.PROTECTED: Reason.PUSH_PROTECTED,
    PushOutcome.LOCKED: Reason.REMOTE_FAILED,
}


def is_begun(prepared: Prepared, seen: ReadBack) -> bool:
    """Whether the remote holds any part of it, so that sending the rest completes it."""
    return any(_is_there(move, at) for move, at in _moves(prepared, seen)) or _holds_ours(prepared, seen)


def settle(prepared: Prepared, report: PushReport, seen: ReadBack) -> Promotion | Refusal | Unsettled:
    """Landed only when all of it was read back; refused only when none of it is there; unsettled otherwise."""
    missing = _missing(prepared, seen)
    if not missing:
        return _promotion(prepared)
    taken_back = _taken_back(prepared, report, seen, missing)
    if taken_back is not None or _holds_ours(prepared, seen):
        return taken_back or _partly_there(missing, report)
    overtaken = _overtaken(prepared.plan, seen)
    if overtaken is not None:
        return overtaken
    if is_begun(prepared, seen):
        # Be it a half of our own: whatever was heard last, the rest is still to be sent (I8).
        return _partly_there(missing, report)
    return _denied(prepared.plan, report) or _nothing_there(report)


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


def _taken_back(prepared: Prepared, report: PushReport, seen: ReadBack, missing: tuple[str, ...]) -> Unsettled | None:
    """That a branch is not where the push was said to have put it: whoever moved it since must not be overruled (I3).

    Unsettled, because a server may show what it holds a little late: it is looked at again, and never pushed again.
    """
    gone = [f"{move.ref} is {_short(at.now)} now" for move, at in _moves(prepared, seen) if not _is_there(move, at)]
    if report.outcome is not PushOutcome.LANDED or len(gone) < len(missing):
        return None
    sentence = f"The push landed, but {' and '.join(gone)}: somebody took it back since, and that is left as it is."
    return Unsettled(Reason.BRANCH_REWOUND, sentence)


def _partly_there(missing: tuple[str, ...], report: PushReport) -> Unsettled:
    sentence = f"The remote holds a part of the push; {_words(missing)} lacking.{_heard(report)}"
    return Unsettled(Reason.READ_BACK_FAILED, sentence)


def _words(missing: tuple[str, ...]) -> str:
    return f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'}"


def _overtaken(plan: PushPlan, seen: ReadBack) -> Refusal | None:
    """Why it can never land any more: somebody else has written one of its refs."""
    moved = [_moved(move, at, number) for number, (move, at) in enumerate(zip(plan.moves, seen.moves, strict=True))]
    for refusal in (*moved, _ledger_moved(plan, seen)):
        if refusal is not None:
            return refusal
    if plan.tag is not None and seen.tag_oid is not None:
        return Refusal(Reason.TAG_EXISTS, f"Tag {plan.tag.name} already exists as {seen.tag_oid[:12]}.")
    return None


def _denied(plan: PushPlan, report: PushReport) -> Refusal | None:
    """What the server said that it will not have."""
    if report.outcome is PushOutcome.TARGET_MOVED and plan.moves and plan.moves[0].way is Way.REWIND:
        # It is where it was: the server calls a branch that may not go back "non-fast-forward" as well.
        words = "The server lets no branch go back; `promote rollback` without --rewind does not need that."
        return Refusal(Reason.PUSH_REJECTED, f"{words}{_heard(report)}")
    reason = _REFUSED.get(report.outcome)
    return None if reason is None else Refusal(reason, _refused_sentence(report))


def _moved(move: Move, at: Seen, number: int) -> Refusal | None:
    if at.now in (move.before, move.after):
        return None
    began = f"{move.ref} was {move.before[:12]} when the run began and"
    if at.rewound:
        return Refusal(Reason.BRANCH_REWOUND, f"{began} was taken back to {_short(at.now)} since.")
    return Refusal(Reason.SOURCE_MOVED if number else Reason.TARGET_MOVED, f"{began} is {_short(at.now)} now.")


def _ledger_moved(plan: PushPlan, seen: ReadBack) -> Refusal | None:
    if not plan.has_ledger or seen.ledger.now == plan.ledger_before:
        return None
    began = f"The ledger was {_short(plan.ledger_before)} when the run began and"
    if seen.ledger.rewound:
        # It only ever grows (I14): nobody's promotion can have done that.
        return Refusal(Reason.LEDGER_BROKEN, f"{began} was taken back to {_short(seen.ledger.now)} since.")
    return Refusal(Reason.LEDGER_MOVED, f"{began} is {_short(seen.ledger.now)} now.")


def _short(sha: str | None) -> str:
    return "absent" if sha is None else sha[:12]


def _refused_sentence(report: PushReport) -> str:
    return f"The push was refused: {report.detail or report.outcome.value}"


def _heard(report: PushReport) -> str:
    """What whoever carried the push said of it in the end: git and the server behind it, or the host's API."""
    return f" Last heard of it: {report.detail}" if report.detail else ""


def _nothing_there(report: PushReport) -> Unsettled:
    if report.outcome is PushOutcome.LANDED:
        return Unsettled(Reason.READ_BACK_FAILED, "The push was reported as done, but the remote holds nothing of it.")
    if report.outcome in _NOT_YET:
        return Unsettled(_NOT_YET[report.outcome], _refused_sentence(report))
    sentence = f"The push ended without an answer, and the remote holds nothing of it.{_heard(report)}"
    return Unsettled(Reason.PUSH_UNKNOWN, sentence)
