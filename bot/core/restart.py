"""Whether the service ran through: one process life of each probe, from the start of the measured window to its end."""

from itertools import pairwise

from bot.core.evidence import ResourceSeries
from bot.core.finding import Finding, invalid, stated
from bot.core.series import longest_silence, measurable, planned_interval
from bot.core.text import plain
from bot.core.verdict import Result
from bot.core.wording import counted

Life = tuple[float, float, str]
"""(first reading, last reading, instance)."""


def judge_restart(series: tuple[ResourceSeries, ...], probes: tuple[str, ...], measured: float) -> Finding | None:
    """FAIL where a process life ended and another began, INVALID where a probe fell silent; None without probes."""
    names = tuple(dict.fromkeys((*probes, *(one.probe for one in series))))
    if not names:
        return None
    if not measurable(measured):
        return invalid("nothing was measured, so nobody knows whether the service ran through")
    findings = [_probe(name, tuple(one for one in series if one.probe == name), measured) for name in names]
    return max(findings, key=lambda finding: finding.result.severity)


def _probe(name: str, series: tuple[ResourceSeries, ...], measured: float) -> Finding:
    lives = _lives(series)
    if not lives:
        return invalid(f"probe {plain(name)} never answered{_error(series)}")
    slack = 2 * max(planned_interval(one, measured) for one in series)
    for before, after in pairwise(life for life in lives if life[2]):
        if _within(before, after, measured, slack):
            return _restarted(name, before, after)
    if not all(life[2] for life in lives):
        return invalid(_unknowable(name))
    inside = sum(0 <= sample.at <= measured for one in series for sample in one.samples)
    silent = _silent(lives, max(longest_silence(one, measured) for one in series), measured)
    if silent:
        return invalid(f"probe {plain(name)} {silent}{_error(series)}, so nobody knows whether the service ran through")
    words = f"the service ran through (probe {plain(name)}, one process, {counted(inside, 'reading')})"
    return stated(Result.PASS, words, inside)


def _unknowable(name: str) -> str:
    return (
        f"probe {plain(name)} tells neither when its process started nor its CPU time, so nobody knows whether the "
        "service ran through: set its `start`"
    )


def _lives(series: tuple[ResourceSeries, ...]) -> tuple[Life, ...]:
    times: dict[str, list[float]] = {}
    for one in series:
        # Comparing with itself drops NaN, which would spoil the order.
        times.setdefault(one.instance, []).extend(sample.at for sample in one.samples if sample.at == sample.at)
    return tuple(sorted((min(at), max(at), instance) for instance, at in times.items() if at))


def _within(before: Life, after: Life, measured: float, slack: float) -> bool:
    # The change lies between the last sign of the old life and the first of the new one. Whatever of that may be inside
    # the window counts; at its end the old life must have missed readings, because the run is taken down there.
    return max(before[1], after[0]) > 0 and (after[0] <= measured or before[1] < measured - slack)


def _restarted(name: str, before: Life, after: Life) -> Finding:
    words = (
        f"the service restarted within the measured time: probe {plain(name)} saw process {plain(before[2], 40)} "
        f"until {before[1]:.0f} s and process {plain(after[2], 40)} from {after[0]:.0f} s on"
    )
    return stated(Result.FAIL, words)


def _silent(lives: tuple[Life, ...], longest: float, measured: float) -> str | None:
    first, last = min(life[0] for life in lives), max(life[1] for life in lives)
    if first > longest:
        return f"gave no answer before {first:.0f} s of {measured:.0f} s"
    if last < measured - longest:
        return f"gave no answer after {last:.0f} s of {measured:.0f} s"
    return None


def _error(series: tuple[ResourceSeries, ...]) -> str:
    errors = [one.last_error for one in series if one.last_error]
    return f" ({plain(errors[-1])})" if errors else ""
