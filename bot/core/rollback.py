"""Which release a rollback goes back to, what it takes back, and the commits and events that this comes to (pure).

Going back is forward: the target gets a new commit with the tree of the good release, and the source gets a merge of
that commit which keeps the source's own tree, so that the next promotion is a fast-forward again (invariant I28).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from bot.core.candidate import Commit
from bot.core.control import Control, ControlKind
from bot.core.gate import Refusal
from bot.core.naming import inert
from bot.core.objects import plan_commit
from bot.core.promotion import CommitPlan, LedgerEntry
from bot.core.reasons import Reason
from bot.core.releases import earlier, is_rollback, restoring_commits
from bot.core.text import plain

RUN_ID: Final = "Run-Id"
_MOST_NAMED: Final = 5

# Why the release at a commit is not to be gone back to, None where nothing speaks against it.
Examination: TypeAlias = Callable[[LedgerEntry], Refusal | None]


class RollbackWay(StrEnum):
    """How a rollback is done: by a new commit on both branches or on the target alone, or by taking the target back."""

    FORWARD = "forward"
    TARGET_ONLY = "target-only"
    REWIND = "rewind"


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a rollback begins: the target's name and full id, and the ledger's entries, oldest first."""

    target: str
    sha: str
    entries: tuple[LedgerEntry, ...]


def last_good(ground: Ground, examine: Examination) -> LedgerEntry | Refusal:
    """The release before the one the target is at, without those that were rolled back or stand in quarantine.

    Refused where the target is at no release or at one that a rollback made: then a person has to name the release.
    """
    refusal = _unclear(ground)
    if refusal is not None:
        return refusal
    for entry in earlier(ground.entries):
        if examine(entry) is None:
            return entry
    return Refusal(
        Reason.NO_GOOD_RELEASE,
        f"There is no release to go back to: none before {ground.entries[-1].tag or ground.sha[:12]} is good.",
    )


def _unclear(ground: Ground) -> Refusal | None:
    if not ground.entries:
        return Refusal(Reason.NO_GOOD_RELEASE, "There is no release to go back to: the ledger has no entry.")
    last = ground.entries[-1]
    if last.sha != ground.sha:
        return Refusal(
            Reason.NO_GOOD_RELEASE,
            f"{ground.target} is at {ground.sha[:12]}, but the ledger's last entry is {_named(last)}: somebody moved "
            "it, so the ledger does not say which release was the last good one.",
        )
    if is_rollback(last):
        return Refusal(
            Reason.NO_GOOD_RELEASE,
            f"{ground.target} was rolled back to {plain(last.restores or '')} at {last.at} already; "
            "a rollback is never rolled back by itself.",
        )
    return None


def named_release(ground: Ground, name: str, prefix: str, examine: Examination) -> LedgerEntry | Refusal:
    """The release of that tag, written with or without `refs/tags/` and the prefix; it must be in the ledger."""
    bare = name.removeprefix("refs/tags/")
    found = next((entry for entry in ground.entries if entry.tag and entry.tag in (bare, f"{prefix}{bare}")), None)
    if found is None:
        known = ", ".join(plain(entry.tag) for entry in ground.entries[: -_MOST_NAMED - 1 : -1] if entry.tag)
        last = f"; the last ones are {known}" if known else ""
        return Refusal(Reason.BAD_USAGE, f"The ledger has no release {plain(name)!r}{last}.")
    return examine(found) or found


def not_behind(ground: Ground, entry: LedgerEntry) -> Refusal:
    """The refusal of a release that the target does not contain: going there would be no way back."""
    return Refusal(
        Reason.NO_GOOD_RELEASE, f"{_named(entry)} is not part of {ground.target}: going there would be no way back."
    )


def _named(entry: LedgerEntry) -> str:
    return f"{plain(entry.tag) or entry.kind} ({entry.sha[:12]})"


# --- what is taken back


def taken_back(ground: Ground, commits: Sequence[Commit]) -> tuple[Commit, ...]:
    """Those of the commits between the good release and the target that people made: not what rollbacks wrote."""
    ours = restoring_commits(ground.entries)
    return tuple(commit for commit in commits if commit.sha not in ours)


@dataclass(frozen=True, slots=True)
class Told:
    """Who rolls back, when (UTC ISO 8601) and why."""

    at: str
    actor: str
    reason: str


def quarantines(
    ground: Ground, good: LedgerEntry, taken: Sequence[Commit], culprits: Sequence[Commit], told: Told
) -> tuple[Control, ...]:
    """The events that keep what was taken back from coming again: the whole range, or the culprits where named.

    Nothing where only rollbacks are taken back: they brought in nothing.
    """
    if culprits:
        return tuple(_quarantine(told, one.sha, next(iter(one.parents), None)) for one in culprits)
    return (_quarantine(told, ground.sha, good.sha),) if taken else ()


def _quarantine(told: Told, sha: str, base: str | None) -> Control:
    return Control(ControlKind.QUARANTINE, told.at, told.actor, told.reason, sha=sha, base=base)


def culprits_of(taken: Sequence[Commit], named: Sequence[tuple[str, str | None]]) -> tuple[Commit, ...] | Refusal:
    """The commits that were named as bad, given as (name, full id or None); each must be among what is taken back."""
    known = {commit.sha: commit for commit in taken}
    strange = [plain(name) for name, sha in named if sha not in known]
    if strange:
        return Refusal(
            Reason.BAD_USAGE, f"Not among the commits that would be taken back: {', '.join(map(repr, strange))}."
        )
    return tuple(known[sha] for sha in dict.fromkeys(sha for _, sha in named) if sha is not None)


# --- the commits


def restoring_commit(ground: Ground, good: LedgerEntry, tree: str, *, at: int, run_id: str) -> CommitPlan:
    """The commit that the target gets: the tree of the good release (its id) on top of what is there.

    `at` is seconds since the epoch. Why it was made stands in ledger and tag: a branch's messages can close issues.
    """
    tag, target = inert(good.tag), inert(ground.target)
    message = (
        f"Roll {target} back to {tag}\n\n"
        f"The tree is that of {good.sha}.\n"
        f"Why, and who did it, stands in the ledger: git log --notes=promotions\n\n"
        f"Restored-Release: {tag}\nTaken-Back: {good.sha}..{ground.sha}\n{RUN_ID}: {run_id}\n"
    )
    return plan_commit(tree=tree, parents=(ground.sha,), at=at, message=message, copied_from=good.sha)


def keeping_merge(source: str, source_sha: str, tree: str, restoring: str, *, at: int, run_id: str) -> CommitPlan:
    """The merge that the source gets: it has the restoring commit (its id) behind it, and keeps the source's own tree.

    `at` is seconds since the epoch.
    """
    name = inert(source)
    message = (
        f"Merge {restoring[:12]} into {name}, keeping the content of {name}\n\n"
        f"The rollback concerns the target alone; what it took back is mended here.\n\n{RUN_ID}: {run_id}\n"
    )
    return plan_commit(tree=tree, parents=(source_sha, restoring), at=at, message=message, copied_from=source_sha)


def without_merge(source: str, ground: Ground) -> Refusal:
    """The refusal where the source lacks commits of the target: a merge that keeps its tree would bury them."""
    return Refusal(
        Reason.NOT_FAST_FORWARD,
        f"{source} lacks commits of {ground.target} ({ground.sha[:12]}), so it cannot take the rollback and keep its "
        f"content: run `promote backport` first, or roll back {ground.target} alone with --main-only.",
    )
