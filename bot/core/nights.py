"""Whether a night's slot is done (invariant I18)."""

from collections.abc import Iterable
from typing import Final

from bot.core.record import Outcome, RunKind
from bot.core.selectors import RunSummary

# A broken machine (error) may be tried again in the same night, and a dry run was none; every other end is the
# night's answer, and a failure is never turned into a pass by repetition (invariant I16).
_OPEN: Final = frozenset({Outcome.ERROR, Outcome.DRY_RUN})


def done_in_slot(runs: Iterable[RunSummary], slot: str) -> RunSummary | None:
    """The run that has answered this slot; None where the slot is still open."""
    answers = (run for run in runs if run.slot == slot and run.kind == RunKind.PROMOTION and run.outcome not in _OPEN)
    return next(answers, None)
