"""The night, whole: find the candidate, measure it, judge it, and move the target to it or say why not."""

from bot.core.candidate import Candidate
from bot.core.gate import Approval, Refusal, decide
from bot.core.promotion import LockProof
from bot.core.reasons import Reason
from bot.core.record import Outcome, RunKind, RunRecord
from bot.core.verdict import Verdict
from bot.errors import BotError
from bot.flows.attempts import measure_with_retries
from bot.flows.candidate import find_candidate
from bot.flows.conclude import conclude, prepare_reports
from bot.flows.land import after_interrupt, land, preview
from bot.flows.release_notes import recall
from bot.flows.request import Effect, Request, Tools
from bot.flows.run import Ending, Run, refused


def promote(tools: Tools, request: Request) -> RunRecord:
    """Run one night (or one gate) from the lock to the reports; every ending is a record.

    Raises BotError only where no run had begun (another run holds the lock, the state directory cannot be used) or
    where its record could not be written.
    """
    with tools.lock.hold() as lock:
        run = Run(tools, request)
        try:
            ending = _story(run, lock)
        except BotError as error:
            ending = Ending(Outcome.ERROR, error.reason, error.sentence, error.action)
        except KeyboardInterrupt:
            ending = after_interrupt(run)
        try:
            return conclude(run, ending)
        except KeyboardInterrupt:
            # The record matters more than haste: an interrupt while it is written starts the writing again, once.
            return conclude(run, ending)


def _story(run: Run, lock: LockProof) -> Ending:
    candidate = find_candidate(run, lock)
    if isinstance(candidate, Refusal):
        return refused(candidate)
    recall(run, candidate)
    prepare_reports(run)
    verdict = measure_with_retries(run, candidate)
    approval = decide(candidate, verdict, now=run.tools.clock.now().timestamp())
    if isinstance(approval, Refusal):
        return refused(approval)
    return _after_the_gate(run, candidate, verdict, approval, lock)


def _after_the_gate(run: Run, candidate: Candidate, verdict: Verdict, approval: Approval, lock: LockProof) -> Ending:
    if run.request.kind is RunKind.GATE:
        return Ending(
            Outcome.PASSED, Reason.GATE_PASSED, f"All {len(verdict.checks)} checks passed; nothing was moved."
        )
    if run.request.effect is Effect.DRY_RUN:
        return preview(run, candidate, approval)
    return land(run, candidate, approval, lock)
