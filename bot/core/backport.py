"""Bringing the target back into the source: by a real merge, so that promotion stays a fast-forward (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.core.candidate import Commit
from bot.core.conflict import Conflict, conflict_sentence, listed
from bot.core.gate import Refusal
from bot.core.naming import inert
from bot.core.objects import plan_commit
from bot.core.promotion import CommitPlan, LedgerEntry, Move, PushPlan
from bot.core.reasons import Reason
from bot.core.releases import restoring_commits
from bot.core.text import plain

# Long enough for the folders that people make, short enough for one line.
_PATH: Final = 400


@dataclass(frozen=True, slots=True)
class Tip:
    """A branch and the full commit id at its tip, resolved once."""

    branch: str
    sha: str


@dataclass(frozen=True, slots=True)
class BackMerge:
    """What is merged into what."""

    into: Tip
    merged: Tip


@dataclass(frozen=True, slots=True)
class Step:
    """One of the merges that make up a back-merge: up to that full id; `keeps` says that no content comes with it."""

    upto: str
    keeps: bool = False


def steps(merge: BackMerge, lacking: Sequence[Commit], entries: Sequence[LedgerEntry]) -> tuple[Step, ...]:
    """The merges to make, oldest first: one, where nothing of what is lacking (newest first) is a rollback.

    A rollback concerns the target alone: it is merged so that the source keeps its content, as the rollback itself does
    it. What the target had before it is merged first, and what it got since afterwards.
    """
    restoring = restoring_commits(entries)
    apart = {commit.sha for commit in lacking}
    found: list[Step] = []
    for commit in reversed(lacking):
        if commit.sha in restoring:
            before = commit.parents[0]
            if before in apart and Step(before, keeps=True) not in found:
                found.append(Step(before))
            found.append(Step(commit.sha, keeps=True))
    if not found or found[-1].upto != merge.merged.sha:
        found.append(Step(merge.merged.sha))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Begun:
    """A back-merge that waits for a person, as it was when its work tree was made; `at` is UTC ISO 8601."""

    run_id: str
    at: str
    merge: BackMerge

    @property
    def branch(self) -> str:
        """The branch of the work tree on which the person merges."""
        return f"backport/{self.run_id}"


CONTINUE: Final = "`promote backport --continue` (or give it up with `--abort`)"
"""How a back-merge that waits for a person comes to an end."""


def waiting_words(begun: Begun, folder: str) -> str:
    """That it waits, where and since when."""
    merge = f"{begun.merge.merged.branch} into {begun.merge.into.branch}"
    return f"{plain(merge)} has waited for a person since {begun.at}, in {plain(folder, _PATH)}"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a person made of it: the commit checked out in the work tree, and what is still open there.

    `unmerged` are paths (raw data) that the index has as conflicts, `is_merging` says that the merge was not committed.
    """

    head: str
    is_merging: bool
    unmerged: tuple[str, ...] = ()


def examine_branches(into: str, merged: str, target: str) -> str | None:
    """Why that branch may not be merged into that one, None where it may; `target` is the branch of releases."""
    if into == merged:
        return f"{plain(into)!r} cannot be merged into itself."
    if into == target:
        return f"{plain(into)!r} is moved by promotions and hotfixes only, which are tested; nothing is merged into it."
    return None


def up_to_date(merge: BackMerge) -> Refusal:
    """That there is nothing to do."""
    held = f"{plain(merge.merged.branch)} at {merge.merged.sha[:12]}"
    return Refusal(
        Reason.UP_TO_DATE,
        f"{plain(merge.into.branch)}, {merge.into.sha[:12]}, already contains {held}: nothing to merge.",
    )


def merge_commit(merge: BackMerge, tree: str, run_id: str, at: datetime) -> CommitPlan:
    """The merge commit of both tips with that tree, which is git's own clean merge."""
    return plan_commit(
        tree=tree,
        parents=(merge.into.sha, merge.merged.sha),
        at=int(at.timestamp()),
        message=f"{_name(merge)}\n\nRun-Id: {run_id}\n",
    )


def plan_merge(merge: BackMerge, commits: tuple[CommitPlan, ...], at: datetime) -> PushPlan:
    """One move to the last of the merge commits, which build on each other: no tag, no ledger entry."""
    return _plan(merge.into, commits[-1].sha, at, _name(merge), commits)


def _name(merge: BackMerge) -> str:
    return f"Merge {inert(merge.merged.branch)} into {inert(merge.into.branch)}"


def plan_advance(merge: BackMerge, at: datetime) -> PushPlan:
    """The move of a branch that has nothing of its own: it goes where the other one is, without a commit."""
    name = f"Advance {inert(merge.into.branch)} to {inert(merge.merged.branch)}"
    return _plan(merge.into, merge.merged.sha, at, name)


def plan_resolution(merge: BackMerge, head: str, at: datetime) -> PushPlan:
    """The move to the merge that a person made; only they could make that commit, so it is no part of the plan."""
    return _plan(merge.into, head, at, f"{_name(merge)}, resolved by a person")


def _plan(into: Tip, after: str, at: datetime, subject: str, commits: tuple[CommitPlan, ...] = ()) -> PushPlan:
    return PushPlan(
        moves=(Move(f"refs/heads/{into.branch}", into.sha, after),),
        tag=None,
        entry=None,
        ledger_before=None,
        at=int(at.timestamp()),
        subject=subject,
        commits=commits,
    )


def in_conflict(conflict: Conflict) -> Refusal:
    """That a person must decide."""
    return Refusal(Reason.MERGE_CONFLICT, conflict_sentence(conflict))


def examine_resolution(resolution: Resolution) -> Refusal | None:
    """Whether the person is done; None where they are."""
    if resolution.unmerged:
        return Refusal(Reason.BACKPORT_UNFINISHED, f"Still in conflict: {_named(resolution.unmerged)}.")
    if resolution.is_merging:
        return Refusal(Reason.BACKPORT_UNFINISHED, "The merge is resolved, but it was not committed yet.")
    return None


def examine_markers(marked: tuple[str, ...]) -> Refusal | None:
    """Whether files that were in conflict were committed with git's markers in them; None where there are none."""
    if not marked:
        return None
    return Refusal(Reason.BACKPORT_UNFINISHED, f"What was committed still has conflict markers: {_named(marked)}.")


def examine_commit(commit: Commit, merge: BackMerge, begun: Begun) -> Refusal | None:
    """Whether that commit is the merge of the two tips as they are now, or of the one merged in as it was then."""
    into, merged = merge.into.sha, {merge.merged.sha, begun.merge.merged.sha}
    if len(commit.parents) == 2 and commit.parents[0] == into and commit.parents[1] in merged:  # noqa: PLR2004 - a merge
        return None
    if into != begun.merge.into.sha:
        branch = plain(merge.into.branch)
        return Refusal(
            Reason.SOURCE_MOVED,
            f"{branch} was {begun.merge.into.sha[:12]} when the work tree was made and is {into[:12]} now; "
            "nothing was pushed, and the work tree was kept.",
        )
    found = " and ".join(parent[:12] for parent in commit.parents) or "none"
    wanted = f"{into[:12]} and {begun.merge.merged.sha[:12]}"
    return Refusal(
        Reason.BACKPORT_UNFINISHED,
        f"{commit.sha[:12]}, checked out there, is not the merge of {wanted}: its parents are {found}.",
    )


def _named(paths: tuple[str, ...]) -> str:
    return listed([plain(path) for path in paths])
