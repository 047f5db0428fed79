"""What was taken back from the target: no baseline learns from it, and a later release that has it again says so."""

from typing import Final

from bot.core.candidate import Commit
from bot.core.control import Standing
from bot.core.merges import is_merge
from bot.core.promotion import LedgerEntry
from bot.core.quarantine import examine_quarantine
from bot.core.releases import is_rollback, restored_at, restoring_commits, rolled_back
from bot.flows import ports
from bot.flows.line import standing_now
from bot.flows.quarantined import Quarantines

# No baseline looks further back; each is asked about every standing quarantine.
_RECENT: Final = 100


def releases_taken_back(repository: ports.Repository, clock: ports.Clock) -> frozenset[str]:
    """The commits (full ids) of the releases that were taken back, as the ledger and its controls say."""
    entries = repository.ledger()
    return rolled_back(entries) | _quarantined(repository, standing_now(repository, clock), entries)


def new_commits(repository: ports.Repository, base: str, tip: str) -> tuple[Commit, ...]:
    """What a promotion of that tip would bring to the base, newest first.

    Where a rollback made the base, what it took back is behind it in history although its content is not there; a tip
    that kept its own content brings all of that again.
    """
    commits, entries = repository.commits(base, tip), repository.ledger()
    restored = restored_at(entries, base)
    if restored is None or not any(_keeps_its_content(repository, one, base) for one in commits):
        return commits
    ours = restoring_commits(entries)
    return tuple(one for one in repository.commits(restored, tip) if one.sha not in ours)


def _keeps_its_content(repository: ports.Repository, commit: Commit, base: str) -> bool:
    """Whether that commit merged the base and took nothing of it."""
    if not is_merge(commit) or base not in commit.parents[1:]:
        return False
    return repository.tree_of(commit.sha) == repository.tree_of(commit.parents[0])


def _quarantined(repository: ports.Repository, now: Standing, entries: tuple[LedgerEntry, ...]) -> frozenset[str]:
    if not now.quarantined:
        return frozenset()
    # A release that left every branch, by a rewind, may be gone from the cache; that was a rollback anyway.
    shas = {entry.sha for entry in entries[-_RECENT:] if not is_rollback(entry)}
    known = (sha for sha in shas if repository.resolve(sha) is not None)
    quarantines = Quarantines(repository, now)
    return frozenset(sha for sha in known if examine_quarantine(sha, quarantines.at(sha)))
