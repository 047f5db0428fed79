"""The back-merge, whole: the target into the source by a real merge; where git cannot do it, a person does."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.core.backport import BackMerge, Step, plan_advance, plan_merge, steps, up_to_date
from bot.core.candidate import Candidate, Commit
from bot.core.conflict import Conflict, Side
from bot.core.gate import Refusal
from bot.core.moments import iso
from bot.core.promotion import LockProof, PushPlan
from bot.core.reasons import Reason
from bot.core.record import Outcome, RunRecord
from bot.core.text import plain
from bot.flows.anew import resolve_tip, until_still
from bot.flows.chain import chain
from bot.flows.land import send, show
from bot.flows.past import fetch_and_settle
from bot.flows.ports import Lock, Workbench
from bot.flows.request import Effect, Request, Tools
from bot.flows.run import Ending, Run, refused
from bot.flows.session import play
from bot.flows.workbench import Mode, Order, advised, clear, hand_over, resolved

__all__ = ["Mode", "Order", "abort", "backport"]

_MEND: Final = "Mend there what was rolled back: its content was kept, and `promote quarantine list` names it."


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
    todo = steps(merge, _lacking(run), run.tools.repository.ledger())
    if _may_advance(run, merge, todo):
        return _carry_out(run, lock, order, plan_advance(merge, run.tools.clock.now()))
    with run.step("merge"):
        made = chain(run, merge, todo)
    if made.stopped and not made.commits:
        return hand_over(run, order, made.stopped, _conflict(run, made.stopped, made.conflicts))
    ending = _carry_out(run, lock, order, plan_merge(merge, made.commits, run.tools.clock.now()))
    return _go_on(run, lock, order, ending) if made.stopped else _advised(ending, todo)


def _lacking(run: Run) -> tuple[Commit, ...]:
    return run.record.candidate.commits if run.record.candidate else ()


def _may_advance(run: Run, merge: BackMerge, todo: Sequence[Step]) -> bool:
    """Whether the one branch has nothing of its own, and there is no content that it has to keep."""
    is_plain = not any(step.keeps for step in todo)
    return is_plain and run.tools.repository.contains(merge.merged.sha, merge.into.sha)


def _go_on(run: Run, lock: LockProof, order: Order, ending: Ending) -> Ending:
    """After what git can merge by itself: what it cannot; a dry run says that there is something."""
    if ending.outcome is Outcome.PROMOTED:
        return _merge_once(run, lock, order)
    rest = f"The rest of {plain(order.merged)} is in conflict, which is for a person."
    return replace(ending, sentence=f"{ending.sentence} {rest}")


def _advised(ending: Ending, todo: Sequence[Step]) -> Ending:
    """What was rolled back is still in the branch that took the rollback."""
    is_kept = ending.outcome is Outcome.PROMOTED and any(step.keeps for step in todo)
    return replace(ending, action=_MEND) if is_kept else ending


def _nothing_to_do(run: Run, order: Order, merge: BackMerge) -> Ending:
    """Merged already: by this bot, by another one, or by the person who had a work tree for it."""
    done = up_to_date(merge)
    words = " The work tree that was made for it is removed." if clear(run, order) else ""
    return replace(refused(done), sentence=done.sentence + words)


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
    return plan if isinstance(plan, Ending) else _carry_out(run, lock, order, plan)
