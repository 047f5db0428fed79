"""Who sends the load, and from when on a load generator counts as too weak to be believed."""

from typing import Annotated, Final

from pydantic import Field

from bot.core.loadplan import GeneratorLimits, Workers
from bot.settings import kinds, loadkinds
from bot.settings.table import Table

_LIMITS: Final = GeneratorLimits()
_ALONE: Final = Workers()

_LOCAL: Final = kinds.whole(0, 256, "processes")
_REMOTE: Final = kinds.whole(0, 1000, "processes")
_PORT: Final = kinds.whole(1, 65_535, "a port")
_DEADLINE: Final = kinds.duration("1s", "1h")
_LATENESS: Final = kinds.duration("100us", "10s")
_LAG: Final = kinds.duration("1ms", "1m")
_SHARE: Final = loadkinds.share("100%")
_SENT: Final = loadkinds.share("100%", "90%")
_CPU: Final = loadkinds.share("1000%")


class Generator(Table):
    """The processes that send the load, and the limits beyond which their measurement counts as invalid.

    A limit that is laxer than its default is named in the report.
    """

    workers: Annotated[int, _LOCAL] = Field(
        _ALONE.local,
        description="Processes on this machine, one for each core that is free. 0 only where others are expected.",
        examples=[2],
    )
    expect_workers: Annotated[int, _REMOTE] = Field(
        _ALONE.remote, description="Processes that join from other machines by `promote worker`.", examples=[4]
    )
    expect_deadline: Annotated[float, _DEADLINE] = Field(
        _ALONE.deadline, description="How long all workers may take to join.", examples=["2m"]
    )
    bind: Annotated[str, loadkinds.ADDRESS] = Field(
        _ALONE.bind,
        description="Where workers join. Any but a loopback address needs `expect_workers`: traffic between workers is "
        "neither encrypted nor authenticated, so the network must be a private one.",
        examples=["10.0.0.5"],
    )
    port: Annotated[int, _PORT] = Field(_ALONE.port, description="The port of that address.", examples=[5557])
    min_sent: Annotated[float, _SENT] = Field(
        _LIMITS.sent, description="Open model: the smallest share of due arrivals that must begin.", examples=["99.9%"]
    )
    max_lateness: Annotated[float, _LATENESS] = Field(
        _LIMITS.lateness,
        description="Open model: the largest p99 of how late requests begin; or `max_lateness_share`, if that is more.",
        examples=["5ms"],
    )
    max_lateness_share: Annotated[float, _SHARE] = Field(
        _LIMITS.lateness_share,
        description="The same as a share of the scenario's tightest latency limit.",
        examples=["2%"],
    )
    max_cpu: Annotated[float, _CPU] = Field(
        _LIMITS.cpu,
        description="The largest p95 over the seconds of the CPU of each process, as a share of one core.",
        examples=["80%"],
    )
    max_wait: Annotated[float, _SHARE] = Field(
        _LIMITS.wait,
        description="The largest share of the time that a process was ready to run and got no core.",
        examples=["2%"],
    )
    max_throttled: Annotated[float, _SHARE] = Field(
        _LIMITS.throttled,
        description="The largest share of the time that the container's CPU quota held it back.",
        examples=["1%"],
    )
    max_lag: Annotated[float, _LAG] = Field(
        _LIMITS.lag,
        description="The largest p95 over the seconds of the longest delay of each process's event loop.",
        examples=["20ms"],
    )
    max_files: Annotated[float, _SHARE] = Field(
        _LIMITS.files,
        description="The largest share of the limit of open files, sockets among them.",
        examples=["80%"],
    )

    @property
    def limits(self) -> GeneratorLimits:
        """The limits as the judgement knows them."""
        return GeneratorLimits(
            sent=self.min_sent,
            lateness=self.max_lateness,
            lateness_share=self.max_lateness_share,
            cpu=self.max_cpu,
            wait=self.max_wait,
            throttled=self.max_throttled,
            lag=self.max_lag,
            files=self.max_files,
        )

    def who(self, local: int | None) -> Workers:
        """Who sends the load of a scenario that wants so many local processes; None: as many as all."""
        return Workers(
            local=self.workers if local is None else local,
            remote=self.expect_workers,
            bind=self.bind,
            port=self.port,
            deadline=self.expect_deadline,
        )
