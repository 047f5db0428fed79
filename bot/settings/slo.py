"""The service-level objectives of a scenario and of its endpoints, as tables of the configuration."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import AliasChoices, ConfigDict, Field

from bot.core.loadplan import Objective, RelativeObjective
from bot.settings import objectives
from bot.settings.objectives import Limits, unit_of
from bot.settings.table import Table

OptionalLimit = Limits | None


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
        """The objectives in numbers that are set, in the order of this reference."""
        return tuple(Objective(key, each.absolute, endpoint) for key, each in self._limits() if each.absolute)

    def relative(self, endpoint: str | None = None) -> tuple[RelativeObjective, ...]:
        """The objectives relative to past nights that are set, in the same order."""
        limits = ((key, one) for key, each in self._limits() for one in each.relative)
        return tuple(one.of(key, unit_of(key), endpoint) for key, one in limits)

    def _limits(self) -> Iterator[tuple[str, Limits]]:
        every = ((key, getattr(self, key)) for key in type(self).model_fields)
        return ((key, limits) for key, limits in every if limits is not None)


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
        return self.objectives() + tuple(each for name, slo in self._nested() for each in slo.objectives(name))

    def relative_objectives(self) -> tuple[RelativeObjective, ...]:
        """Those relative to past nights, in the same order."""
        return self.relative() + tuple(each for name, slo in self._nested() for each in slo.relative(name))

    def _nested(self) -> Iterable[tuple[str, EndpointSlo]]:
        return (self.__pydantic_extra__ or {}).items()
