"""Push, read back, and push again what stays unknown: the very same bytes can only heal (I8, I10, I11)."""

from typing import Final

from bot.core.gate import Refusal
from bot.core.promotion import LockProof, Prepared, Promotion
from bot.core.reasons import Reason
from bot.core.settle import Unsettled, settle
from bot.errors import BotError
from bot.flows.ports import RunFolder
from bot.flows.run import Run

_PUSHES: Final = 3


def write(run: Run, folder: RunFolder, prepared: Prepared, lock: LockProof) -> Promotion | Refusal | Unsettled:
    """Write a prepared promotion to the remote, all or none; `folder` is that of the run it belongs to."""
    end = _write_once(run, folder, prepared, lock)
    for _ in range(_PUSHES - 1):
        if not isinstance(end, Unsettled):
            break
        end = _write_once(run, folder, prepared, lock)
    return end


def _write_once(run: Run, folder: RunFolder, prepared: Prepared, lock: LockProof) -> Promotion | Refusal | Unsettled:
    with run.step("push", prepared.plan.subject):
        report = run.tools.repository.push(prepared, lock)
    folder.journal("pushed", outcome=report.outcome.value)
    with run.step("read back"):
        try:
            seen = run.tools.repository.read_back(prepared)
        except BotError as error:
            # The push may have landed: this is unknown, never an ordinary failure (I10).
            return Unsettled(Reason.READ_BACK_FAILED, f"The remote could not be read back: {error.sentence}")
        return settle(prepared, report, seen)
