"""Where memory and CPU of the service come from, as the configuration says it: one class for each kind of probe."""

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field

from bot.settings import kinds, loadkinds, probekinds
from bot.settings.table import Table


class _Probe(Table):
    name: Annotated[str, kinds.NAME] = Field(description="Names the probe in reports.", examples=["app"])
    interval: Annotated[float, probekinds.INTERVAL] = Field(
        1.0, description="Time between two readings.", examples=["1s"]
    )
    cores: Annotated[float, probekinds.CORES] = Field(
        1.0, description="How many cores 100 % CPU stands for.", examples=[2]
    )


class HttpProbe(_Probe):
    """Memory and CPU from a page that the service serves: Prometheus text or JSON, told by its content."""

    kind: Literal["http"] = Field(description="Reads an HTTP page.", examples=["http"])
    url: Annotated[tuple[str, ...], probekinds.PAGES] = Field(
        description="The page, as a path under [staging] url or a whole URL. A list: each page is a process of the "
        "service, judged alone.",
        examples=["/metrics"],
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
    pid: Annotated[int | None, probekinds.PID] = Field(None, description="The process by its id.", examples=[4711])
    pid_file: Annotated[str | None, kinds.PATH] = Field(
        None, description="A file that holds the id, read anew each time.", examples=["/run/shop.pid"]
    )
    command: Annotated[str | None, kinds.REGEX] = Field(
        None, description="The one process whose command line this matches.", examples=["uvicorn shop:app"]
    )
    each: Annotated[bool, loadkinds.FLAG] = Field(
        False,
        description="Every process that `command` matches, each judged alone; one that ends fails the run.",
        examples=[True],
    )


class PrometheusProbe(_Probe):
    """Memory and CPU from a Prometheus server that scrapes the service; each process found is judged alone.

    `memory` and `cpu` must be plain selectors: of sums and functions Prometheus does not tell when what they are made
    of was scraped, and a gap in that would not be seen. What they tell is not read.
    """

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": [each]} for each in ("memory", "cpu")]})

    kind: Literal["prometheus"] = Field(description="Asks a Prometheus server.", examples=["prometheus"])
    interval: Annotated[float, probekinds.INTERVAL] = Field(
        15.0, description="How often the server scrapes the service; it is asked itself every minute.", examples=["15s"]
    )
    url: Annotated[str, probekinds.SERVER] = Field(
        description="Where the server answers; /api/v1/query_range is added.",
        examples=["https://prometheus.acme.example"],
    )
    memory: Annotated[str | None, probekinds.PROMQL] = Field(
        None, description="Bytes of resident memory.", examples=['process_resident_memory_bytes{job="shop"}']
    )
    cpu: Annotated[str | None, probekinds.PROMQL] = Field(
        None,
        description="CPU seconds used so far: the counter itself, no rate.",
        examples=['process_cpu_seconds_total{job="shop"}'],
    )
    start: Annotated[str | None, probekinds.PROMQL] = Field(
        None,
        description="When the process began, which shows restarts. Without it a `cpu` that goes down does.",
        examples=['process_start_time_seconds{job="shop"}'],
    )
    instance: Annotated[str, probekinds.LABEL] = Field(
        "instance",
        description="The label that tells the processes of the service apart; all labels where a series lacks it.",
        examples=["pod"],
    )
    token_env: Annotated[str | None, probekinds.VARIABLE] = Field(
        None, description="The environment variable that holds a bearer token.", examples=["PROMETHEUS_TOKEN"]
    )
    token_file: Annotated[str | None, kinds.PATH] = Field(
        None, description="A file that holds a bearer token, read anew each time.", examples=["/run/secrets/prometheus"]
    )


class CommandProbe(_Probe):
    """Memory and CPU from what a program prints: JSON as in the example below, or Prometheus text.

    `{"instance": "a", "memory": 52428800, "cpu_seconds": 3.5, "start": 1767225600}` or a list of such objects; of
    memory and cpu_seconds one must be there, start shows restarts. It has 80 % of the interval, at most 30 s, to end
    with status 0.
    """

    kind: Literal["command"] = Field(description="Runs a program for each reading.", examples=["command"])
    interval: Annotated[float, probekinds.INTERVAL] = Field(
        5.0, description="Time between two readings.", examples=["5s"]
    )
    argv: Annotated[tuple[str, ...], probekinds.ARGV] = Field(
        description="The program and its arguments. It runs without a shell, without input and without the tokens "
        "that the bot knows.",
        examples=[["/usr/local/bin/shop-stats", "--json"]],
    )


PROBE_KINDS: Final = ("http", "process", "prometheus", "command")
Probe = Annotated[HttpProbe | ProcessProbe | PrometheusProbe | CommandProbe, Field(discriminator="kind")]
