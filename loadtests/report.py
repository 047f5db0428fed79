"""The opening and the closing line of a run; without the closing line nothing about the run is believed."""

from collections.abc import Sequence
from enum import StrEnum
from time import time
from typing import Any

from bot.core.text import plain
from loadtests.files import Lines
from loadtests.plan import Plan

_LONGEST_DETAIL = 500


class Ending(StrEnum):
    """How the run ended, as the closing line says it."""

    COMPLETED = "completed"
    LOCUSTFILE_ERROR = "locustfile-error"
    CRASHED = "crashed"


class Report:
    """Writes one `start` line and one `end` line, each at most once."""

    def __init__(self, plan: Plan, lines: Lines) -> None:
        self._plan = plan
        self._lines = lines
        self.ended = False

    def start(self, epoch: float) -> None:
        """The measured window begins at `epoch` (seconds since the epoch), after the warm-up."""
        plan = self._plan
        self._lines.write("start", epoch, warmup=plan.warmup, duration=plan.duration, model=plan.pacing)

    def end(
        self,
        ending: Ending,
        detail: str = "",
        *,
        measured: float = 0.0,
        arrivals: dict[str, int] | None = None,
        users_lowest: int | None = None,
        endpoints: Sequence[dict[str, Any]] = (),
    ) -> None:
        """Close the run and have the disk keep it; later calls change nothing."""
        if self.ended:
            return
        self.ended = True
        self._lines.write(
            "end",
            time(),
            ending=ending,
            detail=plain(detail, _LONGEST_DETAIL),
            measured=round(measured, 3),
            arrivals=arrivals,
            users_lowest=users_lowest,
            endpoints=list(endpoints),
        )
        self._lines.sync()
