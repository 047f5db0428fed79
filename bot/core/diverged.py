"""The diverged state: a hotfix or a rollback went to the target alone, and the source still lacks it (pure).

It is read from the ledger and the branches, kept nowhere: it begins with a release by `--main-only` and ends with the
merge that brings the target back into the source, whoever makes it.
"""

from collections.abc import Iterable
from typing import Final

from bot.core.candidate import BranchFacts
from bot.core.promotion import LedgerEntry
from bot.core.record import RunKind
from bot.core.text import plain

_KINDS: Final = frozenset({RunKind.HOTFIX.value, RunKind.ROLLBACK.value})


def diverged(facts: BranchFacts, entries: Iterable[LedgerEntry]) -> LedgerEntry | None:
    """The latest hotfix or rollback that the target has and the source lacks; None where there is none.

    `entries` are those of the ledger, oldest first. Commits that people pushed onto the target are not meant here.
    """
    if facts.target_is_ancestor:
        return None
    alone = {facts.target_sha, *(commit.sha for commit in facts.only_on_target)}
    ours = (entry for entry in entries if entry.kind in _KINDS and entry.sha in alone)
    return max(ours, key=lambda entry: entry.at, default=None)


def diverged_sentence(facts: BranchFacts, entry: LedgerEntry) -> str:
    """Which release made the branches diverge, by whom and when."""
    named = f"{entry.kind} {plain(entry.tag) or entry.sha[:12]}"
    told = f"{entry.sha[:12]}, by {plain(entry.actor)} at {plain(entry.at)}"
    return f"{facts.target} and {facts.source} have diverged: {facts.source} lacks the {named} ({told})."
