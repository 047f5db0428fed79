"""Push, read back, and push again what stays unknown: the very same bytes can only heal (I8, I10, I11)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from bot.core.gate import Refusal
from bot.core.patience import given_up, pause
from bot.core.promotion import LockProof, Prepared, Promotion, PushOutcome, PushReport
from bot.core.reasons import Reason
from bot.core.settle import Unsettled, settle
from bot.errors import BotError
from bot.flows import ports
from bot.flows.run import Run


@dataclass(frozen=True, slots=True)
class Sender:
    """What a push needs: the remote, a clock to wait by, how a step is announced, and where a fact is journalled."""

    repository: ports.Repository
    clock: ports.Clock
    step: Callable[[str, str], AbstractContextManager[None]]
    journal: Callable[..., None]


def write(run: Run, folder: ports.RunFolder, prepared: Prepared, lock: LockProof) -> Promotion | Refusal | Unsettled:
    """Write a prepared promotion to the remote, all or none; `folder` is that of the run it belongs to."""
    return send(
        Sender(run.tools.repository, run.tools.clock, run.step, partial(run.journal, into=folder)), prepared, lock
    )


def send(sender: Sender, prepared: Prepared, lock: LockProof) -> Promotion | Refusal | Unsettled:
    """Send it, all or none, and read it back.

    What is not settled, or may be allowed in a while, is sent again after waits that are told and bounded.
    """
    pushes, waited = 1, 0.0
    end = _send_once(sender, prepared, lock)
    while isinstance(end, Unsettled):
        seconds = pause(end, pushes)
        if seconds is None:
            return given_up(end, waited)
        with sender.step("wait", f"{seconds:g} s: {end.sentence}"):
            sender.clock.sleep(seconds)
        pushes, waited = pushes + 1, waited + seconds
        end = _again(sender, prepared, lock, end)
    return end


def _again(sender: Sender, prepared: Prepared, lock: LockProof, end: Unsettled) -> Promotion | Refusal | Unsettled:
    """Send it once more; what landed and was taken back since is only looked at again (I3)."""
    if end.reason is Reason.BRANCH_REWOUND:
        return _read_back(sender, prepared, PushReport(PushOutcome.LANDED, (), ""))
    return _send_once(sender, prepared, lock)


def _send_once(sender: Sender, prepared: Prepared, lock: LockProof) -> Promotion | Refusal | Unsettled:
    with sender.step("push", prepared.plan.subject):
        report = sender.repository.push(prepared, lock)
    sender.journal("pushed", outcome=report.outcome.value)
    return _read_back(sender, prepared, report)


def _read_back(sender: Sender, prepared: Prepared, report: PushReport) -> Promotion | Refusal | Unsettled:
    with sender.step("read back", ""):
        try:
            seen = sender.repository.read_back(prepared)
        except BotError as error:
            # The push may have landed: this is unknown, never an ordinary failure (I10).
            return Unsettled(Reason.READ_BACK_FAILED, f"The remote could not be read back: {error.sentence}")
        return settle(prepared, report, seen)
