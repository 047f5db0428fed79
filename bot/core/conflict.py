"""A merge that git cannot make by itself: which files, and who touched them on either side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.candidate import Commit
from bot.core.text import plain

_MOST_FILES: Final = 5
_MOST_COMMITS: Final = 3
_PATH: Final = 80
_NAME: Final = 40


@dataclass(frozen=True, slots=True)
class Side:
    """What one branch did to the files in conflict: its commits that touched them, newest first, at most a few."""

    branch: str
    commits: tuple[Commit, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """The paths that git could not merge, and both sides of it; paths and commits are raw data (invariant I21).

    `way` is how the one was to get to the other.
    """

    paths: tuple[str, ...]
    into: Side
    merged: Side
    way: str = "merged into"


def conflict_sentence(conflict: Conflict) -> str:
    """Which files, and who touched them where: one sentence fit for people, with the first few of each."""
    count = len(conflict.paths)
    files = listed([plain(path, _PATH) for path in conflict.paths])
    sides = "; ".join(_side(side) for side in (conflict.merged, conflict.into))
    sides = sides[:1].upper() + sides[1:]
    named = f"{plain(conflict.merged.branch)} cannot be {conflict.way} {plain(conflict.into.branch)}"
    return f"{named}: {count} {'file is' if count == 1 else 'files are'} in conflict, {files}. {sides}."


def _side(side: Side) -> str:
    named = [f"{commit.sha[:12]} by {plain(commit.author_name, _NAME)}" for commit in side.commits]
    return f"on {plain(side.branch)}: {listed(named, _MOST_COMMITS) or 'no commit of its own'}"


def listed(words: Sequence[str], most: int = _MOST_FILES) -> str:
    """The first few of those words, and how many there are beyond them."""
    more = len(words) - most
    return ", ".join(words[:most]) + (f" and {more} more" if more > 0 else "")
