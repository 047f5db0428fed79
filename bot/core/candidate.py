"""The commit that a run is about: resolved once, never again (invariant I1)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit as `git log` tells it; texts are raw data and may hold anything (invariant I21).

    `authored_at` and `committed_at` are seconds since the epoch.
    """

    sha: str
    parents: tuple[str, ...]
    author_name: str
    author_email: str
    authored_at: int
    committed_at: int
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """The full id at the tip of the source, the full id of the target, and the commits between, newest first.

    `seen_at` is the moment both were resolved (UTC ISO 8601).
    """

    sha: str
    base_sha: str
    commits: tuple[Commit, ...]
    seen_at: str


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What became of the branches during a run: whether the candidate is still on its branch, and the target's id.

    `target_sha` is None where the target is gone.
    """

    has_candidate: bool
    target_sha: str | None


@dataclass(frozen=True, slots=True)
class BranchFacts:
    """What git said about the two branches, all read in one fetch: the input of the decision below.

    `target_contains_source` says that the source's tip is reachable from the target, as far as that can be proved.
    `only_on_target` lists commits reachable from the target and not from the source (newest first, at most a few).
    `incomplete` names whatever makes ancestry unprovable: "shallow", "grafts", "replace refs", "alternates".
    """

    source: str
    target: str
    source_sha: str
    target_sha: str
    target_is_ancestor: bool
    only_on_target: tuple[Commit, ...]
    incomplete: tuple[str, ...]
    target_contains_source: bool = False
