"""What a revert undoes: commits named by id, by pull request or by title.

They are read in that order (`This reverts commit …`, `Reverts acme/shop#12`, `Revert "…"`). Ids go stale when a branch
is rebased, so a title is believed against an unknown id only where the revert itself was rewritten since; a wrong pair
would hide a change that is really there.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Final, TypeAlias

from bot.core.candidate import Commit
from bot.core.changes import split_pull_request
from bot.core.hosting import Pull
from bot.core.merges import is_merge, merged_pull

# Places of patches, and whether each is switched on or off by this commit.
Effect: TypeAlias = dict[int, bool]

# Nobody reverts more at once by hand; it bounds what a chain of made-up reverts can cost.
_MOST: Final = 200


class Titles(Enum):
    """Whether the title that a revert quotes says what it undoes, where neither an id nor a number does.

    It is mostly right. But a commit outside of the range may have the same title, and then it is wrong.
    """

    BELIEVED = "what has the title"
    IGNORED = "nothing in the range"


def effects_of(
    commits: Sequence[Commit], known: Mapping[str, Pull] | None = None, *, titles: Titles = Titles.BELIEVED
) -> dict[int, Effect]:
    """What each revert of something in the range does; every other commit only switches itself on.

    `known` are pull requests by full id of a commit, as the host tells them: a rebase merge leaves no number behind.
    """
    range_ = _Range(commits, known or {}, titles)
    for place in reversed(range(len(commits))):
        if _may_revert(commits[place]):
            undone = _undone(range_, place, commits[place])
            effect = {patch: not on for target in undone.places for patch, on in range_.effect(target).items()}
            if undone.others:
                effect[place] = True
            if 0 < len(effect) <= _MOST:
                range_.apply(place, effect)
    return range_.effects


@dataclass(frozen=True, slots=True)
class _Undone:
    """What one commit reverts: places in the range, and whether there was something outside of it as well."""

    places: tuple[int, ...] = ()
    others: bool = False


_NOT_A_REVERT: Final = _Undone()
_ID: Final = r"[0-9a-f]{7,64}"
_BY_ID: Final = re.compile(rf"^This reverts commits? ({_ID}(?:(?:,? and |, ?){_ID})*)", re.MULTILINE)
_MAINLINE: Final = re.compile(rf"^This reverts commit {_ID}, reversing\s+changes made to ({_ID})", re.MULTILINE)
_BY_REFS: Final = re.compile(rf"^Refs: ?({_ID}(?:, ?{_ID})*)\s*$", re.MULTILINE)
_BY_PULL: Final = re.compile(r"^Reverts (?:[\w.-]{1,100}/[\w.-]{1,100})?#([1-9][0-9]{0,8})\b", re.ASCII | re.MULTILINE)
_IDS: Final = re.compile(_ID).findall
_TITLE: Final = re.compile(r"(?:[Rr]evert(?:\([^()]*\))?: )?(Revert|Reapply) \"(.*)\"", re.DOTALL).fullmatch
_TYPED: Final = re.compile(r"[Rr]evert(?:\([^()]*\))?!?:\s+(\S.*)", re.DOTALL).fullmatch


def _may_revert(commit: Commit) -> bool:
    subject = commit.subject
    return subject.startswith(("Revert", "revert", "Reapply")) or "This reverts commit" in commit.body


def _undone(range_: "_Range", place: int, commit: Commit) -> _Undone:
    ids = _ids(commit)
    found = tuple(target for target in map(range_.by_id, ids) if target is not None and target > place)
    if found and not any(_is_of_another_parent(commit, range_.commits[target]) for target in found):
        return _Undone(found, others=len(found) < len(ids))
    if found or (ids and commit.authored_at == commit.committed_at):
        return _NOT_A_REVERT
    numbers = _BY_PULL.findall(commit.body)
    if numbers:
        return _Undone(range_.by_pull(int(numbers[0]), place))
    if range_.titles is Titles.IGNORED:
        return _NOT_A_REVERT
    target = range_.by_title(_title(commit), place)
    return _NOT_A_REVERT if target is None else _Undone((target,))


def _ids(commit: Commit) -> list[str]:
    listed = _BY_ID.findall(commit.body)
    if not listed and _TYPED(commit.subject):
        listed = _BY_REFS.findall(commit.body)
    return [name for names in listed for name in _IDS(names)]


def _is_of_another_parent(revert: Commit, target: Commit) -> bool:
    """Whether a merge was undone against another parent than its first: then what it brought in is not what went."""
    mainline = _MAINLINE.search(revert.body)
    return mainline is not None and is_merge(target) and not target.parents[0].startswith(mainline[1])


def _title(commit: Commit) -> str:
    """The title of what a revert undoes, "" when it does not quote one."""
    subject, _ = split_pull_request(commit.subject, "")
    quoted = _TITLE(subject)
    if quoted is not None:
        return f'Revert "{quoted[2]}"' if quoted[1] == "Reapply" else quoted[2]
    typed = _TYPED(subject)
    return "" if typed is None else typed[1]


class _Range:
    """The commits of the range, found by what a revert says of them; each index is made when it is first needed."""

    def __init__(self, commits: Sequence[Commit], known: Mapping[str, Pull], titles: Titles) -> None:
        self.commits = commits
        self.titles = titles
        self._known = known
        self.effects: dict[int, Effect] = {}
        self._state: Effect = {}

    def effect(self, place: int) -> Effect:
        """What the commit at that place does."""
        return self.effects.get(place) or {place: True}

    def apply(self, place: int, effect: Effect) -> None:
        """Remember what a revert does; they are told from the oldest to the newest."""
        self.effects[place] = effect
        self._state.update(effect)

    def is_on(self, place: int) -> bool:
        """Whether what that commit did is still so, as far as was told."""
        return all(self._state.get(patch, True) is on for patch, on in self.effect(place).items())

    def by_id(self, name: str) -> int | None:
        """The place of a full id, or of an abbreviated one that fits only one commit."""
        at = bisect_left(self._ids, (name,))
        fitting = [place for sha, place in self._ids[at : at + 2] if sha.startswith(name)]
        return fitting[0] if len(fitting) == 1 else None

    def by_pull(self, number: int, after: int) -> tuple[int, ...]:
        """The newest commit older than that place that carries a pull request's number.

        Where none carries it, all older ones that the host says it brought.
        """
        places = self._pulls.get(number, [])
        at = bisect_right(places, after)
        if at < len(places):
            return (places[at],)
        brought = self._brought.get(number, [])
        return tuple(brought[bisect_right(brought, after) :])

    def by_title(self, title: str, after: int) -> int | None:
        """The newest commit with that title that is older than the given place and still on."""
        places = self._titles.get(title, [])
        at = bisect_right(places, after)
        return next((place for place in places[at : at + _MOST] if self.is_on(place)), None)

    @cached_property
    def _ids(self) -> list[tuple[str, int]]:
        return sorted((commit.sha, place) for place, commit in enumerate(self.commits))

    @cached_property
    def _pulls(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for place, commit in enumerate(self.commits):
            pull = merged_pull(commit) if is_merge(commit) else None
            request = pull.pull_request if pull else split_pull_request(commit.subject, commit.body)[1]
            if request is not None:
                found.setdefault(request.number, []).append(place)
        return found

    @cached_property
    def _brought(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for place, commit in enumerate(self.commits if self._known else ()):
            pull = self._known.get(commit.sha)
            if pull is not None:
                found.setdefault(pull.number, []).append(place)
        return found

    @cached_property
    def _titles(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for place, commit in enumerate(self.commits):
            for title in {commit.subject, split_pull_request(commit.subject, "")[0]}:
                found.setdefault(title, []).append(place)
        return found
