"""What one interval of a run contains, as a value: it goes to the files of this process, or to the master."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Counts: TypeAlias = npt.NDArray[np.int64]


class Pacing(StrEnum):
    """Who decides when a request is sent: a schedule of arrivals, or the users, whose requests are due when sent."""

    OPEN = "open"
    CLOSED = "closed"


class Phase(StrEnum):
    """The part of the run that an interval belongs to."""

    WARMUP = "warmup"
    MEASURED = "measured"
    DRAIN = "drain"


@dataclass(frozen=True, slots=True)
class Interval:
    """One interval: seconds from the start of the measured window, and its wall-clock end since the epoch."""

    phase: Phase
    start: float
    end: float
    epoch: float


@dataclass(slots=True)
class Tallies:
    """Counts of one interval; `queued` are the arrivals that waited for a user at its end.

    `busy` users of a pool of `pool` carried out arrivals at the busiest moment (both 0 in the closed model).
    """

    due: int = 0
    sent: int = 0
    ok: int = 0
    failed: int = 0
    late: int = 0
    queued: int = 0
    busy: int = 0
    pool: int = 0


@dataclass(frozen=True, slots=True)
class Occupancy:
    """How many users of a pool were busy at the busiest moment of an interval; the closed model has no pool."""

    busy: int = 0
    pool: int = 0


@dataclass(frozen=True, slots=True)
class Series:
    """One histogram of an interval: its tag in the log, counts per bucket, and the greatest value in microseconds."""

    tag: str
    counts: Counts
    greatest: int


Health: TypeAlias = Mapping[str, float | int | None]
"""How a load process fared in an interval: `cpu`, `wait`, `throttled`, `lag`, `files`, `sockets`; None: unknown."""


@dataclass(frozen=True, slots=True)
class IntervalReport:
    """Everything that happened in one interval.

    `seen` are the counts per bucket of all response times, those of the warm-up too, `quantiles` their p50, p95 and
    p99 in microseconds (None where nothing was seen). `over` counts the judged latencies beyond each of the plan's
    limits, `over_service` the service times, `watched` the (ok, failed) requests of each endpoint that has objectives
    of its own. `failures` are by endpoint and kind, `user_errors` by text, `refused` by address, `health` by process.
    """

    interval: Interval
    tallies: Tallies
    seen: Counts
    quantiles: tuple[float, ...] | None = None
    histograms: tuple[Series, ...] = ()
    over: tuple[int, ...] = ()
    over_service: tuple[int, ...] = ()
    watched: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    failures: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    user_errors: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    health: Mapping[str, Health] = field(default_factory=dict)
