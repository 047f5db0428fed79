"""Push, read back, and push again what stays unknown: the very same objects can only heal (I8, I10, I11)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from bot.core.completion import rest_of
from bot.core.gate import Refusal
from bot.core.patience import given_up, pause
from bot.core.promotion import LockProof, Prepared, Promotion, PushOutcome, PushReport, ReadBack
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


@dataclass(frozen=True, slots=True)
class _Sent:
    """What a push came to, and what was seen of it; None where the remote could not be read back."""

    end: Promotion | Refusal | Unsettled
    seen: ReadBack | None


def write(
    run: Run, folder: ports.RunFolder, prepared: Prepared, lock: LockProof, seen: ReadBack | None = None
) -> Promotion | Refusal | Unsettled:
    """Write a prepared promotion to the remote; `folder` is that of the run it belongs to, `seen` as in `send`."""
    sender = Sender(run.tools.repository, run.tools.clock, run.step, partial(run.journal, into=folder))
    return send(sender, prepared, lock, seen)


def send(
    sender: Sender, prepared: Prepared, lock: LockProof, seen: ReadBack | None = None
) -> Promotion | Refusal | Unsettled:
    """Send it, all or none, and read it back; `seen` is what the remote holds of it already, where that was asked.

    What is not settled, or may be allowed in a while, is sent again after waits that are told and bounded.
    """
    pushes, waited = 1, 0.0
    sent = _send_once(sender, prepared, lock, seen)
    while isinstance(sent.end, Unsettled):
        seconds = pause(sent.end, pushes)
        if seconds is None:
            return given_up(sent.end, waited)
        with sender.step("wait", f"{seconds:g} s: {sent.end.sentence}"):
            sender.clock.sleep(seconds)
        pushes, waited = pushes + 1, waited + seconds
        sent = _again(sender, prepared, lock, sent)
    return sent.end


def _again(sender: Sender, prepared: Prepared, lock: LockProof, sent: _Sent) -> _Sent:
    """Send it once more; what landed and was taken back since is only looked at again (I3)."""
    if isinstance(sent.end, Unsettled) and sent.end.reason is Reason.BRANCH_REWOUND:
        return _read_back(sender, prepared, PushReport(PushOutcome.LANDED, (), ""))
    return _send_once(sender, prepared, lock, sent.seen)


def _send_once(sender: Sender, prepared: Prepared, lock: LockProof, seen: ReadBack | None) -> _Sent:
    with sender.step("push", prepared.plan.subject):
        report = sender.repository.push(rest_of(prepared, seen) if seen else prepared, lock)
    sender.journal("pushed", outcome=report.outcome.value)
    return _read_back(sender, prepared, report)


def _read_back(sender: Sender, prepared: Prepared, report: PushReport) -> _Sent:
    with sender.step("read back", ""):
        try:
            seen = sender.repository.read_back(prepared)
        except BotError as error:
            # The push may have landed: this is unknown, never an ordinary failure (I10).
            sentence = f"The remote could not be read back: {error.sentence}"
            return _Sent(Unsettled(Reason.READ_BACK_FAILED, sentence), None)
        return _Sent(settle(prepared, report, seen), seen)
