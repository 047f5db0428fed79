"""Land an approved candidate: build every object first, send all refs in one push, and believe only the remote."""

from bot.core.candidate import Candidate
from bot.core.gate import Approval, Refusal
from bot.core.plan import plan_promotion, preview_updates, updates
from bot.core.promotion import LockProof, Prepared, Promotion, PushOutcome, PushReport
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
    with run.step("prepare"):
        prepared = _prepare(run, candidate, approval)
    if isinstance(prepared, Refusal):
        return refused(prepared)
    if not run.tools.repository.source_still_contains(candidate.sha):
        return refused(_rewritten(run, candidate))
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
    repository, request, now = run.tools.repository, run.request, run.tools.clock.now()
    write_notes(run, candidate, now)
    planned = preview_updates(
        candidate,
        ledger_before=repository.ledger_tip(),
        existing_tags=repository.release_tags(),
        at=now,
        tag_prefix=request.tag_prefix,
        target=request.repository.target,
    )
    run.know(updates=planned)
    return Ending(
        Outcome.DRY_RUN, Reason.DRY_RUN, f"{approval.sha[:12]} would be promoted to {request.repository.target}."
    )


def _prepare(run: Run, candidate: Candidate, approval: Approval) -> Prepared | Refusal:
    """Make the tag object and the ledger commit, and journal the whole plan before anything is sent."""
    repository, request, now = run.tools.repository, run.request, run.tools.clock.now()
    plan = plan_promotion(
        candidate,
        approval,
        ledger_before=repository.ledger_tip(),
        existing_tags=repository.release_tags(),
        kind=request.kind.value,
        run_id=request.run_id,
        actor=request.actor,
        verdict=run.record.verdict.result.value if run.record.verdict else "",
        at=now,
        tag_prefix=request.tag_prefix,
        source=request.repository.source,
        target=request.repository.target,
        message=write_notes(run, candidate, now),
        slot=request.slot,
        attempts=len(run.record.attempts),
    )
    if isinstance(plan, Refusal):
        return plan
    prepared = repository.prepare(plan)
    run.know(updates=updates(prepared))
    # Whoever finds this run after a crash needs its evidence, and the plan to send the very same bytes again.
    run.tools.runs.save(run.record)
    run.folder.journal("prepared", plan=plan_document(plan))
    return prepared


def _ending(run: Run, end: Promotion | Refusal | Unsettled) -> Ending:
    match end:
        case Promotion():
            run.know(promotion=end)
            run.folder.journal("landed", tag=end.tag)
            sentence = f"{run.request.repository.target} is at {end.target_after[:12]}, tagged {end.tag}."
            return Ending(Outcome.PROMOTED, Reason.PROMOTED, sentence)
        case Refusal():
            return refused(end)
        case Unsettled():
            return Ending(Outcome.ERROR, end.reason, end.sentence)


def _rewritten(run: Run, candidate: Candidate) -> Refusal:
    source = run.request.repository.source
    return Refusal(
        Reason.SOURCE_REWRITTEN, f"{source} no longer contains {candidate.sha[:12]}, the commit that was tested."
    )
