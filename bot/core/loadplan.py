"""What is to be measured: a pure function of the settings and the options of one run."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from bot.core.limits import Comparison, Limit, Unit


class ScenarioKind(StrEnum):
    """A load test looks at latency and errors; a soak also at what the service keeps."""

    LOAD = "load"
    SOAK = "soak"


class Spacing(StrEnum):
    """How arrivals lie within a rate: at equal distances, or at random like strangers' (a Poisson process)."""

    EVEN = "even"
    POISSON = "poisson"


@dataclass(frozen=True, slots=True)
class Stretch:
    """So many seconds in which the rate goes in a straight line from `start` to `end` arrivals per second."""

    seconds: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class OpenModel:
    """Arrivals per second, sent whether or not earlier ones were answered; `pool` bounds those in flight.

    `rate` is the highest rate. `course` says how the rate goes over the measured time; empty: always `rate`. The
    warm-up goes at the rate of its beginning, an extension at that of its end. `seed` fixes random spacing. `mix` are
    (task, weight) pairs in place of the load file's own weights; empty: those of the file.
    """

    rate: float
    pool: int
    course: tuple[Stretch, ...] = ()
    spacing: Spacing = Spacing.EVEN
    seed: int = 0
    mix: tuple[tuple[str, float], ...] = ()

    def arrivals(self, seconds: float) -> float:
        """How many arrivals the course plans for the first `seconds` of the measured time."""
        planned, at = 0.0, 0.0
        for stretch in self.course:
            part = min(stretch.seconds, max(0.0, seconds - at))
            reached = stretch.start + (stretch.end - stretch.start) * part / stretch.seconds if part else stretch.start
            planned += part * (stretch.start + reached) / 2
            at += stretch.seconds
        rate = self.course[-1].end if self.course else self.rate
        return planned + rate * max(0.0, seconds - at)


@dataclass(frozen=True, slots=True)
class ClosedModel:
    """So many users, each waiting for its answer first; a LoadTestShape of the load file decides instead."""

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
class RelativeObjective:
    """A limit that past nights set: `factor` x baseline + `offset` (seconds or a share), such as `< 1.2x baseline`."""

    key: str
    comparison: Comparison
    factor: float
    offset: float
    unit: Unit
    text: str
    endpoint: str | None = None


@dataclass(frozen=True, slots=True)
class GeneratorLimits:
    """From when on a load generator counts as too weak to be believed, per process; shares with 1.0 as 100 %.

    `sent` is the smallest share of due arrivals that must begin, `lateness` (seconds) and `lateness_share` (of the
    tightest latency limit; the larger counts) the largest p99 of "start minus due". `cpu` is the p95 over the seconds
    of the process's CPU, as a share of one core; `wait` the share of wall time it was runnable without a core;
    `throttled` the share of wall time its cgroup, or one above it, was; `lag` (seconds) the p95 over the seconds of the
    longest delay of its event loop; `files` the share of the limit of open files (sockets among them).

    Calibrated at 1000 arrivals/s on two cores shared with the service: with a core of its own a process waited 1 % of
    the time, beside busy neighbours 16 to 33 % and still sent on time (lateness p99 4 to 8 ms); held down by four
    others on its core it waited 47 %, and lateness rose to 26 ms.
    """

    sent: float = 0.995
    lateness: float = 0.010
    lateness_share: float = 0.05
    cpu: float = 0.90
    wait: float = 0.50
    throttled: float = 0.02
    lag: float = 0.050
    files: float = 0.90


@dataclass(frozen=True, slots=True)
class Workers:
    """Who sends the load: `local` processes on this machine and `remote` ones that join from others.

    With one local and no remote worker there is no master: one process does it all. Remote ones join at `bind`:`port`
    within `deadline` seconds.
    """

    local: int = 1
    remote: int = 0
    bind: str = "127.0.0.1"
    port: int = 5557
    deadline: float = 60.0

    @property
    def total(self) -> int:
        """How many processes send load."""
        return self.local + self.remote

    @property
    def distributed(self) -> bool:
        """Whether a master leads workers."""
        return self.total > 1 or self.remote > 0


@dataclass(frozen=True, slots=True)
class ScenarioPlan:
    """One scenario as it shall run; `duration` (measured) and `warmup` in seconds, `locustfile` an absolute path.

    `relative` are the objectives that past nights set. `extend` is the share of the duration by which it goes on, once,
    while an objective is undecided; `abort` whether it ends early when it can no longer pass. `tags`, `exclude_tags`
    and `config_users` are Locust's own.
    """

    name: str
    kind: ScenarioKind
    locustfile: str
    model: OpenModel | ClosedModel
    duration: float
    warmup: float
    objectives: tuple[Objective, ...]
    options: dict[str, Any] = field(default_factory=dict)
    relative: tuple[RelativeObjective, ...] = ()
    extend: float = 0.0
    abort: bool = True
    tags: tuple[str, ...] = ()
    exclude_tags: tuple[str, ...] = ()
    config_users: tuple[dict[str, Any], ...] = ()
    generator: GeneratorLimits = GeneratorLimits()
    workers: Workers = Workers()


@dataclass(frozen=True, slots=True)
class BaselineRule:
    """What past nights count for: the last `nights` valid passed ones of the same profile, `least` at the fewest.

    `anchor` is how many released commits keep a slow drift from becoming the norm. `jump` is the robust z beyond which
    a night stands out. `block` says whether a change point in the history blocks, or only warns.
    """

    nights: int = 20
    least: int = 5
    anchor: int = 5
    jump: float = 4.0
    block: bool = False


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """All scenarios in order, the base URL they are aimed at, and every `host:port` a connection may go to.

    `proof` says whether staging can prove which commit it runs (`version_url` is set).
    `probes` are the names of the probes that must have answered where an objective needs them. `changed` says in words
    what the command line made different from the configuration, one thing an entry. `retry` is how often a measurement
    that came to INCONCLUSIVE or INVALID may be repeated whole; `baseline` is what counts as history.
    """

    base_url: str
    allow_hosts: tuple[str, ...]
    scenarios: tuple[ScenarioPlan, ...]
    proof: bool
    probes: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    retry: int = 0
    baseline: BaselineRule = BaselineRule()
