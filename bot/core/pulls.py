"""Which lines merged pull requests get in release notes.

Commits of a merged pull request carry its number. The merge itself says little and is left out, except where it tells
what its commits do not: then its title stands in their place (none of them is conventional, none has a number of its
own) or beside them (only the title says that it breaks something). A merge whose commits were all reverted is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.core.candidate import Commit
from bot.core.changes import Change, PullRequest, parse
from bot.core.merges import MergedPull, is_merge, merged_pull


@dataclass(frozen=True, slots=True)
class Told:
    """A line in the name of a merge: what its title says, and the places of the commits that it speaks for."""

    change: Change
    pull_request: PullRequest | None
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pulls:
    """By place: merges that get a line, commits and merges that get none, and numbers for those that have none."""

    told: dict[int, Told] = field(default_factory=dict)
    left_out: set[int] = field(default_factory=set)
    requests: dict[int, PullRequest] = field(default_factory=dict)


def settle(commits: Sequence[Commit], owned: Sequence[int | None], changes: Mapping[int, Change]) -> Pulls:
    """Settle all merges at once; `changes` are those of the places that are still in effect, newest first."""
    result = Pulls()
    merges = {place: merged_pull(commits[place]) for place in changes if is_merge(commits[place])}
    if not merges:
        return result
    result.left_out.update(merges)
    members = _members(owned, changes, merges)
    with_side = {owner for owner in owned if owner is not None}
    for place, pull in merges.items():
        inside = {one: changes[one] for one in members.get(place, ())}
        # A side of which nothing is left in effect was reverted, commit by commit.
        if pull is not None and (inside or place not in with_side):
            _settle_one(result, place, pull, commits[place].body, inside)
    return result


def _settle_one(result: Pulls, place: int, pull: MergedPull, body: str, inside: Mapping[int, Change]) -> None:
    if pull.pull_request is not None:
        result.requests.update(dict.fromkeys(inside, pull.pull_request))
    if not pull.title:
        return
    change = parse(pull.title, body)
    told = Told(change, pull.pull_request, tuple(inside))
    if not any(one.conventional or one.breaking or one.pull_request for one in inside.values()):
        result.left_out.update(inside)
        result.told[place] = told
    elif change.breaking and not any(one.breaking for one in inside.values()):
        result.told[place] = told


def _members(
    owned: Sequence[int | None], changes: Mapping[int, Change], merges: Mapping[int, MergedPull | None]
) -> dict[int, list[int]]:
    """The commits in effect by the innermost merge around them that tells something."""
    telling: dict[int | None, int | None] = {None: None}
    for place, pull in merges.items():  # newest first: a merge comes before those inside it
        telling[place] = telling.get(owned[place]) if pull is None else place
    members: dict[int, list[int]] = {}
    for place in changes:
        owner = telling.get(owned[place])
        if owner is not None and place not in merges:
            members.setdefault(owner, []).append(place)
    return members
