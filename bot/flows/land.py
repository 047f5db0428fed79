"""Land an approved candidate: build every object first, send all refs in one push, and believe only the remote."""

from bot.core.candidate import Candidate
from bot.core.gate import Approval, Refusal
from bot.core.plan import Release, plan_promotion, planned_updates, updates
from bot.core.promotion import LockProof, Prepared, Promotion, PushOutcome, PushPlan, PushReport
from bot.core.reasons import Reason
from bot.core.record import Outcome
from bot.core.resume import plan_document
from bot.core.settle import Unsettled, settle
from bot.errors import BotError
from bot.flows.push import write
from bot.flows.release_notes import write_notes
from bot.flows.run import Ending, Run, refused


def land(run: Run, candidate: Candidate, approval: Approval, lock: LockProof) -> Ending:
    """Write target, tag and ledger to the remote, all or none, and read them back (I1 to I5, I10, I11)."""
    plan = _plan(run, candidate, approval)
    if isinstance(plan, Refusal):
        return refused(plan)
    with run.effect("ask source"):
        is_there = run.tools.repository.source_still_contains(candidate.sha)
    return send(run, plan, lock) if is_there else refused(_rewritten(run, candidate))


def send(run: Run, plan: PushPlan, lock: LockProof) -> Ending:
    """Make every object of a plan, journal it whole, write it to the remote, all or none, and read it back."""
    prepared = _prepare(run, plan)
    run.prepared = prepared
    return _ending(run, write(run, run.folder, prepared, lock))


def after_interrupt(run: Run) -> Ending:
    """What an interrupted run came to: asked of the remote once where a push may have been under way (I10)."""
    prepared = run.prepared
    if prepared is None:
        return Ending(Outcome.ERROR, Reason.INTERRUPTED, "The run was interrupted; nothing was sent to the remote.")
    try:
        seen = run.tools.repository.read_back(prepared)
    except BotError as error:
        sentence = f"The run was interrupted while it pushed, and the remote could not be asked: {error.sentence}"
        return Ending(Outcome.ERROR, Reason.INTERRUPTED, sentence, Reason.READ_BACK_FAILED.action)
    end = settle(prepared, PushReport(PushOutcome.UNKNOWN, (), ""), seen)
    if isinstance(end, Promotion):
        return _ending(run, end)
    return Ending(Outcome.ERROR, Reason.INTERRUPTED, f"The run was interrupted while it pushed. {end.sentence}")


def preview(run: Run, candidate: Candidate, approval: Approval) -> Ending:
    """Show what a promotion would write; nothing is sent, and the objects are not even made."""
    plan = _plan(run, candidate, approval)
    return refused(plan) if isinstance(plan, Refusal) else show(run, plan)


def show(run: Run, plan: PushPlan) -> Ending:
    """The end of a dry run: the exact ref updates of a plan that is not sent."""
    run.know(updates=planned_updates(plan))
    move = plan.moves[0]
    branch = move.ref.removeprefix("refs/heads/")
    return Ending(Outcome.DRY_RUN, Reason.DRY_RUN, f"{branch} would move from {move.before[:12]} to {move.after[:12]}.")


def release(run: Run, candidate: Candidate) -> Release:
    """What this run releases, as its record and the remote have it now; notes.md is written on the way."""
    repository, request, now = run.tools.repository, run.request, run.tools.clock.now()
    return Release(
        kind=request.kind.value,
        run_id=request.run_id,
        actor=request.actor,
        verdict=run.record.verdict.result.value if run.record.verdict else "",
        at=now,
        tag_prefix=request.tag_prefix,
        source=request.repository.source,
        target=request.repository.target,
        message=write_notes(run, candidate, now),
        ledger_before=repository.ledger_tip(),
        existing_tags=repository.release_tags(),
        slot=request.slot,
        attempts=len(run.record.attempts),
        reason=request.justification,
    )


def _plan(run: Run, candidate: Candidate, approval: Approval) -> PushPlan | Refusal:
    with run.effect("write notes"):
        ours = release(run, candidate)
    return plan_promotion(candidate, approval, ours)


def _prepare(run: Run, plan: PushPlan) -> Prepared:
    """Make the objects in the cache, and journal the whole plan before anything is sent."""
    with run.step("prepare"):
        prepared = run.tools.repository.prepare(plan)
    run.know(updates=updates(prepared))
    # Whoever finds this run after a crash needs its evidence, and the plan to send the very same bytes again.
    with run.effect("save plan"):
        run.tools.runs.save(run.record)
    with run.effect("journal plan"):
        run.folder.journal("prepared", plan=plan_document(plan))
    return prepared


def _ending(run: Run, end: Promotion | Refusal | Unsettled) -> Ending:
    match end:
        case Promotion():
            run.know(promotion=end)
            run.folder.journal("landed", tag=end.tag)
            return Ending(Outcome.PROMOTED, Reason.PROMOTED, _landed(run, end))
        case Refusal():
            return refused(end)
        case Unsettled():
            return Ending(Outcome.ERROR, end.reason, end.sentence)


def _landed(run: Run, end: Promotion) -> str:
    moved = run.prepared.plan.moves[0].ref.removeprefix("refs/heads/") if run.prepared else ""
    tagged = f", tagged {end.tag}" if end.tag else ""
    others = "".join(f"; {move.ref.removeprefix('refs/heads/')} is at {move.after[:12]}" for move in end.others)
    return f"{moved} is at {end.target_after[:12]}{tagged}{others}."


def _rewritten(run: Run, candidate: Candidate) -> Refusal:
    source = run.request.repository.source
    return Refusal(
        Reason.SOURCE_REWRITTEN, f"{source} no longer contains {candidate.sha[:12]}, the commit that was tested."
    )
