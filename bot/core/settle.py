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


@dataclass(frozen=True, slots=True)
class Lack:
    """What the remote does not hold of a push: the branches that are elsewhere, the tag, the ledger's commit."""

    moves: tuple[Move, ...]
    tag: bool
    ledger: bool

    def __bool__(self) -> bool:
        """Whether anything is lacking."""
        return bool(self.moves) or self.tag or self.ledger


def lack(prepared: Prepared, seen: ReadBack) -> Lack:
    """What is lacking of it. A ref that others moved on since, from where it was to be, is not lacking."""
    plan, tag = prepared.plan, prepared.plan.tag
    return Lack(
        moves=tuple(move for move, at in moves_of(plan, seen) if not is_there(move, at)),
        tag=tag is not None and (seen.tag_oid, seen.tag_commit) != (prepared.tag_oid, tag.target),
        ledger=plan.has_ledger and _lacks_ledger(prepared, seen),
    )


def _lacks_ledger(prepared: Prepared, seen: ReadBack) -> bool:
    return seen.ledger.now != prepared.ledger_oid and not seen.ledger.past


def is_there(move: Move, at: Seen) -> bool:
    """Whether a branch is where that move puts it, or was, and others have moved it on since."""
    return at.now == move.after or at.past


def is_begun(prepared: Prepared, seen: ReadBack) -> bool:
    """Whether the remote holds any part of it."""
    return _is_witnessed(prepared, seen) or any(is_there(move, at) for move, at in moves_of(prepared.plan, seen))


def settle(prepared: Prepared, report: PushReport, seen: ReadBack) -> Promotion | Refusal | Unsettled:
    """Landed only when all of it was read back; refused only when none of it is there; unsettled otherwise."""
    lacking = lack(prepared, seen)
    if not lacking:
        return _promotion(prepared)
    if _is_taken_back(prepared, report, seen):
        return _taken_back(prepared.plan, seen, lacking)
    if _is_witnessed(prepared, seen) or _has_made(prepared.plan, lacking):
        return _partly_there(prepared.plan, lacking, report)
    overtaken = _overtaken(prepared.plan, seen)
    if overtaken is not None:
        return overtaken
    if is_begun(prepared, seen):
        # Be it a half of our own: whatever was heard last, the rest is still to be sent (I8).
        return _partly_there(prepared.plan, lacking, report)
    return _denied(prepared.plan, report) or _nothing_there(report)


def moves_of(plan: PushPlan, seen: ReadBack) -> tuple[tuple[Move, Seen], ...]:
    """Each branch that the plan moves, and where it was seen."""
    return tuple(zip(plan.moves, seen.moves, strict=True))


def _promotion(prepared: Prepared) -> Promotion:
    first, *others = prepared.plan.moves or (Move("", "", ""),)
    return Promotion(
        tag=prepared.plan.tag.name if prepared.plan.tag else None,
        tag_oid=prepared.tag_oid,
        ledger_oid=prepared.ledger_oid,
        target_before=first.before,
        target_after=first.after,
        others=tuple(others),
    )


def _is_witnessed(prepared: Prepared, seen: ReadBack) -> bool:
    """Whether the tag object or the ledger's commit is there: only this run could have made them."""
    tagged = prepared.tag_oid is not None and seen.tag_oid == prepared.tag_oid
    return tagged or (prepared.plan.has_ledger and not _lacks_ledger(prepared, seen))


def _has_made(plan: PushPlan, lacking: Lack) -> bool:
    """Whether a branch is at a commit that only this run could have made; anybody can move one to a known commit."""
    made = {commit.sha for commit in plan.commits}
    return any(move.after in made and move not in lacking.moves for move in plan.moves)


def _is_taken_back(prepared: Prepared, report: PushReport, seen: ReadBack) -> bool:
    """Whether a branch was where the push puts it and was moved since; that must not be overruled (I3).

    Servers write what a push brings in the order of the refs that they have, and new ones last: branches, then the
    ledger, then the tag (measured with git; a host's API is asked in that order). So tag or ledger bear witness that
    every branch was there, whether or not anybody heard that the push had landed.
    """
    lacking = lack(prepared, seen)
    said = report.outcome is PushOutcome.LANDED and not (lacking.tag or lacking.ledger)
    return bool(lacking.moves) and (said or _is_witnessed(prepared, seen))


def _taken_back(plan: PushPlan, seen: ReadBack, lacking: Lack) -> Unsettled:
    """Unsettled, because a server may show what it holds a little late: looked at again, and never pushed again."""
    gone = [f"{move.ref} is {_short(at.now)} now" for move, at in moves_of(plan, seen) if move in lacking.moves]
    sentence = f"The push landed, but {' and '.join(gone)}: somebody took it back since, and that is left as it is."
    return Unsettled(Reason.BRANCH_REWOUND, sentence)


def _partly_there(plan: PushPlan, lacking: Lack, report: PushReport) -> Unsettled:
    tag = [f"tag {plan.tag.name}"] if plan.tag and lacking.tag else []
    names = [*(move.ref for move in lacking.moves), *tag, *(["the ledger entry"] if lacking.ledger else [])]
    words = f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} lacking."
    return Unsettled(Reason.READ_BACK_FAILED, f"The remote holds a part of the push; {words}{_heard(report)}")


def _overtaken(plan: PushPlan, seen: ReadBack) -> Refusal | None:
    """Why it can never land any more: somebody else has written one of its refs."""
    moved = [_moved(move, at, number) for number, (move, at) in enumerate(moves_of(plan, seen))]
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
