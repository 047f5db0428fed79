"""The merge commits of a back-merge, each on top of the one before; none of them is made before the push."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.backport import BackMerge, Step, Tip, merge_commit
from bot.core.merging import Merged
from bot.core.promotion import CommitPlan
from bot.core.rollback import keeping_merge
from bot.flows.run import Run


@dataclass(frozen=True, slots=True)
class Chain:
    """The commits that git can make by itself, and the merge that it cannot, if any, with its paths in conflict."""

    commits: tuple[CommitPlan, ...]
    stopped: BackMerge | None = None
    conflicts: tuple[str, ...] = ()


def chain(run: Run, merge: BackMerge, todo: Sequence[Step]) -> Chain:
    """Merge one step after another, up to the first conflict."""
    commits: list[CommitPlan] = []
    for place, step in enumerate(todo):
        tip = commits[-1].sha if commits else merge.into.sha
        part = BackMerge(Tip(merge.into.branch, tip), Tip(merge.merged.branch, step.upto))
        merged = _merged(run, part, step, commits, todo[place - 1].upto)
        if not merged.is_clean:
            return Chain(tuple(commits), part, merged.conflicts)
        commits.append(_commit(run, part, step, merged.tree))
    return Chain(tuple(commits))


def _merged(run: Run, part: BackMerge, step: Step, before: Sequence[CommitPlan], base: str) -> Merged:
    """The content of one merge; `base` is up to where the steps before it merged."""
    repository = run.tools.repository
    if step.keeps:
        return Merged(before[-1].tree if before else repository.tree_of(part.into.sha))
    if not before:
        return repository.merge(part.into.sha, part.merged.sha)
    # The commit that it builds on is not made yet. What the two have in common is all that was merged so far.
    return repository.pick(before[-1].tree, part.merged.sha, base)


def _commit(run: Run, part: BackMerge, step: Step, tree: str) -> CommitPlan:
    now, run_id = run.tools.clock.now(), run.request.run_id
    if not step.keeps:
        return merge_commit(part, tree, run_id, now)
    into, at = part.into, int(now.timestamp())
    return keeping_merge(into.branch, into.sha, tree, part.merged.sha, at=at, run_id=run_id)
