"""When a load need not go on, because it can no longer pass: a rule for one second after the other.

Two rules, for the error rate and, alike, for the share of requests beyond a latency limit (of a p95 five in a hundred
may be, so that is one more share that must stay small):

certain: more requests failed already than the whole plan, extension included, may have; however well the rest goes,
    the judge would still find a violation.
sustained: in each of the last eight stretches of five seconds the share was beyond doubt (one-sided exact bound, one
    error in 10,000 each) at least twice what the limit allows, a good part of the whole run's allowance is spent, and
    going on like that would spend all of it. A hiccup of half a minute never fills eight stretches.

Late or unsent arrivals and strained load processes make requests look slow: those seconds count nothing for latency.
Errors are errors whatever the generator did.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

from bot.core.evidence import Abort
from bot.core.loadplan import ClosedModel, Objective, OpenModel, ScenarioPlan
from bot.core.proportions import incomplete_beta
from bot.core.quantiles import PERMILLE, TAIL
from bot.core.ticks import Tally, Tick, limits
from bot.core.wording import amount, counted, percent, whole

STRETCH: Final = 5.0
STRETCHES: Final = 8
_DOUBT: Final = 1e-4
_CLEARLY: Final = 2.0
_SPENT: Final = 0.25
_FEWEST: Final = 20
_SEVERAL: Final = 1.01
_LATE: Final = 0.05
_ODD_ONES: Final = 3
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

    `bad` and `total` run along `shares(plan)`. `sent` and `requests` tell how many requests an arrival makes.
    """

    plan: ScenarioPlan
    shares: tuple[Share, ...]
    bad: tuple[int, ...]
    total: tuple[int, ...]
    recent: tuple[Tick, ...] = ()
    tainted_until: float = -math.inf
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
    tainted = _tainted_until(seen, tick)
    clean = replace(tick, strained=tick.at <= tainted)
    both = [_counted(share, clean) for share in seen.shares]
    return replace(
        seen,
        bad=tuple(bad + now[0] for bad, now in zip(seen.bad, both, strict=True)),
        total=tuple(total + now[1] for total, now in zip(seen.total, both, strict=True)),
        recent=tuple(each for each in (*seen.recent, clean) if each.at > tick.at - STRETCH * STRETCHES - _SLACK),
        tainted_until=tainted,
        at=tick.at,
        sent=seen.sent + tick.sent,
        requests=seen.requests + tick.counts.get(None, Tally()).total,
    )


def abort(seen: Seen) -> Abort | None:
    """Why the load need not go on, None while it may still pass or the window is over anyway."""
    if seen.at >= seen.plan.duration * (1 + seen.plan.extend):
        return None
    for index, share in enumerate(seen.shares):
        found = _certain(seen, index, share) or _sustained(seen, index, share)
        if found:
            return found
    return None


# --- what counts


def _tainted_until(seen: Seen, tick: Tick) -> float:
    """Until when latency says more of the generator than of the service.

    A request that began late in one second may end in a later one: as long as the longest limit after it.
    """
    behind = max(tick.late, tick.due - tick.sent) > _LATE * tick.due + _ODD_ONES
    if not (tick.strained or (behind and isinstance(seen.plan.model, OpenModel))):
        return seen.tainted_until
    longest = max((share.objective.limit.value for share in seen.shares if share.over is not None), default=0.0)
    return tick.at + 1 + longest


def _counted(share: Share, tick: Tick) -> tuple[int, int]:
    """(bad, all) requests of that share in one second."""
    tally = tick.counts.get(share.objective.endpoint, Tally())
    if share.over is None:
        return tally.failed, tally.total
    over = tick.over[share.over] if share.over < len(tick.over) else 0
    return (0 if tick.strained else min(over, tally.total)), tally.total


# --- the rules


def _certain(seen: Seen, index: int, share: Share) -> Abort | None:
    planned = planned_requests(seen)
    bad = seen.bad[index]
    if planned is None or bad <= share.allowed * planned:
        return None
    # The judge goes by 95 % bounds: what it would call undecided is not certain.
    if not _beyond_doubt(bad, max(bad, planned), share.allowed, TAIL):
        return None
    words = (
        f"{_what(share, bad)} after {seen.at:.0f} s; of all {whole(planned)} that were planned at most "
        f"{whole(math.floor(share.allowed * planned))} may ({_limit(share)})"
    )
    return _because(seen, share, "certain", words)


def planned_requests(seen: Seen) -> int | None:
    """The most requests that the whole plan can come to; None where nothing plans them (closed model).

    Random arrivals may be some more than planned. Where arrivals make several requests, as many again as so far are
    allowed for, because tasks that fail early are shorter than others.
    """
    plan = seen.plan
    if not isinstance(plan.model, OpenModel):
        return None
    arrivals = plan.model.arrivals(plan.duration * (1 + plan.extend))
    each = seen.requests / seen.sent if seen.sent else 1.0
    several = 2 * each if each > _SEVERAL else 1.0
    return math.ceil(several * (arrivals + 5 * math.sqrt(arrivals) + 1))


def _sustained(seen: Seen, index: int, share: Share) -> Abort | None:
    # The newest stretch comes first: as a rule it already says that all is well.
    if not all(_breached(share, *_stretch(share, seen, number)) for number in range(STRETCHES)):
        return None
    if not _hopeless(seen, index, share):
        return None
    stretches = [_stretch(share, seen, number) for number in range(STRETCHES)]
    bad, total = (sum(column) for column in zip(*stretches, strict=True))
    words = (
        f"{_what(share, bad)}, {percent(bad / total)} of {counted(total, 'request')}, within the last "
        f"{STRETCH * STRETCHES:.0f} s, and clearly too many in each {STRETCH:.0f} s of them ({_limit(share)})"
    )
    return _because(seen, share, "sustained", words)


def _stretch(share: Share, seen: Seen, number: int) -> tuple[int, int]:
    """(bad, all) of the stretch that ended `number` stretches ago."""
    end = seen.at - STRETCH * number + _SLACK
    both = [_counted(share, tick) for tick in seen.recent if end - STRETCH < tick.at <= end]
    return sum(bad for bad, _ in both), sum(total for _, total in both)


def _breached(share: Share, bad: int, total: int) -> bool:
    if total < _FEWEST or bad <= share.clearly * total:
        return False
    return _beyond_doubt(bad, total, share.clearly, _DOUBT)


def _beyond_doubt(bad: int, total: int, share: float, doubt: float) -> bool:
    """Whether so many of a binomial(total, share) are as unlikely as `doubt`: the exact lower bound is above it."""
    return incomplete_beta(bad, total - bad + 1, share) < doubt


def _hopeless(seen: Seen, index: int, share: Share) -> bool:
    """Whether a good part of the allowance is spent, and going on at no more than `clearly` spends all of it."""
    bad, expected = seen.bad[index], _expected(seen, index)
    allowance = share.allowed * expected
    return bad >= _SPENT * allowance and bad + share.clearly * (expected - seen.total[index]) > allowance


def _expected(seen: Seen, index: int) -> float:
    """How many requests of that share's kind the plan comes to, if their part of the whole stays as it is."""
    plan = seen.plan
    if isinstance(plan.model, ClosedModel):
        grows = plan.duration / seen.at
    else:
        grows = plan.model.arrivals(plan.duration) / max(1.0, plan.model.arrivals(seen.at))
    return seen.total[index] * max(1.0, grows)


# --- words


def _what(share: Share, bad: int) -> str:
    where = "" if share.objective.endpoint is None else f" of {share.objective.endpoint}"
    if share.over is None:
        return f"{counted(bad, 'request')}{where} failed"
    limit = share.objective.limit
    return f"{counted(bad, 'request')}{where} took longer than {amount(limit.unit, limit.value)}"


def _limit(share: Share) -> str:
    return f"{share.objective.key} {share.objective.limit.text}"


def _because(seen: Seen, share: Share, rule: str, words: str) -> Abort:
    return Abort(seen.at, share.objective.key, share.objective.endpoint, rule, words)
