"""Which lines merged pull requests get in release notes.

Commits of a merged pull request carry its number. The merge itself says little and is left out, except where it tells
what its commits do not: then its title stands in their place (none of them is conventional, none has a number of its
own) or beside them (only the title says that it breaks something). A merge whose commits were all reverted is left out.

Commits of which only the host knows the pull request (rebase merges, squash merges without a number) are settled alike;
there is no merge then, so the newest of them stands for it. Words of a merge go before those of the host, so that they
are the same with and without it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.core.candidate import Commit
from bot.core.changes import Change, PullRequest, parse
from bot.core.hosting import Pull
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


def settle(
    commits: Sequence[Commit],
    owned: Sequence[int | None],
    changes: Mapping[int, Change],
    known: Mapping[str, Pull] | None = None,
) -> Pulls:
    """Settle all merges at once; `changes` are those of the places that are still in effect, newest first.

    `known` are the pull requests that the host says brought a commit, by full id.
    """
    result, known = Pulls(), known or {}
    merges = {place: _merged(commits[place], known) for place in changes if is_merge(commits[place])}
    alone = _taken_out(commits, owned, merges, known, changes) if known else {}
    for number, places in alone.items():
        _settle_alone(result, known[commits[places[0]].sha], number, {place: changes[place] for place in places})
    if not merges:
        return result
    result.left_out.update(merges)
    taken = {place for places in alone.values() for place in places}
    members = _members(owned, changes, merges)
    with_side = {owner for owner in owned if owner is not None}
    for place, pull in merges.items():
        inside = {one: changes[one] for one in members.get(place, ()) if one not in taken}
        # A side of which nothing is left in effect was reverted, commit by commit.
        if pull is not None and (inside or place not in with_side):
            _settle_one(result, place, pull, commits[place].body, inside)
    return result


def _merged(commit: Commit, known: Mapping[str, Pull]) -> MergedPull | None:
    """What a merge says of its pull request; of the one that closed it, the host knows number and title."""
    own, pull = merged_pull(commit), known.get(commit.sha)
    if pull is None or pull.merge_sha != commit.sha:
        return own
    return MergedPull(PullRequest(pull.number), (own and own.title) or pull.title)


def _settle_one(result: Pulls, place: int, pull: MergedPull, body: str, inside: Mapping[int, Change]) -> None:
    if pull.pull_request is not None:
        result.requests.update(dict.fromkeys(inside, pull.pull_request))
    if not pull.title:
        return
    change = parse(pull.title, body)
    told = Told(change, pull.pull_request, tuple(inside))
    if not _speaks(inside.values()):
        result.left_out.update(inside)
        result.told[place] = told
    elif change.breaking and not any(one.breaking for one in inside.values()):
        result.told[place] = told


def _settle_alone(result: Pulls, pull: Pull, number: int, inside: Mapping[int, Change]) -> None:
    request, change, newest = PullRequest(number), parse(pull.title), next(iter(inside))
    result.requests.update(dict.fromkeys(inside, request))
    if not pull.title.strip():
        return
    if not _speaks(inside.values()):
        result.left_out.update(inside)
        result.told[newest] = Told(change, request, tuple(inside))
    elif change.breaking and not any(one.breaking for one in inside.values()):
        # No commit is told twice: the newest one says on a line of its own what breaks.
        own = inside[newest]._replace(breaking=True, breaking_texts=(change.description,))
        result.told[newest] = Told(own, own.pull_request or request, (newest,))


def _speaks(changes: Iterable[Change]) -> bool:
    """Whether commits say for themselves what they change."""
    return any(one.conventional or one.breaking or one.pull_request for one in changes)


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


def _taken_out(
    commits: Sequence[Commit],
    owned: Sequence[int | None],
    merges: Mapping[int, MergedPull | None],
    known: Mapping[str, Pull],
    changes: Iterable[int],
) -> dict[int, list[int]]:
    """The commits, by number, whose pull request only the host knows.

    Where a merge around them names it, they are the merge's, or those of one that was merged into its branch before:
    git knows more of that than the host.
    """
    found: dict[int, list[int]] = {}
    for place in changes:
        pull = known.get(commits[place].sha)
        if pull is not None and place not in merges and not _is_named(pull.number, owned[place], owned, merges):
            found.setdefault(pull.number, []).append(place)
    return found


def _is_named(
    number: int, owner: int | None, owned: Sequence[int | None], merges: Mapping[int, MergedPull | None]
) -> bool:
    """Whether that merge, or any around it, is the one of that pull request."""
    while owner is not None:
        pull = merges.get(owner)
        if pull and pull.pull_request and pull.pull_request.number == number:
            return True
        owner = owned[owner]
    return False
