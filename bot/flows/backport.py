"""The back-merge, whole: the target into the source by a real merge; where git cannot do it, a person does."""

from dataclasses import replace

from bot.core.backport import BackMerge, plan_advance, plan_merge, up_to_date
from bot.core.candidate import Candidate
from bot.core.conflict import Conflict, Side
from bot.core.gate import Refusal
from bot.core.moments import iso
from bot.core.promotion import LockProof, PushPlan
from bot.core.reasons import Reason
from bot.core.record import Outcome, RunRecord
from bot.core.text import plain
from bot.flows.anew import resolve_tip, until_still
from bot.flows.land import send, show
from bot.flows.past import fetch_and_settle
from bot.flows.ports import Lock, Workbench
from bot.flows.request import Effect, Request, Tools
from bot.flows.run import Ending, Run, refused
from bot.flows.session import play
from bot.flows.workbench import Mode, Order, advised, clear, hand_over, how_to_repeat, how_to_resolve, resolved

__all__ = ["Mode", "Order", "abort", "backport"]


def backport(tools: Tools, request: Request, order: Order) -> RunRecord:
    """Merge one branch back into the other; see `bot.flows.session`."""
    once = _continue_once if order.mode is Mode.CONTINUE else _merge_once
    return play(tools, request, lambda run, lock: until_still(run, lambda: once(run, lock, order)))


def abort(lock: Lock, bench: Workbench) -> bool:
    """Give up a back-merge that waits for a person: its work tree goes; returns whether there was any."""
    with lock.hold():
        return bench.remove()


def _arrive(run: Run, lock: LockProof, order: Order) -> BackMerge:
    """Fetch, and resolve both branches, once for each try."""
    fetch_and_settle(run, lock)
    with run.step("tips"):
        merge = BackMerge(resolve_tip(run, order.into), resolve_tip(run, order.merged))
        commits = run.tools.repository.commits(merge.into.sha, merge.merged.sha)
        run.know(candidate=Candidate(merge.merged.sha, merge.into.sha, commits, iso(run.tools.clock.now())))
    return merge


def _contains(run: Run, merge: BackMerge, sha: str) -> bool:
    return run.tools.repository.contains(merge.into.sha, sha)


def _merge_once(run: Run, lock: LockProof, order: Order) -> Ending:
    merge = _arrive(run, lock, order)
    if _contains(run, merge, merge.merged.sha):
        return _nothing_to_do(run, order, merge)
    with run.step("merge"):
        plan = _plan(run, merge)
    if isinstance(plan, Conflict):
        return hand_over(run, order, merge, plan)
    return _carry_out(run, lock, order, plan)


def _nothing_to_do(run: Run, order: Order, merge: BackMerge) -> Ending:
    """Merged already: by this bot, by another one, or by the person who had a work tree for it."""
    done = up_to_date(merge)
    words = " The work tree that was made for it is removed." if clear(run, order) else ""
    return replace(refused(done), sentence=done.sentence + words, action="Nothing to do.")


def _plan(run: Run, merge: BackMerge) -> PushPlan | Conflict:
    """What to push where git can merge by itself, or what keeps git from it."""
    repository, now = run.tools.repository, run.tools.clock.now()
    if repository.contains(merge.merged.sha, merge.into.sha):
        return plan_advance(merge, now)
    merged = repository.merge(merge.into.sha, merge.merged.sha)
    if merged.is_clean:
        return plan_merge(merge, merged.tree, run.request.run_id, now)
    return _conflict(run, merge, merged.conflicts)


def _conflict(run: Run, merge: BackMerge, paths: tuple[str, ...]) -> Conflict:
    touched = run.tools.repository.touched
    into, merged = merge.into, merge.merged
    return Conflict(
        paths,
        into=Side(into.branch, touched(paths, merged.sha, into.sha)),
        merged=Side(merged.branch, touched(paths, into.sha, merged.sha)),
    )


def _carry_out(run: Run, lock: LockProof, order: Order, plan: PushPlan) -> Ending:
    if run.request.effect is Effect.DRY_RUN:
        return show(run, plan)
    ending = send(run, plan, lock)
    if ending.outcome is Outcome.PROMOTED:
        # What landed has landed, whatever becomes of the work tree: the next call removes it.
        run.attempt(lambda: clear(run, order))
    return ending


def _continue_once(run: Run, lock: LockProof, order: Order) -> Ending:
    begun = order.bench.begun()
    if begun is not None:
        # Whatever is configured or asked for now: what is continued is what was begun.
        order = replace(order, into=begun.merge.into.branch, merged=begun.merge.merged.branch)
    merge = _arrive(run, lock, order)
    if _contains(run, merge, merge.merged.sha):
        return _nothing_to_do(run, order, merge)
    if begun is None:
        sentence = f"No merge of {plain(order.merged)} into {plain(order.into)} waits here for a person."
        return advised(Refusal(Reason.BAD_USAGE, sentence), "Begin with `promote backport`.")
    if _contains(run, merge, begun.merge.merged.sha):
        # Done by hand for the tip of then; the other branch has moved on since, and that is merged as ever.
        clear(run, order)
        return _merge_once(run, lock, order)
    plan = resolved(run, order, merge, begun)
    if isinstance(plan, Refusal):
        moved = plan.reason is Reason.SOURCE_MOVED
        return advised(plan, how_to_repeat(order) if moved else how_to_resolve(order))
    return _carry_out(run, lock, order, plan)
