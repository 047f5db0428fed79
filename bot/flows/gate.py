"""The gate of a run: required checks, the measurement and its verdict, and the checks once more."""

from bot.core.candidate import Candidate
from bot.core.gate import Approval, Refusal, decide
from bot.core.verdict import Result
from bot.flows.attempts import measure_with_retries
from bot.flows.checks import ask_again, await_checks
from bot.flows.conclude import prepare_reports
from bot.flows.run import Run


def tested(run: Run, candidate: Candidate) -> Approval | Refusal:
    """Test the candidate, and approve it or say why not."""
    unchecked = await_checks(run, candidate)
    if unchecked is not None:
        return unchecked
    prepare_reports(run)
    verdict = measure_with_retries(run, candidate)
    if verdict.result is Result.PASS:
        # Before the approval, whose time is short: what is pending by now is waited for once more.
        unchecked = ask_again(run, candidate)
    return unchecked or decide(candidate, verdict, now=run.tools.clock.now().timestamp())
