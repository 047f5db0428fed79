"""The night, whole: find the candidate, measure it, judge it, and move the target to it or say why not."""

from bot.core.candidate import Candidate
from bot.core.gate import Approval, Refusal, decide
from bot.core.promotion import LockProof
from bot.core.reasons import Reason
from bot.core.record import Outcome, RunKind, RunRecord
from bot.core.verdict import Verdict
from bot.flows.attempts import measure_with_retries
from bot.flows.candidate import find_candidate
from bot.flows.conclude import prepare_reports
from bot.flows.land import land, preview
from bot.flows.release_notes import recall
from bot.flows.request import Effect, Request, Tools
from bot.flows.run import Ending, Run, refused
from bot.flows.session import play


def promote(tools: Tools, request: Request) -> RunRecord:
    """Run one night (or one gate) from the lock to the reports; see `bot.flows.session`."""
    return play(tools, request, _story)


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
