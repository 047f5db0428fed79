"""What was measured: facts only, no judgement. Times are seconds from the start of the measured window unless said."""

from dataclasses import dataclass
from enum import StrEnum

from bot.core.loadplan import ScenarioPlan


@dataclass(frozen=True, slots=True)
class Histogram:
    """A latency distribution: ascending bucket values in microseconds (highest equivalent value) and their counts."""

    values: tuple[int, ...] = ()
    counts: tuple[int, ...] = ()

    @property
    def total(self) -> int:
        """How many values were recorded."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class EndpointEvidence:
    """Requests of one endpoint (`METHOD name`) that were due in the measured window.

    `response` counts from the due time of the arrival, `service` from the send; both over all requests, failed or not.
    `failures` are (kind, count) pairs, most frequent first.
    """

    endpoint: str
    ok: int
    failed: int
    failures: tuple[tuple[str, int], ...]
    response: Histogram
    service: Histogram


@dataclass(frozen=True, slots=True)
class ArrivalEvidence:
    """Open model only: arrivals that fell due in the measured window, and how the generator kept up with them.

    `due` should have started, `started` did, `late` started later than the tolerance, `unsent` never did
    (`due == started + unsent`). `lateness` is start minus due time in microseconds. `pool_peak` of `pool_size`
    users were busy at the worst moment. `empty` are those that started and sent no request, though they raised nothing.
    """

    due: int
    started: int
    late: int
    unsent: int
    lateness: Histogram
    pool_size: int
    pool_peak: int
    empty: int = 0


class Ending(StrEnum):
    """How the load process ended, told by its own closing line, never by its exit code."""

    COMPLETED = "completed"
    LOCUSTFILE_ERROR = "locustfile-error"
    CRASHED = "crashed"
    DEADLINE = "deadline"
    NOT_RUN = "not-run"


@dataclass(frozen=True, slots=True)
class ResourceSample:
    """One reading: bytes of resident memory and CPU seconds used since the process began; None where unknown."""

    at: float
    memory: float | None
    cpu_seconds: float | None


@dataclass(frozen=True, slots=True)
class ResourceSeries:
    """The readings of one probe for one process life; a new life (restart) of the same probe is a new series.

    `instance` names that life (such as pid and start time), empty where the probe cannot tell one from the next.
    `interval` is the planned seconds between readings,
    `cores` the number of cores that 100 % CPU stands for. `failures` counts failed readings, `last_error` says how.
    """

    probe: str
    instance: str
    interval: float
    cores: float
    samples: tuple[ResourceSample, ...]
    failures: int
    last_error: str


class ProofPhase(StrEnum):
    """When staging was asked which commit it runs."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class DeploymentObservation:
    """One answer of `version_url`: the commit it named, or why there was none."""

    at: float
    phase: ProofPhase
    sha: str | None
    error: str


@dataclass(frozen=True, slots=True)
class Second:
    """One second for the charts: counts, and quantiles in seconds over all endpoints (None where nothing was sent)."""

    at: float
    due: int
    sent: int
    ok: int
    failed: int
    late: int
    p50: float | None
    p95: float | None
    p99: float | None


@dataclass(frozen=True, slots=True)
class ScenarioEvidence:
    """Everything that one scenario left behind.

    `started_at` is the UTC moment at which the measured window began, `measured` its real length in seconds,
    `truncated` names whatever the files lack against their own closing line, `refused_connects` (address, count)
    pairs that the allow-list stopped, `user_errors` (text, count) pairs of exceptions in tasks, `users_lowest` the
    fewest users alive in the window (closed model; None where that is not on record).
    """

    plan: ScenarioPlan
    ending: Ending
    ending_detail: str
    started_at: str
    measured: float
    arrivals: ArrivalEvidence | None
    endpoints: tuple[EndpointEvidence, ...]
    resources: tuple[ResourceSeries, ...]
    deployment: tuple[DeploymentObservation, ...]
    refused_connects: tuple[tuple[str, int], ...]
    user_errors: tuple[tuple[str, int], ...]
    truncated: tuple[str, ...]
    timeline: tuple[Second, ...]
    users_lowest: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All scenarios in the order of the plan, and the SHA-256 of every file they were read from.

    `probes` are the names of the planned probes: one of them without any series was silent throughout.
    """

    candidate_sha: str
    proof: bool
    scenarios: tuple[ScenarioEvidence, ...]
    files: tuple[tuple[str, str], ...]
    probes: tuple[str, ...] = ()
