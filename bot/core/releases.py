"""What rollbacks made of the ledger's releases: which of them stand, and which were taken back (pure).

All functions take the ledger's entries oldest first.
"""

from collections.abc import Iterator, Sequence

from bot.core.promotion import LedgerEntry
from bot.core.record import RunKind


def is_rollback(entry: LedgerEntry) -> bool:
    """Whether a ledger entry is that of a rollback."""
    return entry.kind == RunKind.ROLLBACK.value


def restoring_commits(entries: Sequence[LedgerEntry]) -> frozenset[str]:
    """The commits (full ids) that rollbacks wrote; a rewind wrote none, it went back to one of somebody's."""
    return frozenset(entry.sha for entry in entries if is_rollback(entry) and entry.tag)


def earlier(entries: Sequence[LedgerEntry]) -> Iterator[LedgerEntry]:
    """The releases before the last entry, newest first; a rollback leads to what it restored, past what it took."""
    place = len(entries) - 2
    while place >= 0:
        entry = entries[place]
        if is_rollback(entry):
            place = _restored(entries, place)
        else:
            yield entry
            place -= 1


def rolled_back(entries: Sequence[LedgerEntry]) -> frozenset[str]:
    """The releases (full ids) that were taken back and not restored since."""
    taken: set[str] = set()
    for place, entry in enumerate(entries):
        if is_rollback(entry):
            taken = _after(entries, place, taken)
    return frozenset(taken)


def _after(entries: Sequence[LedgerEntry], place: int, taken: set[str]) -> set[str]:
    """What is taken back after the rollback at that place; one to nowhere says nothing about any release."""
    restored = _root(entries, place)
    if restored < 0:
        return taken
    between = {one.sha for one in entries[restored + 1 : place] if not is_rollback(one)}
    return (taken | between) - {entries[restored].sha}


def restored_at(entries: Sequence[LedgerEntry], sha: str) -> str | None:
    """The release (full id) whose content a rollback gave to that commit; None where it is no rollback's."""
    places = [place for place, entry in enumerate(entries) if entry.sha == sha]
    if not places or not is_rollback(entries[places[-1]]):
        return None
    root = _root(entries, places[-1])
    return entries[root].sha if root >= 0 else None


def _restored(entries: Sequence[LedgerEntry], place: int) -> int:
    """The place of the release that the rollback at that place restored; -1 where the ledger does not know it."""
    tag = entries[place].restores
    return next((before for before in range(place - 1, -1, -1) if tag and entries[before].tag == tag), -1)


def _root(entries: Sequence[LedgerEntry], place: int) -> int:
    """The place of the release whose content that rollback brought back, through rollbacks of rollbacks."""
    while place >= 0 and is_rollback(entries[place]):
        place = _restored(entries, place)
    return place
