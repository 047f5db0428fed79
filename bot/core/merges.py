"""Merge commits: what they say of their pull request, and which commits each of them brought in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.candidate import Commit
from bot.core.changes import PullRequest, parse, split_pull_request


@dataclass(frozen=True, slots=True)
class MergedPull:
    """What a merge commit tells: the pull request's number where it names one, and its title ("" where it has none)."""

    pull_request: PullRequest | None
    title: str


def is_merge(commit: Commit) -> bool:
    """Whether it has more than one parent."""
    return len(commit.parents) > 1


def merged_pull(commit: Commit) -> MergedPull | None:
    """What a merge commit tells, worded as GitHub, Gitea, Bitbucket or GitLab do, or as a subject of its own.

    None for merges that only name branches.
    """
    found = _GITEA(commit.subject)
    if found is not None:
        return MergedPull(PullRequest(int(found[2])), found[1])
    found = _GITHUB(commit.subject) or _BITBUCKET(commit.subject)
    if found is not None:
        return MergedPull(PullRequest(int(found[1])), _first_line(commit.body))
    return _titled_merge(commit)


def _titled_merge(commit: Commit) -> MergedPull | None:
    """GitLab's merges keep git's own subject and tell the rest in the body; others have the title as their subject."""
    title, request = split_pull_request(commit.subject, commit.body)
    if title.startswith(_GIT_WORDING):
        line = _first_line(commit.body)
        return request and MergedPull(request, "" if line.startswith("See merge request ") else line)
    return MergedPull(request, title) if request or parse(title).conventional else None


def owners(commits: Sequence[Commit]) -> list[int | None]:
    """For each commit the place of the innermost merge that brought it in; None for those of the main line.

    `commits` are newest first; places are indices into them. The main line is what first parents lead to. A merge
    brought in what its other parents reach and its first parent does not; a merge inside a merge has an owner itself.
    Linear: each line of first parents is walked once, the sides of its oldest merge before those of newer ones.
    """
    owned: list[int | None] = [None] * len(commits)
    if not any(map(is_merge, commits)):
        return owned
    places = {commit.sha: place for place, commit in enumerate(commits)}
    seen = bytearray(len(commits))
    for start in range(len(commits)):
        if not seen[start]:
            _walk(start, commits, places, owned, seen)
    return owned


def _walk(
    start: int, commits: Sequence[Commit], places: dict[str, int], owned: list[int | None], seen: bytearray
) -> None:
    lines: list[tuple[int | None, int | None]] = [(start, None)]
    while lines:
        place, owner = lines.pop()
        while place is not None and not seen[place]:
            seen[place] = 1
            owned[place] = owner
            parents = commits[place].parents
            lines.extend((places.get(parent), place) for parent in parents[:0:-1])
            place = places.get(parents[0]) if parents else None


_GIT_WORDING: Final = (
    "Merge branch ",
    "Merge remote-tracking branch ",
    "Merge tag ",
    "Merge commit ",
    "Merge branches ",
)
_NUMBER: Final = r"#([1-9][0-9]{0,8})"
_GITHUB: Final = re.compile(rf"Merge pull request {_NUMBER} from \S+").fullmatch
_GITEA: Final = re.compile(rf"Merge pull request '(.*)' \({_NUMBER}\) from \S+ into \S+").fullmatch
_BITBUCKET: Final = re.compile(rf"Merged in \S+ \(pull request {_NUMBER}\)").fullmatch


def _first_line(body: str) -> str:
    return next((line.strip() for line in body.splitlines() if line.strip()), "")
