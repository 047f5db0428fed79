"""What was seen of a running load, second by second, and what of it counts against the service.

Late or unsent arrivals and strained load processes make requests look slow: those seconds count nothing for latency.
Where arrivals are late because the whole pool waits for the service, its service times count in their place, as the
judge has it (`bot.core.latency`): they know nothing of the schedule. Errors are errors whatever the generator did.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

from bot.core.loadplan import Objective, OpenModel, ScenarioPlan
from bot.core.quantiles import PERMILLE
from bot.core.ticks import Tally, Tick, limits

STRETCH: Final = 5.0
STRETCHES: Final = 8
_LONGEST: Final = 300.0
_CLEARLY: Final = 2.0
_SLACK: Final = 0.5


@dataclass(frozen=True, slots=True)
class Share:
    """One share that must stay small: what is counted, of which objective, and the largest part that may be."""

    objective: Objective
    allowed: float
    over: int | None

    @property
    def clearly(self) -> float:
        """The share from which on it is clearly too large: twice what is allowed, or half of the way to all."""
        return min(_CLEARLY * self.allowed, (1 + self.allowed) / 2)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a scenario so far: totals of every share, and the ticks of the last forty seconds.

    `bad` and `total` run along `shares(plan)`. `sent` and `requests` tell how many requests an arrival makes. Latency
    is the generator's fault until `tainted_until`, and response times are until `late_until`. While the pool is held
    up, `recent` goes back further, to where that began.
    """

    plan: ScenarioPlan
    shares: tuple[Share, ...]
    bad: tuple[int, ...]
    total: tuple[int, ...]
    recent: tuple[Tick, ...] = ()
    tainted_until: float = -math.inf
    late_until: float = -math.inf
    at: float = 0.0
    sent: int = 0
    requests: int = 0


def nothing(plan: ScenarioPlan) -> Seen:
    """Before the first tick."""
    watched = shares(plan)
    return Seen(plan, watched, (0,) * len(watched), (0,) * len(watched))


def shares(plan: ScenarioPlan) -> tuple[Share, ...]:
    """The shares that can make a load hopeless: upper limits of the error rate and of quantiles."""
    columns = limits(plan)
    found = []
    for objective in plan.objectives:
        if not objective.limit.is_upper or not math.isfinite(objective.limit.value):
            continue
        if objective.key == "error_rate":
            found.append(Share(objective, min(1.0, max(0.0, objective.limit.value)), None))
        elif objective.key in PERMILLE:
            column = columns.index((objective.endpoint, objective.limit.value))
            found.append(Share(objective, 1 - PERMILLE[objective.key] / 1000, column))
    return tuple(found)


def follow(seen: Seen, tick: Tick) -> Seen:
    """What is known with one more second."""
    tainted, late = _faults_until(seen, tick)
    clean = replace(tick, strained=tick.at <= tainted, over=tick.over_service if tick.at <= late else tick.over)
    both = [counted_in(share, clean) for share in seen.shares]
    return replace(
        seen,
        bad=tuple(bad + now[0] for bad, now in zip(seen.bad, both, strict=True)),
        total=tuple(total + now[1] for total, now in zip(seen.total, both, strict=True)),
        recent=_kept((*seen.recent, clean)),
        tainted_until=tainted,
        late_until=late,
        at=tick.at,
        sent=seen.sent + tick.sent,
        requests=seen.requests + tick.counts.get(None, Tally()).total,
    )


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bad and all requests of some seconds, and whether the whole pool was held up in each of them."""

    bad: int
    total: int
    held_up: bool


def stretch(share: Share, seen: Seen, number: int) -> Stretch:
    """The stretch that ended `number` stretches ago."""
    end = seen.at - STRETCH * number + _SLACK
    ticks = [tick for tick in seen.recent if end - STRETCH < tick.at <= end]
    both = [counted_in(share, tick) for tick in ticks]
    held_up = bool(ticks) and all(tick.held_up for tick in ticks)
    return Stretch(sum(bad for bad, _ in both), sum(total for _, total in both), held_up)


def _faults_until(seen: Seen, tick: Tick) -> tuple[float, float]:
    """Until when all latency, and until when response times alone, say more of the generator than of the service.

    A request that began late in one second may end in a later one: as long as the longest limit after it.
    """
    late = tick.behind and isinstance(seen.plan.model, OpenModel)
    longest = max((share.objective.limit.value for share in seen.shares if share.over is not None), default=0.0)
    until = tick.at + 1 + longest
    if tick.strained or (late and not tick.exhausted):
        return until, seen.late_until
    return seen.tainted_until, until if late else seen.late_until


def _kept(recent: tuple[Tick, ...]) -> tuple[Tick, ...]:
    """The ticks that the rules look at: those of the last stretches, and while the pool is held up all before them."""
    now = recent[-1].at
    begin = now - STRETCH * STRETCHES - _SLACK
    outdated = (
        number
        for number, each in enumerate(recent, start=1)
        if each.at <= begin and (each.at <= now - _LONGEST or not each.held_up)
    )
    return recent[max(outdated, default=0) :]


def counted_in(share: Share, tick: Tick) -> tuple[int, int]:
    """(bad, all) requests of that share in one second."""
    tally = tick.counts.get(share.objective.endpoint, Tally())
    if share.over is None:
        return tally.failed, tally.total
    over = tick.over[share.over] if share.over < len(tick.over) else 0
    return (0 if tick.strained else min(over, tally.total)), tally.total
