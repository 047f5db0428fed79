"""One second of a running load, as the rules that may stop it need it."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.core.limits import Unit
from bot.core.loadplan import GeneratorLimits, ScenarioPlan

Watched = tuple[str | None, float]
"""(endpoint or None for all, limit in seconds) of a latency objective."""

_LARGEST: Final = 2**53
_LATE: Final = 0.05
_ODD_ONES: Final = 3


@dataclass(frozen=True, slots=True)
class Tally:
    """Requests of one endpoint, or of all, that ended within a stretch of time."""

    ok: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.ok + self.failed

    def __add__(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(self.ok + other.ok, self.failed + other.failed)


@dataclass(frozen=True, slots=True)
class Tick:
    """One interval of the measured window, of about a second.

    `at` is its end in seconds from the start of the window. `counts` are the requests by endpoint (None: all of them),
    `over` those whose latency exceeded each of `limits(plan)`, in that order, and `over_service` those whose service
    time did. `due` arrivals fell due, `sent` began, `late` of them later than the tolerance. `strained` says that a
    load process was not well in that second, `exhausted` that all users of its pool were busy at once.
    """

    at: float
    due: int
    sent: int
    late: int
    counts: Mapping[str | None, Tally]
    over: tuple[int, ...]
    strained: bool = False
    over_service: tuple[int, ...] = ()
    exhausted: bool = False

    @property
    def behind(self) -> bool:
        """Whether more arrivals were late, or not sent at all, than a few."""
        return max(self.late, self.due - self.sent) > _LATE * self.due + _ODD_ONES

    @property
    def held_up(self) -> bool:
        """Whether the service held up the whole pool while its own process was well."""
        return self.exhausted and not self.strained


def limits(plan: ScenarioPlan) -> tuple[Watched, ...]:
    """Each distinct latency limit of the plan in its order, as the load process counts against them."""
    return tuple(
        dict.fromkeys((each.endpoint, each.limit.value) for each in plan.objectives if each.limit.unit is Unit.SECONDS)
    )


def tick_of(line: Mapping[str, Any], t0: float, *, strained: bool) -> Tick | None:
    """The tick that a `second` line tells of; None where it is outside the window or no such line.

    Failures are those that the line lists by endpoint: they are of the window alone, whereas its totals may hold
    requests of the warm-up that ended late.
    """
    at = line.get("t")
    if line.get("kind") != "second" or line.get("phase") != "measured" or not isinstance(at, int | float):
        return None
    return Tick(
        at=at - t0,
        due=_count(line.get("due")),
        sent=_count(line.get("sent")),
        late=_count(line.get("late")),
        counts=dict(_counts(line)),
        over=_column(line.get("over")),
        strained=strained,
        over_service=_column(line.get("over_service")),
        exhausted=0 < _count(line.get("pool")) <= _count(line.get("busy")),
    )


def _column(counts: Any) -> tuple[int, ...]:
    return tuple(map(_count, counts)) if isinstance(counts, list) else ()


def _counts(line: Mapping[str, Any]) -> Iterator[tuple[str | None, Tally]]:
    failures = {name: sum(map(_count, kinds.values())) for name, kinds in _tables(line.get("failures"))}
    failed = sum(failures.values())
    answered = _count(line.get("ok")) + _count(line.get("failed"))
    yield None, Tally(max(0, answered - failed), failed)
    for name, counts in _tables(line.get("endpoints")):
        yield name, Tally(_count(counts.get("ok")), _count(counts.get("failed")))


def _tables(given: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, table in given.items() if isinstance(given, dict) else ():
        if isinstance(name, str) and isinstance(table, dict):
            yield name, table


def _count(value: Any) -> int:
    known = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST
    return value if known else 0


def strained(line: Mapping[str, Any], limit: GeneratorLimits) -> bool:
    """Whether a `health` line tells of a load process that was saturated, starved, throttled or stuck."""
    bounds = (("cpu", limit.cpu), ("wait", limit.wait), ("throttled", limit.throttled), ("lag", limit.lag))
    return any(_beyond(line.get(name), most) for name, most in bounds)


def _beyond(value: Any, most: float) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and value > most
