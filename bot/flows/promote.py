"""The night, whole: find the candidate, measure it, judge it, and move the target to it or say why not."""

from bot.core.gate import Refusal
from bot.core.promotion import LockProof
from bot.core.reasons import Reason
from bot.core.record import Outcome, RunKind, RunRecord
from bot.flows.announce import say_begun
from bot.flows.candidate import find_candidate
from bot.flows.gate import tested
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
    say_begun(run)
    recall(run, candidate)
    approval = tested(run, candidate)
    if isinstance(approval, Refusal):
        return refused(approval)
    if run.request.kind is RunKind.GATE:
        return _passed(run)
    if run.request.effect is Effect.DRY_RUN:
        return preview(run, candidate, approval)
    return land(run, candidate, approval, lock)


def _passed(run: Run) -> Ending:
    checks = run.record.verdict.checks if run.record.verdict else ()
    return Ending(Outcome.PASSED, Reason.GATE_PASSED, f"All {len(checks)} checks passed; nothing was moved.")
