"""Whether a night's slot is done (invariant I18)."""

from collections.abc import Iterable
from typing import Final

from bot.core.record import Outcome, RunKind
from bot.core.selectors import RunSummary

# A broken machine (error) may be tried again in the same night; every other end is the night's answer, and a failure is
# never turned into a pass by repetition (invariant I16).
_OPEN: Final = frozenset({Outcome.ERROR, Outcome.DRY_RUN})


def done_in_slot(runs: Iterable[RunSummary], slot: str) -> RunSummary | None:
    """The run that answered this slot; None where the slot is still open. A dry run is no night, however it ends."""
    nights = (run for run in runs if run.kind == RunKind.PROMOTION and not run.dry_run)
    return next((run for run in nights if run.slot == slot and run.outcome not in _OPEN), None)
