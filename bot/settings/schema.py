"""The configuration as values: every section with its keys, defaults and meaning. Durations in seconds, paths absolute.

The attributes are named as the keys of the file. Descriptions and examples feed config/README.md and the JSON Schema.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from bot.core.limits import Limit
from bot.core.loadplan import Objective, ScenarioKind
from bot.settings import kinds, objectives
from bot.settings.addresses import join

_KIND: Final = kinds.member(ScenarioKind)
_RATE: Final = kinds.number(0, 1_000_000, "arrivals per second")
_USERS: Final = kinds.whole(1, 1_000_000, "users")
_POOL: Final = kinds.whole(1, 100_000, "users")
_MEASURED: Final = kinds.duration("1s", "7d")
_WARMUP: Final = kinds.duration("0s", "1d")
_INTERVAL: Final = kinds.duration("100ms", "1h")
_CORES: Final = kinds.number(0, 4096, "cores")
_PID: Final = kinds.whole(1, 4_194_304, "a process id")
_LATE: Final = kinds.duration("1m", "24h")
_HOST_KIND: Final = kinds.choice("none", unavailable=("github", "gitea", "gitlab"))

Branch = Annotated[str, kinds.BRANCH]
OptionalLimit = Limit | None


class Table(BaseModel):
    """One table of the file: unknown keys are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Repository(Table):
    """The git repository whose branches are promoted."""

    remote: Annotated[str, kinds.REMOTE] = Field(
        description="The remote that holds both branches. A relative path counts from the working directory.",
        examples=["https://github.com/acme/shop.git"],
    )
    source: Branch = Field("staging", description="The branch that is tested.", examples=["develop"])
    target: Branch = Field("main", description="The branch that is fast-forwarded.", examples=["production"])
    tag_prefix: Annotated[str, kinds.TAG_PREFIX] = Field(
        "release/",
        description="What a release tag begins with; the UTC time follows as YYYYMMDD-HHMMSS.",
        examples=["release/"],
    )


class Staging(Table):
    """The service under test."""

    url: Annotated[str, kinds.BASE_URL] = Field(
        description="Where the service answers; the load is aimed at it.", examples=["https://staging.acme.example"]
    )
    version_url: Annotated[str | None, kinds.PATH_OR_URL] = Field(
        None,
        description="A JSON page that proves which commit runs there. Without it the report says that nothing does.",
        examples=["/version"],
    )
    version_key: Annotated[str, kinds.KEY_PATH] = Field(
        "sha", description="Where in that JSON the commit id stands.", examples=["build.commit"]
    )
    allow_hosts: Annotated[tuple[str, ...], kinds.HOSTS] = Field(
        (),
        description="Further hosts that the load may connect to. The host of `url` always is; all others are refused.",
        examples=[["cdn.acme.example:443"]],
    )

    def address(self, url: str) -> str:
        """A path under the service's URL, or an absolute URL, as an absolute URL."""
        return join(self.url, url)

    @property
    def version_address(self) -> str | None:
        """The absolute URL of the version page, None where there is none."""
        return None if self.version_url is None else self.address(self.version_url)


class EndpointSlo(Table):
    """Objectives of one endpoint, named by method and name as Locust reports it."""

    error_rate: Annotated[OptionalLimit, objectives.ERROR_RATE] = Field(
        None, description="Share of requests that failed.", examples=["< 2%"]
    )
    p50: Annotated[OptionalLimit, objectives.P50] = Field(
        None, description="Median response time, counted from the due time.", examples=["< 200ms"]
    )
    p90: Annotated[OptionalLimit, objectives.P90] = Field(
        None, description="Response time that 90 % of the requests stay within.", examples=["< 1s"]
    )
    p95: Annotated[OptionalLimit, objectives.P95] = Field(
        None, description="Response time that 95 % of the requests stay within.", examples=["< 1.5s"]
    )
    p99: Annotated[OptionalLimit, objectives.P99] = Field(
        None, description="Response time that 99 % of the requests stay within.", examples=["< 3s"]
    )
    p99_9: Annotated[OptionalLimit, objectives.P99_9] = Field(
        None,
        validation_alias=AliasChoices("p99_9", "p99.9"),
        description='Response time that 99.9 % of the requests stay within; `"p99.9"` in quotes means the same.',
        examples=["< 5s"],
    )

    def objectives(self, endpoint: str | None = None) -> tuple[Objective, ...]:
        """The objectives that are set, in the order of this reference."""
        limits = ((key, getattr(self, key)) for key in type(self).model_fields)
        return tuple(Objective(key, limit, endpoint) for key, limit in limits if limit is not None)


class Slo(EndpointSlo):
    """The service-level objectives of one scenario, over all its endpoints together; at least one is needed."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, EndpointSlo]

    memory_growth: Annotated[OptionalLimit, objectives.MEMORY_GROWTH] = Field(
        None,
        description="Growth of the service's memory over the measured time, relative to its start. Needs a probe.",
        examples=["< 10%"],
    )
    cpu: Annotated[OptionalLimit, objectives.CPU] = Field(
        None, description="Time-weighted mean of the service's CPU use. Needs a probe.", examples=["< 70%"]
    )
    rate: Annotated[OptionalLimit, objectives.RATE] = Field(
        None,
        description="Share of the due arrivals that were really sent. Open model only.",
        examples=[">= 99%"],
    )

    def all_objectives(self) -> tuple[Objective, ...]:
        """Those of the scenario, then those of its endpoints in the order of the file."""
        nested = (self.__pydantic_extra__ or {}).items()
        return self.objectives() + tuple(each for name, slo in nested for each in slo.objectives(name))


class Scenario(Table):
    """One load test or soak. Scenarios run in the order of the file."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["rate"]}, {"required": ["users"], "not": {"required": ["pool"]}}]}
    )

    name: Annotated[str, kinds.SCENARIO_NAME] = Field(
        description="Names the scenario in reports and its files.", examples=["load-1k"]
    )
    kind: Annotated[ScenarioKind, _KIND] = Field(
        ScenarioKind.LOAD,
        description="A load test looks at latency and errors; a soak also at what the service keeps.",
        examples=["soak"],
    )
    locustfile: Annotated[str, kinds.LOCUSTFILE] = Field(
        description="The Locust file. Looked up beside the configuration, in the working directory, then bundled.",
        examples=["loadtests/payload.py"],
    )
    rate: Annotated[float | None, _RATE] = Field(
        None,
        description="Open model: so many arrivals per second, whether or not earlier ones were answered. Or `users`.",
        examples=[1000],
    )
    users: Annotated[int | None, _USERS] = Field(
        None,
        description="Closed model: so many users, each waiting for its answer before it goes on. Or `rate`.",
        examples=[200],
    )
    pool: Annotated[int | None, _POOL] = Field(
        None,
        description="Open model: most requests in flight at once. Default: rate x the largest latency limit x 1.2 "
        "(1 s where there is none), between 50 and 2000.",
        examples=[500],
    )
    duration: Annotated[float, _MEASURED] = Field(
        description="The measured time; the warm-up is outside it.", examples=["2m"]
    )
    warmup: Annotated[float, _WARMUP] = Field(
        0.0, description="Load before the measured time, never judged.", examples=["10s"]
    )
    options: Annotated[dict[str, Any], kinds.OPTIONS] = Field(
        default_factory=dict, description="Handed to the Locust file as it is.", examples=[{"payload": "1KiB"}]
    )
    slo: Slo = Field(description="What must hold for this scenario to pass.")


class _Probe(Table):
    name: Annotated[str, kinds.NAME] = Field(description="Names the probe in reports.", examples=["app"])
    interval: Annotated[float, _INTERVAL] = Field(1.0, description="Time between two readings.", examples=["1s"])
    cores: Annotated[float, _CORES] = Field(1.0, description="How many cores 100 % CPU stands for.", examples=[2])


class HttpProbe(_Probe):
    """Memory and CPU from a page that the service serves: Prometheus text or JSON, told by its content."""

    kind: Literal["http"] = Field(description="Reads an HTTP page.", examples=["http"])
    url: Annotated[str, kinds.PATH_OR_URL] = Field(
        description="The page, as a path under [staging] url or a whole URL.", examples=["/metrics"]
    )
    memory: Annotated[str | None, kinds.METRIC] = Field(
        None,
        description="Bytes of resident memory. Default in Prometheus text: process_resident_memory_bytes.",
        examples=["process.memory.rss"],
    )
    cpu: Annotated[str | None, kinds.METRIC] = Field(
        None,
        description="CPU seconds used so far. Default in Prometheus text: process_cpu_seconds_total.",
        examples=["process.cpu_seconds"],
    )
    start: Annotated[str | None, kinds.METRIC] = Field(
        None,
        description="When the process began, which shows restarts. "
        "Default in Prometheus text: process_start_time_seconds.",
        examples=["process.started_at"],
    )


class ProcessProbe(_Probe):
    """Memory and CPU of a process on this machine and its children; exactly one of pid, pid_file and command."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [each]} for each in ("pid", "pid_file", "command")]}
    )

    kind: Literal["process"] = Field(description="Looks at a local process.", examples=["process"])
    pid: Annotated[int | None, _PID] = Field(None, description="The process by its id.", examples=[4711])
    pid_file: Annotated[str | None, kinds.PATH] = Field(
        None, description="A file that holds the id, read anew each time.", examples=["/run/shop.pid"]
    )
    command: Annotated[str | None, kinds.REGEX] = Field(
        None, description="The one process whose command line this matches.", examples=["uvicorn shop:app"]
    )


PROBE_KINDS: Final = ("http", "process")
LATER_PROBE_KINDS: Final = ("prometheus", "command")
Probe = Annotated[HttpProbe | ProcessProbe, Field(discriminator="kind")]


class Schedule(Table):
    """When `promote serve` starts a night, and which night `promote nightly` stands for."""

    cron: Annotated[str, kinds.CRON] = Field(
        "0 2 * * *", description="When a night begins.", examples=["30 1 * * mon-fri"]
    )
    timezone: Annotated[str, kinds.TIMEZONE] = Field(
        "UTC", description="The clock that `cron` means.", examples=["Europe/Berlin"]
    )
    late: Annotated[float, _LATE] = Field(
        6 * 3600.0,
        description="How late a missed night may still run; after that it is reported as missed.",
        examples=["6h"],
    )


class State(Table):
    """Where this installation keeps what it knows."""

    dir: Annotated[str, kinds.PATH] = Field(
        ".promotion", validate_default=True, description="Cache, runs and history.", examples=["/var/lib/promotion"]
    )
    database: Annotated[str, kinds.DATABASE] = Field(
        "",
        description="Where the history lives. A PostgreSQL password belongs into PGPASSFILE or PGPASSWORD.",
        examples=["postgresql://bot@db.acme.example/promotions"],
    )


class Notes(Table):
    """The release notes."""

    title: Annotated[str, kinds.TITLE] = Field(
        "Nightly Release: {date}", description="The title of release notes and tag.", examples=["Release {tag}"]
    )


class Host(Table):
    """The service that hosts the repository."""

    kind: Annotated[str, _HOST_KIND] = Field(
        "none", description="Which host's releases are written; none: git alone.", examples=["none"]
    )


def _section() -> Any:
    """A table that may be left out; its defaults are validated like a file's, so that paths become absolute."""
    return Field(default_factory=dict, validate_default=True)


class Settings(Table):
    """The whole configuration of one repository."""

    repository: Repository
    staging: Staging
    scenario: tuple[Scenario, ...] = Field(json_schema_extra={"minItems": 1})
    probe: tuple[Probe, ...] = ()
    schedule: Schedule = _section()
    state: State = _section()
    notes: Notes = _section()
    host: Host = _section()


# Every table by its place in the file, numbers of list entries left out; `*` stands for the name of an endpoint.
TABLES: Final[dict[tuple[str, ...], type[Table]]] = {
    ("repository",): Repository,
    ("staging",): Staging,
    ("scenario",): Scenario,
    ("scenario", "slo"): Slo,
    ("scenario", "slo", "*"): EndpointSlo,
    ("probe", "http"): HttpProbe,
    ("probe", "process"): ProcessProbe,
    ("schedule",): Schedule,
    ("state",): State,
    ("notes",): Notes,
    ("host",): Host,
    (): Settings,
}
