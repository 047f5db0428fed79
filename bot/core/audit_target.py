"""The target against the ledger: each promotion begins where the last one ended, or somebody else moved it (I4)."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from bot.core.differences import Difference, Kind
from bot.core.promotion import LedgerEntry
from bot.core.text import plain
from bot.core.trail import Gap, Relation

# Where the target should have been, and where it was.
Break: TypeAlias = tuple[str, str]

_NAMED: Final = 5


def breaks(entries: Sequence[LedgerEntry], tip: str) -> tuple[Break, ...]:
    """Every place where somebody else moved the target, oldest first; before the ledger it was anybody's to move."""
    begun = [(before.sha, after.base) for before, after in pairwise(entries)]
    ended = [(entries[-1].sha, tip)] if entries else []
    return tuple((older, newer) for older, newer in (*begun, *ended) if older != newer)


def target_differences(
    tip: str, entries: Sequence[LedgerEntry], branch: str, gaps: Mapping[Break, Gap]
) -> Iterator[Difference]:
    """Each break with the commits that came in by it, where it was looked into."""
    for before, after in pairwise(entries):
        if before.sha != after.base:
            where = f"Between {_name(before)} and {_name(after)}"
            yield _difference(branch, where, (before.sha, after.base), gaps)
    if entries and entries[-1].sha != tip:
        yield _difference(branch, f"Since {_name(entries[-1])}", (entries[-1].sha, tip), gaps)


def _difference(branch: str, where: str, moved: Break, gaps: Mapping[Break, Gap]) -> Difference:
    older, newer = moved
    gap = gaps.get(moved)
    words = f"{where} somebody else moved {plain(branch)} from {older[:12]} to {newer[:12]}"
    match gap:
        case Gap(relation=Relation.BEHIND):
            return Difference(Kind.TARGET_REWOUND, newer[:12], f"{words}, which is further back.")
        case Gap(relation=Relation.APART):
            return Difference(Kind.TARGET_REWOUND, newer[:12], f"{words}, which does not contain it{_came(gap)}.")
        case _:
            return Difference(Kind.TARGET_MOVED, newer[:12], f"{words}{_came(gap) if gap else ''}.")


def _came(gap: Gap) -> str:
    """The commits that came in: how many, and the newest of them with their authors."""
    if not gap.commits:
        return ""
    named = ", ".join(
        f"{commit.sha[:12]} by {plain(commit.author_name, 40) or 'nobody'} ({plain(commit.subject, 60)})"
        for commit in gap.commits[:_NAMED]
    )
    more = gap.count - len(gap.commits[:_NAMED])
    return f": {named}" + (f" and {more} more" if more > 0 else "")


def _name(entry: LedgerEntry) -> str:
    return plain(entry.tag or entry.run_id)
