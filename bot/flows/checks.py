"""The checks that must have succeeded on the candidate: asked before any load, and again before the push."""

from bot.core.candidate import Candidate
from bot.core.gate import Refusal
from bot.core.reasons import Reason
from bot.core.required import examine_required, pause, required
from bot.errors import BotError
from bot.flows.run import Run

_NO_HOST = "Name the remote's host and give it a token ([host] in the configuration), or require no checks."


def await_checks(run: Run, candidate: Candidate) -> Refusal | None:
    """None where each required check has succeeded; what is pending or missing is waited for, as long as it may be.

    Raises:
        BotError: the host could not be asked; nobody knows then, and that is no success.
    """
    return _ask(run, candidate, "checks")


def ask_again(run: Run, candidate: Candidate) -> Refusal | None:
    """The same question once the candidate is measured: hours may lie between, and a check may run anew."""
    return _ask(run, candidate, "checks again")


def _ask(run: Run, candidate: Candidate, step: str) -> Refusal | None:
    names = run.request.required_checks
    if not names:
        return None
    if not run.tools.host.name:
        sentence = f"Checks are required ({', '.join(names)}), but the remote has no host that could be asked."
        raise BotError(Reason.HOST_UNREACHABLE, sentence, _NO_HOST)
    with run.step(step, ", ".join(names)):
        return _await(run, candidate)


def _await(run: Run, candidate: Candidate) -> Refusal | None:
    clock = run.tools.clock
    begun = clock.monotonic()
    while True:
        checks = required(run.request.required_checks, run.tools.host.checks(candidate.sha))
        run.know(required_checks=checks)
        refusal = examine_required(checks)
        if refusal is None or refusal.reason is not Reason.CHECKS_PENDING:
            return refusal
        seconds = pause(clock.monotonic() - begun, run.request.checks_wait)
        if seconds is None:
            return refusal
        run.tools.watcher.step("wait", f"{seconds:.0f} s: {refusal.sentence}")
        clock.sleep(seconds)
