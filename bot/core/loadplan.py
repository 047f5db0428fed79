"""What is to be measured: a pure function of the settings and the options of one run."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from bot.core.limits import Limit


class ScenarioKind(StrEnum):
    """A load test looks at latency and errors; a soak also at what the service keeps."""

    LOAD = "load"
    SOAK = "soak"


@dataclass(frozen=True, slots=True)
class OpenModel:
    """Arrivals per second, sent whether or not earlier ones were answered; `pool` bounds those in flight."""

    rate: float
    pool: int


@dataclass(frozen=True, slots=True)
class ClosedModel:
    """So many users, each waiting for its answer before it goes on."""

    users: int


# What a configuration may demand; every other check is a condition of a trustworthy measurement.
OBJECTIVES: Final = frozenset({"error_rate", "p50", "p90", "p95", "p99", "p99_9", "memory_growth", "cpu", "rate"})


@dataclass(frozen=True, slots=True)
class Objective:
    """One objective of one scenario: `key` as in the configuration, `endpoint` None for all endpoints together."""

    key: str
    limit: Limit
    endpoint: str | None = None


@dataclass(frozen=True, slots=True)
class ScenarioPlan:
    """One scenario as it shall run; `duration` (measured) and `warmup` in seconds, `locustfile` an absolute path."""

    name: str
    kind: ScenarioKind
    locustfile: str
    model: OpenModel | ClosedModel
    duration: float
    warmup: float
    objectives: tuple[Objective, ...]
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """All scenarios in order, the base URL they are aimed at, and every `host:port` a connection may go to.

    `proof` says whether staging can prove which commit it runs (`version_url` is set).
    `probes` are the names of the probes that must have answered where an objective needs them. `changed` says in words
    what the command line made different from the configuration, one thing an entry.
    """

    base_url: str
    allow_hosts: tuple[str, ...]
    scenarios: tuple[ScenarioPlan, ...]
    proof: bool
    probes: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
