"""Land an approved candidate: build every object first, send all refs in one push, and believe only the remote."""

from collections.abc import Callable
from dataclasses import replace

from bot.core.candidate import Candidate
from bot.core.gate import Approval, Refusal, examine_again
from bot.core.plan import Release, plan_promotion, planned_updates, updates
from bot.core.promotion import LockProof, Move, Prepared, Promotion, PushOutcome, PushPlan, PushReport
from bot.core.reasons import Exit, Reason
from bot.core.record import Outcome
from bot.core.resume import prepared_document
from bot.core.settle import Unsettled, settle
from bot.core.succession import next_moment
from bot.core.tags import tag_name
from bot.core.tagtext import TagText
from bot.errors import BotError
from bot.flows.announce import say_judged
from bot.flows.line import with_cause
from bot.flows.push import write
from bot.flows.release_notes import write_notes
from bot.flows.run import Ending, Run, refused


def land(run: Run, candidate: Candidate, approval: Approval, lock: LockProof) -> Ending:
    """Write target, tag and ledger to the remote, all or none, and read them back (I1 to I5, I10, I11)."""
    plan = _plan(run, candidate, approval)
    if isinstance(plan, Refusal):
        return refused(plan)
    refusal = look_again(run, run.request.repository.source, candidate)
    return refused(refusal) if refusal else send(run, plan, lock)


def look_again(run: Run, branch: str, candidate: Candidate) -> Refusal | None:
    """Whether people made the push pointless or wrong since the run began, as far as its leases cannot tell."""
    with run.effect("ask branches"):
        seen = run.tools.repository.meanwhile(branch, candidate.sha)
    return examine_again(candidate, branch, run.request.repository.target, seen)


def send(run: Run, plan: PushPlan, lock: LockProof) -> Ending:
    """Make every object of a plan, journal it whole, write it to the remote, all or none, and read it back."""
    say_judged(run)
    prepared = _prepare(run, plan)
    run.prepared, run.is_settled = prepared, False
    ending = _ending(run, write(run, run.folder, prepared, lock))
    return with_cause(run, plan.moves[0].after, ending) if ending.reason is Reason.LEDGER_MOVED else ending


def after_interrupt(run: Run) -> Ending:
    """What an interrupted run came to."""
    if run.prepared is None:
        return Ending(Outcome.ERROR, Reason.INTERRUPTED, "The run was interrupted; nothing was sent to the remote.")
    return _cut_off(run, Ending(Outcome.ERROR, Reason.INTERRUPTED, "The run was interrupted while it pushed."))


def after_failure(run: Run, error: BotError) -> Ending:
    """What a run came to whose machinery broke, be it before the push, in it, or after it."""
    cause = Ending(Outcome.ERROR, error.reason, error.sentence, error.action)
    if run.prepared is not None:
        return _cut_off(run, cause)
    # Nothing was sent; whether that is a no or a machine that broke, the reason says.
    return replace(cause, outcome=Outcome.REFUSED) if error.reason.exit is Exit.REFUSED else cause


def _cut_off(run: Run, cause: Ending) -> Ending:
    """Ask the remote once, since a push may have been under way (I10); what it does not hold yet may still arrive."""
    prepared = _sent(run)
    try:
        with run.effect("read back"):
            seen = run.tools.repository.read_back(prepared)
    except BotError as error:
        sentence = f"{cause.sentence} What came of the push could not be asked: {error.sentence}"
        return replace(cause, sentence=sentence, action=Reason.READ_BACK_FAILED.action)
    end = settle(prepared, PushReport(PushOutcome.UNKNOWN, (), ""), seen)
    if isinstance(end, Promotion):
        return _ending(run, end)
    return replace(cause, sentence=f"{cause.sentence} {end.sentence}")


def preview(run: Run, candidate: Candidate, approval: Approval) -> Ending:
    """Show what a promotion would write; nothing is sent, and the objects are not even made."""
    plan = _plan(run, candidate, approval)
    return refused(plan) if isinstance(plan, Refusal) else show(run, plan)


def show(run: Run, plan: PushPlan) -> Ending:
    """The end of a dry run: the exact ref updates of a plan that is not sent."""
    run.know(updates=planned_updates(plan))
    moves = (f"{move.ref.removeprefix('refs/heads/')} would move {_from_to(move)}" for move in plan.moves)
    way = run.tools.repository.sent_by
    sent = f" It would be sent {way}." if way else ""
    return Ending(Outcome.DRY_RUN, Reason.DRY_RUN, f"{'; '.join(moves)}.{sent}")


def _from_to(move: Move) -> str:
    return f"from {move.before[:12]} to {move.after[:12]}"


def release(run: Run, candidate: Candidate, notes: Callable[[Run, Candidate, str], TagText] = write_notes) -> Release:
    """What this run releases, as its record and the remote have it now; `notes` writes notes.md for its tag's name."""
    repository, request, now = run.tools.repository, run.request, run.tools.clock.now()
    moment = next_moment(request.tag_prefix, repository.release_tags(), repository.ledger(), now)
    return Release(
        kind=request.kind.value,
        run_id=request.run_id,
        actor=request.actor,
        verdict=run.record.verdict.result.value if run.record.verdict else "",
        at=now,
        moment=moment,
        tag_prefix=request.tag_prefix,
        source=request.repository.source,
        target=request.repository.target,
        message=notes(run, candidate, tag_name(request.tag_prefix, moment) if moment else ""),
        ledger_before=repository.ledger_tip(),
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
        signed = run.tools.repository.sign(plan, run.effect)
        prepared = run.tools.repository.prepare(signed, run.effect)
    run.know(updates=updates(prepared))
    # Whoever finds this run after a crash needs its evidence, and the plan to send the very same bytes again.
    with run.effect("save plan"):
        run.tools.runs.save(run.record)
    run.journal("prepared", **prepared_document(prepared))
    return prepared


def _ending(run: Run, end: Promotion | Refusal | Unsettled) -> Ending:
    run.is_settled = isinstance(end, Promotion) or (isinstance(end, Refusal) and not _may_still_land(run))
    match end:
        case Promotion():
            run.know(promotion=end)
            run.attempt(lambda: run.journal("landed", tag=end.tag))
            return Ending(Outcome.PROMOTED, Reason.PROMOTED, _landed(run, end))
        case Refusal():
            return refused(end)
        case Unsettled():
            return Ending(Outcome.ERROR, end.reason, end.sentence)


def _may_still_land(run: Run) -> bool:
    """Whether a push is unaccounted for: a slow server may still do what it was sent, whatever it said later."""
    told = run.folder.journal_lines()
    return any((line.get("event"), line.get("outcome")) == ("pushed", PushOutcome.UNKNOWN.value) for line in told)


def _landed(run: Run, end: Promotion) -> str:
    moved = _sent(run).plan.moves[0].ref.removeprefix("refs/heads/")
    tagged = f", tagged {end.tag}" if end.tag else ""
    others = "".join(f"; {move.ref.removeprefix('refs/heads/')} is at {move.after[:12]}" for move in end.others)
    return f"{moved} is at {end.target_after[:12]}{tagged}{others}."


def _sent(run: Run) -> Prepared:
    """What a push may have sent; there is none before the first."""
    if run.prepared is None:
        raise TypeError("nothing was prepared yet")
    return run.prepared
