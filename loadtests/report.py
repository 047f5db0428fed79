"""How a run ends, as a value; without a closing line nothing about the run is believed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class Ending(StrEnum):
    """How the run ended, as the closing line says it."""

    COMPLETED = "completed"
    LOCUSTFILE_ERROR = "locustfile-error"
    CRASHED = "crashed"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True)
class Closing:
    """What the closing line says: seconds really measured, and the totals that the histograms are held against.

    `arrivals` is None in the closed model, `users_missing` without a LoadTestShape, `workers` without a master.
    `flights` are HTTP requests that were `sent` and `reported`, and those of any kind that the end `cut_off`.
    """

    ending: Ending
    detail: str = ""
    measured: float = 0.0
    arrivals: dict[str, int] | None = None
    users_lowest: int | None = None
    users_missing: int | None = None
    endpoints: Sequence[dict[str, Any]] = ()
    workers: Sequence[dict[str, Any]] | None = None
    flights: dict[str, int] | None = None

    def with_users_missing(self, number: int) -> "Closing":
        """The same, with what a shape that others follow was short of."""
        return replace(self, users_missing=number)
