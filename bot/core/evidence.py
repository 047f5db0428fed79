"""What was measured: facts only, no judgement. Times are seconds from the start of the measured window unless said."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

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


@dataclass(frozen=True, slots=True)
class Flights:
    """HTTP requests that were `sent` and answered, and those of them that Locust `reported`.

    `cut_off` are requests of any kind that were merely in flight when the load was stopped: they count neither way.
    """

    sent: int
    reported: int
    cut_off: int


class Ending(StrEnum):
    """How the load process ended, told by its own closing line, never by its exit code."""

    COMPLETED = "completed"
    LOCUSTFILE_ERROR = "locustfile-error"
    CRASHED = "crashed"
    DEADLINE = "deadline"
    NOT_RUN = "not-run"
    ABORTED = "aborted"


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
    `replica` tells several processes of one probe apart: lives of one replica follow each other, those of different
    ones stand side by side. `gone` is the moment from which on the process was seen not to be there any more.
    """

    probe: str
    instance: str
    interval: float
    cores: float
    samples: tuple[ResourceSample, ...]
    failures: int
    last_error: str
    replica: str = ""
    gone: float | None = None


@dataclass(frozen=True, slots=True)
class ProbeCost:
    """What looking cost while the scenario ran: readings tried, failed and left out because one took too long.

    `seconds` is what all readings took together and `longest` the slowest one, `taken_in` the bytes read, `cpu` the CPU
    seconds of the bot's own threads, `observed` how long the probe was at work.
    """

    probe: str
    readings: int
    failures: int
    skipped: int
    seconds: float
    longest: float
    taken_in: int
    cpu: float
    observed: float


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
    """One second for the charts: counts, and quantiles in seconds over all endpoints (None where nothing was sent).

    `p50` to `p99` are of the response times, `service_p99` of the service times and `lateness_p99` of start minus due.
    `failures` are (kind, count) pairs, most frequent first.
    """

    at: float
    due: int
    sent: int
    ok: int
    failed: int
    late: int
    p50: float | None
    p95: float | None
    p99: float | None
    service_p99: float | None = None
    lateness_p99: float | None = None
    failures: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """The requests of one stretch of the window, for what depends on their order: `at` is the stretch's start.

    `latency` is what the scenario is judged by: response times in the open model, service times in the closed one, in
    coarser buckets (0.8 to 1.6 %) than those of the whole.
    """

    at: float
    ok: int
    failed: int
    latency: Histogram


@dataclass(frozen=True, slots=True)
class Blocks:
    """Consecutive stretches of `seconds` each, of one endpoint or (None) of all together; they add up to the whole."""

    endpoint: str | None
    seconds: float
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class HealthSample:
    """How one load process fared in the second that ended `at`; None where this system does not tell.

    `cpu` share of one core, `wait` and `throttled` shares of wall time (see `GeneratorLimits`), `lag` the longest delay
    of its event loop in seconds, `files` open files as a share of their limit, `sockets` how many of them are sockets.
    """

    at: float
    cpu: float | None
    wait: float | None
    throttled: float | None
    lag: float | None
    files: float | None
    sockets: int | None


@dataclass(frozen=True, slots=True)
class GeneratorHealth:
    """One load process: `process` names it (`main`, `worker-1`, `host:worker-2`), one sample a second."""

    process: str
    samples: tuple[HealthSample, ...]


@dataclass(frozen=True, slots=True)
class WorkerEvidence:
    """One worker as the master saw it: the intervals it sent and what was wrong with them.

    `skew` is its clock minus the master's in seconds, `rtt` the uncertainty of that. `intervals` arrived of
    `expected`. `trouble` names what went wrong (lost, late, duplicated, restarted, gap, skew), empty where nothing did.
    """

    name: str
    intervals: int
    expected: int
    skew: float | None
    rtt: float | None
    trouble: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Abort:
    """Why the bot ended the load before its end: the objective that could no longer pass, when, and what was seen."""

    at: float
    objective: str
    endpoint: str | None
    rule: str
    words: str


@dataclass(frozen=True, slots=True)
class ScenarioEvidence:
    """Everything that one scenario left behind.

    `started_at` is the UTC moment at which the measured window began, `measured` its real length in seconds,
    `truncated` names whatever the files lack against their own closing line, `refused_connects` (address, count)
    pairs that the allow-list stopped, `user_errors` (text, count) pairs of exceptions in tasks, `users_lowest` the
    fewest users alive in the window (closed model; None where that is not on record), `users_missing` by how many
    they were short of what a LoadTestShape wanted at the worst moment (None without one). `extended` seconds were added
    to the planned duration because an objective was undecided. `blocks` cut the window for what depends on order.
    `flights` are None where nobody counted.
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
    users_missing: int | None = None
    extended: float = 0.0
    abort: Abort | None = None
    blocks: tuple[Blocks, ...] = ()
    health: tuple[GeneratorHealth, ...] = ()
    workers: tuple[WorkerEvidence, ...] = ()
    probe_costs: tuple[ProbeCost, ...] = ()
    flights: Flights | None = None

    @property
    def planned(self) -> float:
        """The seconds that were to be measured, with the extension."""
        return self.plan.duration + self.extended


@dataclass(frozen=True, slots=True)
class PastNight:
    """What one earlier run showed for one objective; `released` when its commit was promoted."""

    run_id: str
    at: str
    sha: str
    observed: float
    released: bool


@dataclass(frozen=True, slots=True)
class Past:
    """The valid passed nights of the same profile for one objective, oldest first."""

    scenario: str
    endpoint: str | None
    objective: str
    nights: tuple[PastNight, ...]


SCHEMA: Final = 2
"""Of the evidence document: what an older version judged has another digest, and must be told from what was altered."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All scenarios in the order of the plan, and the SHA-256 of every file they were read from.

    `probes` are the names of the planned probes: one of them without any series was silent throughout. `past` is what
    earlier nights showed, as far as it was known when this one was judged.
    """

    candidate_sha: str
    proof: bool
    scenarios: tuple[ScenarioEvidence, ...]
    files: tuple[tuple[str, str], ...]
    probes: tuple[str, ...] = ()
    past: tuple[Past, ...] = ()
    schema: int = SCHEMA
