"""A hotfix: whether it may go straight to the target, and what the source gets of it in the same push (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from bot.core.candidate import BranchFacts, Commit
from bot.core.gate import Refusal
from bot.core.naming import inert
from bot.core.objects import plan_commit
from bot.core.plan import Extras
from bot.core.promotion import CommitPlan, Move
from bot.core.quarantine import Case, examine_quarantine
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


def examine_cases(ground: Ground, cases: Iterable[Case], on_target: frozenset[str]) -> Refusal | None:
    """Whether the hotfix brings in what is quarantined; `on_target` are the quarantined ids that the target contains.

    Those do not count: after a rollback the bad commits stay in the target's history, and what the target's own tree
    no longer has, a descendant of it does not bring back.
    """
    return examine_quarantine(ground.hotfix.sha, [case for case in cases if case.event.sha not in on_target])


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


# --- what to do next

_ACTIONS: Final = {
    Reason.NOT_FAST_FORWARD: "Rebase the hotfix onto {target}, or merge {target} into it, and push it; then run again.",
    Reason.MERGE_CONFLICT: "Merge the hotfix into {source} by hand and run again, or ship it with --main-only and run "
    "`promote backport` afterwards.",
    Reason.SLO_FAILED: "Mend the hotfix, deploy it to staging and run again.",
    Reason.SOURCE_REWRITTEN: "Find out who rewrote the hotfix branch, and run again on its new tip.",
    Reason.DRY_RUN: "Run again without --dry-run to ship it.",
}


def action_of(reason: Reason, facts: BranchFacts) -> str | None:
    """What to do after a hotfix that ended so, where the reason's own advice is about a promotion; None elsewhere."""
    words = _ACTIONS.get(reason)
    return words.format(source=facts.source, target=facts.target) if words else None
