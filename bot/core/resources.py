"""Objectives about what the service uses, judged for each process life by itself: never the sum."""

import math
from collections.abc import Callable, Iterator

from bot.core.bounds import Bounds, exactly, settle
from bot.core.cpu import mean_share
from bot.core.evidence import ResourceSeries
from bot.core.finding import Finding, invalid, stated
from bot.core.growth import FEWEST, Growth, growth
from bot.core.loadplan import Objective
from bot.core.series import Points, measurable, points, uncovered, unspanned
from bot.core.text import plain
from bot.core.verdict import Result
from bot.core.wording import compared, counted, percent, probed

Judge = Callable[[Objective, ResourceSeries, float], Finding]
Lacking = Callable[[ResourceSeries, tuple[float, ...], float], str | None]


def judge_memory(
    objective: Objective, series: tuple[ResourceSeries, ...], probes: tuple[str, ...], measured: float
) -> Finding:
    """The growth of the process that comes off worst."""
    return _worst(objective, series, probes, measured, _memory)


def judge_cpu(
    objective: Objective, series: tuple[ResourceSeries, ...], probes: tuple[str, ...], measured: float
) -> Finding:
    """The mean CPU of the process that comes off worst."""
    return _worst(objective, series, probes, measured, _cpu)


def _worst(
    objective: Objective, series: tuple[ResourceSeries, ...], probes: tuple[str, ...], measured: float, judge: Judge
) -> Finding:
    if not measurable(measured):
        return invalid(f"{objective.key} cannot be judged, because nothing was measured")
    silent = [name for name in probes if not any(one.probe == name for one in series)]
    findings = [invalid(_because(objective, f"probe {plain(name)} never answered")) for name in silent]
    findings += [judge(objective, one, measured) for one in series if _concerns(one, series, measured)]
    if not findings:
        return invalid(_because(objective, "no probe told anything"))
    return max(findings, key=lambda finding: _badness(objective, finding))


def _concerns(one: ResourceSeries, series: tuple[ResourceSeries, ...], measured: float) -> bool:
    # A life that ended before the window or began after it says nothing here, unless its process has no other.
    if any(0 <= sample.at <= measured for sample in one.samples):
        return True
    whose = (one.probe, one.replica)
    others = (other for other in series if (other.probe, other.replica) == whose and other is not one)
    return not any(0 <= sample.at <= measured for other in others for sample in other.samples)


def _badness(objective: Objective, finding: Finding) -> tuple[int, float]:
    observed = finding.bounds.observed
    if math.isnan(observed):
        return finding.result.severity, -math.inf
    return finding.result.severity, observed if objective.limit.is_upper else -observed


def _memory(objective: Objective, series: ResourceSeries, measured: float) -> Finding:
    readings = points(series, measured, lambda sample: sample.memory)
    trouble = _untold(objective, series, readings, measured, uncovered)
    if trouble:
        return trouble
    found = growth(readings, measured)
    if found is None:
        words = f"{len(readings)} readings show no trend; at least {FEWEST} must remain after settling"
        words = f"{probed(series.probe, series.replica)}: {words}"
        return stated(Result.INCONCLUSIVE, _because(objective, words), len(readings))
    return _grown(objective, series, found)


def _grown(objective: Objective, series: ResourceSeries, found: Growth) -> Finding:
    limit, bounds = objective.limit, Bounds(found.observed, found.low, found.high, found.samples)
    result = settle(limit, bounds)
    stepped = result is Result.PASS and limit.is_upper and not limit.holds(found.rise)
    if stepped:
        result = Result.INCONCLUSIVE
    words = compared(objective.key, limit, bounds, result, _of(series, found.samples))
    if stepped:
        words += (
            f"; its trend is flat, but it ended {percent(found.rise)} above its start: a longer soak would settle it"
        )
    elif result is Result.INCONCLUSIVE:
        words += "; a longer soak would settle it"
    if limit.is_upper and not limit.holds(found.settling):
        words += settled(found)
    return Finding(result, bounds, f"{words}; the smallest growth it could have seen is {_seen(found)}")


def settled(found: Growth) -> str:
    """The words that follow where memory grew while it settled: that part of the window is not judged."""
    return f", after it had grown by {percent(found.settling)} while settling, until {found.settled_at:.0f} s"


def unsettled(
    objective: Objective, series: tuple[ResourceSeries, ...], measured: float
) -> Iterator[tuple[ResourceSeries, Growth]]:
    """The processes whose memory grew by more than the limit while they settled."""
    if objective.key != "memory_growth" or not objective.limit.is_upper or not measurable(measured):
        return
    for one in series:
        found = growth(points(one, measured, lambda sample: sample.memory), measured)
        if found is not None and not objective.limit.holds(found.settling):
            yield one, found


def _seen(found: Growth) -> str:
    return "under 0.1 %" if found.resolution < 0.001 else percent(found.resolution, 2)  # noqa: PLR2004 - as it says


def _cpu(objective: Objective, series: ResourceSeries, measured: float) -> Finding:
    readings = points(series, measured, lambda sample: sample.cpu_seconds)
    trouble = _untold(objective, series, readings, measured, unspanned)
    if trouble:
        return trouble
    share = mean_share(readings, series.cores)
    if share is None or not math.isfinite(share):
        why = f"the CPU time of {probed(series.probe, series.replica)} runs backwards or has no number of cores"
        return invalid(_because(objective, why), len(readings))
    bounds = exactly(share, len(readings))
    result = settle(objective.limit, bounds)
    return Finding(result, bounds, compared(objective.key, objective.limit, bounds, result, _of(series, len(readings))))


def _untold(
    objective: Objective, series: ResourceSeries, readings: Points, measured: float, lacking: Lacking
) -> Finding | None:
    times = tuple(time for time, _ in readings)
    why = lacking(series, times, measured) if times else f"there are no readings{_error(series)}"
    return invalid(_because(objective, f"of {probed(series.probe, series.replica)} {why}"), len(times)) if why else None


def _of(series: ResourceSeries, readings: int) -> str:
    return f"{probed(series.probe, series.replica)}, {counted(readings, 'reading')}"


def _because(objective: Objective, why: str) -> str:
    return f"{objective.key} cannot be judged, because {why}"


def _error(series: ResourceSeries) -> str:
    return f" ({plain(series.last_error)})" if series.last_error else ""
