"""How a push that the remote took in part is completed: what is still to be sent, and on which ledger (pure).

A server that dies in the middle of a push may keep some of its refs. Whoever finds that sends the others, with the same
objects and leases; only a ledger that grew meanwhile gets its commit anew, on top of what it holds now, with the very
same entry. What cannot be completed any more is said and left as it is, so that it blocks nothing.
"""

from dataclasses import dataclass, replace

from bot.core.promotion import LedgerEntry, Move, Prepared, PushPlan, ReadBack, Way
from bot.core.settle import Lack, is_there, lack, moves_of
from bot.core.text import plain


@dataclass(frozen=True, slots=True)
class LedgerNow:
    """The ledger as fetched: its full id, whether it grew from where the plan found it, and its entries."""

    tip: str | None
    has_grown: bool
    entries: tuple[LedgerEntry, ...]


@dataclass(frozen=True, slots=True)
class Stuck:
    """Why what the remote holds of a push stays as it is, as a sentence."""

    sentence: str


def rest_of(prepared: Prepared, seen: ReadBack) -> Prepared:
    """What of it the remote lacks: a ref that is there needs no write, and others may have moved it on since."""
    lacking = lack(prepared, seen)
    return Prepared(
        rest_plan(prepared.plan, lacking),
        prepared.tag_oid if lacking.tag else None,
        prepared.ledger_oid if lacking.ledger else None,
    )


def rest_plan(plan: PushPlan, lacking: Lack) -> PushPlan:
    """The plan cut down to what is lacking."""
    moves = tuple(move for move in plan.moves if move in lacking.moves)
    return replace(
        plan,
        moves=moves,
        tag=plan.tag if lacking.tag else None,
        entry=plan.entry if lacking.ledger else None,
        controls=plan.controls if lacking.ledger else (),
        commits=plan.commits if moves else (),
    )


def completable(prepared: Prepared, seen: ReadBack, ledger: LedgerNow) -> PushPlan | Stuck:
    """The plan that still completes a push which is begun: without branches that others moved, on the ledger as it is.

    Where the first branch has not moved yet, only the plan as it was will do: what people wrote since may be a no.
    """
    plan, lacking = prepared.plan, lack(prepared, seen)
    lost = _lost(plan, seen)
    is_moved = lacking.ledger and seen.ledger.now != plan.ledger_before
    if lacking.tag and seen.tag_oid is not None:
        return _stuck(plan, "its tag is another one now")
    if plan.moves and not is_there(plan.moves[0], seen.moves[0]) and (lost or is_moved):
        return _stuck(plan, f"{plan.moves[0].ref} never moved")
    kept = replace(plan, moves=tuple(move for move in plan.moves if move not in lost))
    return _on(ledger, kept) if is_moved else kept


def _lost(plan: PushPlan, seen: ReadBack) -> tuple[Move, ...]:
    """The branches that are neither where they were, nor where they go, nor past that: others have moved them."""
    return tuple(move for move, at in moves_of(plan, seen) if at.now != move.before and not is_there(move, at))


def _on(ledger: LedgerNow, plan: PushPlan) -> PushPlan | Stuck:
    """The same entry on the ledger as it is now, unless that says that the very same was released by another run."""
    other = next((entry for entry in ledger.entries if _is_same(entry, plan)), None)
    if other is not None:
        return _stuck(plan, f"run {plain(other.run_id)} released the same")
    if not ledger.has_grown:
        return _stuck(plan, "the ledger was replaced since")
    return replace(plan, ledger_before=ledger.tip)


def _is_same(entry: LedgerEntry, plan: PushPlan) -> bool:
    """Whether an entry speaks of what this plan does: a commit is released once, and may be gone back to often."""
    ours = plan.entry
    if ours is None or entry.sha != ours.sha:
        return False
    return entry.base == ours.base or plan.moves[0].way is Way.FORWARD


def _stuck(plan: PushPlan, why: str) -> Stuck:
    return Stuck(f"{plan.subject!r} was cut off, and {why}: what the remote holds of it stays as it is.")
