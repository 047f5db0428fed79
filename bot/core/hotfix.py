"""A hotfix: whether it may go straight to the target, and what the source gets of it in the same push (pure)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from bot.core.candidate import BranchFacts, Commit
from bot.core.gate import Refusal
from bot.core.naming import inert
from bot.core.objects import plan_commit
from bot.core.plan import Extras
from bot.core.promotion import CommitPlan, Move
from bot.core.quarantine import Case, examine_quarantine, is_fixed, quarantine_words, taken_out
from bot.core.reasons import Reason
from bot.core.text import plain

MOST_LACKING: Final = 5


class Gate(Enum):
    """Whether a hotfix goes through the expedited gate, or past it because a person says so.

    The ledger's verdict of the latter is "skipped".
    """

    EXPEDITED = "expedited"
    SKIPPED = "skipped"


class Reach(Enum):
    """Which branches a hotfix is brought to in its push."""

    BOTH = "both"
    TARGET_ONLY = "target-only"


@dataclass(frozen=True, slots=True)
class Hotfix:
    """A branch and the full id at its tip, resolved once (I1); the name is raw data (I21)."""

    branch: str
    sha: str


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a hotfix and the two branches stand.

    `is_on_target` says that the target already contains the hotfix, `lacking` are commits of the target that the hotfix
    does not contain, newest first, at most a few: none where it descends from the target.
    """

    hotfix: Hotfix
    facts: BranchFacts
    is_on_target: bool
    lacking: tuple[Commit, ...]


def examine_hotfix(ground: Ground) -> Refusal | None:
    """Whether the target may be fast-forwarded to the hotfix; None where it may (invariant I3)."""
    facts, hotfix = ground.facts, ground.hotfix
    if facts.incomplete:
        return Refusal(
            Reason.HISTORY_INCOMPLETE, f"Ancestry cannot be proved: the repository has {', '.join(facts.incomplete)}."
        )
    if ground.is_on_target:
        return Refusal(
            Reason.UP_TO_DATE, f"{facts.target} already contains {plain(hotfix.branch)} ({hotfix.sha[:12]})."
        )
    if ground.lacking:
        named = ", ".join(f"{commit.sha[:12]} {plain(commit.subject, 60)}" for commit in ground.lacking[:MOST_LACKING])
        return Refusal(
            Reason.NOT_FAST_FORWARD,
            f"{plain(hotfix.branch)} does not descend from {facts.target}: it lacks {named}.",
            tuple(commit.sha for commit in ground.lacking),
        )
    return None


# --- quarantine


@dataclass(frozen=True, slots=True)
class Quarantined:
    """What stands in quarantine as the hotfix meets it.

    `commits` are those that the target gets, newest first; `cases` are met by the hotfix, those of `sides` by what it
    merges from beside the target (full ids, see `foreign_sides`); `restoring` are the commits that rollbacks wrote.
    """

    commits: tuple[Commit, ...]
    cases: tuple[Case, ...]
    sides: Mapping[str, tuple[Case, ...]]
    restoring: frozenset[str]


def foreign_sides(target: str, commits: Sequence[Commit]) -> tuple[str, ...]:
    """What merges among the commits of `target..hotfix` (newest first) bring in that does not descend from the target.

    Only the merge with what does descend is looked at: it brings in all that lies behind its other sides.
    """
    ours = {target}
    for commit in reversed(commits):
        if not ours.isdisjoint(commit.parents):
            ours.add(commit.sha)
    merged = (parent for commit in commits if commit.sha in ours for parent in commit.parents)
    return tuple(dict.fromkeys(parent for parent in merged if parent not in ours))


def examine_cases(ground: Ground, found: Quarantined) -> Refusal | None:
    """Whether the hotfix brings in, or back, what is quarantined and not fixed.

    What the target contains does not come in. After a rollback the bad commits stay in its history, and what its own
    tree no longer has, a descendant does not bring back, unless it undoes the rollback or merges a side that never had
    it: a branch cut from the source, for one, which has the rollback behind it and kept its own tree.
    """
    new = frozenset(commit.sha for commit in found.commits)
    coming = [case for case in found.cases if any(commit.sha in new for commit in (*case.bad, *case.again))]
    return examine_quarantine(ground.hotfix.sha, coming) or next(_coming_back(ground, found, new), None)


def _coming_back(ground: Ground, found: Quarantined, new: frozenset[str]) -> Iterator[Refusal]:
    branch, target = plain(ground.hotfix.branch), ground.facts.target
    for case in found.cases:
        if not case.is_contained or is_fixed(case):
            continue
        for side, cases in found.sides.items():
            if any(one.is_contained and one.event == case.event for one in cases):
                yield _back(case, f"{branch} merges {side[:12]}, which does not descend from {target} and contains")
        restoring = taken_out(case, new, found.restoring)
        if restoring is not None:
            yield _back(case, f"{branch} reverts {restoring[:12]}, the rollback of {target} that took back")


def _back(case: Case, how: str) -> Refusal:
    words = quarantine_words(case)
    return Refusal(Reason.QUARANTINED, f"{how} {words}, and no commit on top of it reverts or fixes it.", (case.sha,))


# --- the source


@dataclass(frozen=True, slots=True)
class SourceTip:
    """The source at one moment: its name, the full id at its tip, and how that stands to the hotfix."""

    branch: str
    sha: str
    has_hotfix: bool
    is_behind: bool

    @property
    def needs_merge(self) -> bool:
        """Whether both have commits that the other lacks."""
        return not (self.has_hotfix or self.is_behind)


def follow(source: SourceTip, hotfix: Hotfix, tree: str, *, at: int, run_id: str) -> Extras:
    """What the source gets: nothing where it has the hotfix, a fast-forward where it has nothing else, else a merge.

    It never leaves commits of its own. `tree` is git's own clean merge of both where a merge is needed, `at` the
    seconds since the epoch of the merge commit.
    """
    ref = f"refs/heads/{source.branch}"
    if source.has_hotfix:
        return Extras()
    if source.is_behind:
        return Extras(moves=(Move(ref, source.sha, hotfix.sha),))
    merge = merge_commit(source, hotfix, tree, at=at, run_id=run_id)
    return Extras(moves=(Move(ref, source.sha, merge.sha),), commits=(merge,))


def merge_commit(source: SourceTip, hotfix: Hotfix, tree: str, *, at: int, run_id: str) -> CommitPlan:
    """The merge of the hotfix, which is the target's new tip, into the source: first parent the source."""
    message = (
        f'Merge hotfix "{inert(hotfix.branch)}" into {inert(source.branch)}\n\n'
        f"Why it was shipped stands in the ledger: git log --notes=promotions\n\n"
        f"Hotfix: {hotfix.sha}\nRun-Id: {run_id}\n"
    )
    return plan_commit(tree=tree, parents=(source.sha, hotfix.sha), at=at, message=message)
