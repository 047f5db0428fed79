"""What a host knows of commits beyond what git says: the pull request that brought each, and what labels decide."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.core.candidate import Commit
from bot.core.hosting import Pull
from bot.core.labels import NO_RULES, LabelRules

# 50 commits a query: half of the calls that a night may make.
MOST_ASKED: Final = 1500


@dataclass(frozen=True, slots=True)
class Brought:
    """One pull request with the commits (full ids) that it brought: how a record keeps it."""

    pull: Pull
    commits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Extras:
    """What goes into notes beyond the commits themselves: pull requests by full id of a commit, and rules by labels."""

    pulls: Mapping[str, Pull] = field(default_factory=dict)
    rules: LabelRules = NO_RULES


NO_EXTRAS: Final = Extras()


def asked_of(commits: Sequence[Commit]) -> tuple[str, ...]:
    """The ids that a host is asked about: the newest ones, as many as its limits allow for."""
    return tuple(commit.sha for commit in commits[:MOST_ASKED])


def kept(pulls: Mapping[str, Pull]) -> tuple[Brought, ...]:
    """Pull requests by commit, as a record keeps them: each once, in the order of the mapping."""
    commits: dict[Pull, list[str]] = {}
    for sha, pull in pulls.items():
        commits.setdefault(pull, []).append(sha)
    return tuple(Brought(pull, tuple(shas)) for pull, shas in commits.items())


def by_commit(brought: Iterable[Brought]) -> dict[str, Pull]:
    """What `kept` made, by full id of a commit again."""
    return {sha: each.pull for each in brought for sha in each.commits}
