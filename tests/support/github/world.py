"""What GitHub remembers beside git itself, as the JSON it answers; copied whole when reads are to lag."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from support.github.answers import Json


@dataclass
class FakePull:
    """A pull request; `commits` are the ids it brought, `merge_commit` the one that merging it made.

    After a squash or a rebase `commits` still are those of the branch, and `brought` those that arrived on the base.
    `repository` is the full name of the fork whose pull request it is, None for the hub's own.
    """

    number: int
    title: str
    labels: tuple[str, ...] = ()
    author: str | None = "ada"
    base: str = "staging"
    head: str = "topic"
    commits: tuple[str, ...] = ()
    merge_commit: str | None = None
    brought: tuple[str, ...] = ()
    merged_at: str | None = "2023-11-14T22:13:20Z"
    open: bool = False
    body: str = ""
    author_type: str = "User"
    repository: str | None = None

    def has(self, sha: str) -> bool:
        """Whether GitHub associates that commit with it."""
        return sha == self.merge_commit or sha in self.commits or sha in self.brought


@dataclass
class World:
    """One repository's state; the lists are in the order of creation. `refs` is None for those of now."""

    releases: list[Json] = field(default_factory=list)
    assets: dict[int, bytes] = field(default_factory=dict)
    burnt_tags: set[str] = field(default_factory=set)
    issues: list[Json] = field(default_factory=list)
    comments: list[Json] = field(default_factory=list)
    labels: list[Json] = field(default_factory=list)
    statuses: list[Json] = field(default_factory=list)
    check_runs: list[Json] = field(default_factory=list)
    deployments: list[Json] = field(default_factory=list)
    deployment_statuses: list[Json] = field(default_factory=list)
    pulls: list[FakePull] = field(default_factory=list)
    rulesets: list[Json] = field(default_factory=list)
    protections: dict[str, Json] = field(default_factory=dict)
    workflow_runs: list[Json] = field(default_factory=list)
    hooks: list[Json] = field(default_factory=list)
    settings: Json = field(default_factory=dict)
    refs: dict[str, str] | None = None

    def snapshot(self, refs: Mapping[str, str]) -> "World":
        """This moment, whatever happens later."""
        then = copy.deepcopy(self)
        then.refs = dict(refs)
        return then


def find(items: Sequence[Json], **wanted: Any) -> Json | None:
    """The first of them that has all these values."""
    return next((item for item in items if all(item.get(key) == value for key, value in wanted.items())), None)
