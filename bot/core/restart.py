"""Whether the service ran through: one process life of each replica, from the start of the window to its end."""

from itertools import pairwise
from typing import Final

from bot.core.evidence import ResourceSample, ResourceSeries
from bot.core.finding import Finding, invalid, stated
from bot.core.series import longest_silence, measurable, planned_interval, uncovered
from bot.core.text import plain
from bot.core.verdict import Result
from bot.core.wording import counted, probed

Life = tuple[float, float, str]
"""(first reading, last reading, instance)."""

Series = tuple[ResourceSeries, ...]

# Systems count CPU time in hundredths of a second: even at 50 us a request so many of them move the counter. Some pages
# tell whole seconds only.
_WORK: Final = 500
_WORK_OF_SECONDS: Final = 20_000
_FEWEST: Final = 8


def judge_restart(series: Series, probes: tuple[str, ...], measured: float, answered: int = 0) -> Finding | None:
    """FAIL where a process ended, INVALID where too few readings tell whether one did; None without probes.

    INVALID as well where the readings never move, though the service `answered` many requests: they are old ones.

    A process ended when another life of its replica began and the old one was seen no more, when it was seen to be
    gone, or when its replica has no more readings while others of the same probe go on.
    """
    names = tuple(dict.fromkeys((*probes, *(one.probe for one in series))))
    if not names:
        return None
    if not measurable(measured):
        return invalid("nothing was measured, so nobody knows whether the service ran through")
    findings = [_probe(name, tuple(one for one in series if one.probe == name), measured, answered) for name in names]
    return max(findings, key=lambda finding: finding.result.severity)


def _probe(name: str, series: Series, measured: float, answered: int) -> Finding:
    replicas = dict.fromkeys(one.replica for one in series) or {"": None}
    parts = {replica: tuple(one for one in series if one.replica == replica) for replica in replicas}
    latest = max((life[1] for life in _lives(series)), default=0.0)
    findings = [_replica(probed(name, replica), part, measured, latest) for replica, part in parts.items()]
    worst = max(findings, key=lambda finding: finding.result.severity)
    if worst.result is Result.PASS and answered >= _WORK:
        worst = _still(name, series, measured, answered) or worst
    if len(findings) == 1 or worst.result is not Result.PASS:
        return worst
    readings = sum(finding.bounds.samples for finding in findings)
    words = f"the service ran through (probe {plain(name)}, {len(findings)} processes, {counted(readings, 'reading')})"
    return stated(Result.PASS, words, readings)


def _replica(who: str, series: Series, measured: float, latest: float) -> Finding:
    """One replica; `latest` is the last reading that its probe had of any."""
    lives = _lives(series)
    if not lives:
        return invalid(f"{who} never answered{_error(series)}")
    ended = _mixed(who, lives, measured) or _restarted(who, series, lives, measured)
    ended = ended or _gone(who, series, lives, measured)
    ended = ended or _vanished(who, series, lives, min(latest, measured), measured)
    return ended or _unproved(who, series, lives, measured) or _ran_through(who, series, measured)


def _lives(series: Series) -> tuple[Life, ...]:
    times: dict[str, list[float]] = {}
    for one in series:
        # Comparing with itself drops NaN, which would spoil the order.
        times.setdefault(one.instance, []).extend(sample.at for sample in one.samples if sample.at == sample.at)
    return tuple(sorted((min(at), max(at), instance) for instance, at in times.items() if at))


def _mixed(who: str, lives: tuple[Life, ...], measured: float) -> Finding | None:
    """INVALID where a life was seen after another one of the same replica had begun; one that ended never is."""
    for before, after in pairwise(life for life in lives if life[2]):
        if before[1] > max(0.0, after[0]) and after[0] <= measured:
            both = f"{who} saw process {plain(before[2], 40)} before and after {plain(after[2], 40)}"
            words = f"several processes answer under one name: {both}, so nobody knows whether the service ran through"
            return invalid(f"{words}; tell them apart")
    return None


def _restarted(who: str, series: Series, lives: tuple[Life, ...], measured: float) -> Finding | None:
    slack = 2 * max(planned_interval(one, measured) for one in series)
    for before, after in pairwise(life for life in lives if life[2]):
        if _within(before, after, measured, slack):
            words = (
                f"the service restarted within the measured time: {who} saw process {plain(before[2], 40)} "
                f"until {before[1]:.0f} s and process {plain(after[2], 40)} from {after[0]:.0f} s on"
            )
            return stated(Result.FAIL, words)
    return None


def _within(before: Life, after: Life, measured: float, slack: float) -> bool:
    # The change lies between the last sign of the old life and the first of the new one. Whatever of that may be inside
    # the window counts; at its end the old life must have missed readings, because the run is taken down there.
    return max(before[1], after[0]) > 0 and (after[0] <= measured or before[1] < measured - slack)


def _gone(who: str, series: Series, lives: tuple[Life, ...], measured: float) -> Finding | None:
    last = max(life[1] for life in lives)
    seen = [one.gone for one in series if one.gone is not None and last <= one.gone and 0 <= one.gone <= measured]
    if not seen:
        return None
    words = f"the service ended within the measured time: {who} saw it until {last:.0f} s"
    return stated(Result.FAIL, f"{words} and from {min(seen):.0f} s on that it was gone{_error(series)}")


def _vanished(who: str, series: Series, lives: tuple[Life, ...], latest: float, measured: float) -> Finding | None:
    last = max(life[1] for life in lives)
    if not 0 <= last < latest - _silence(series, measured):
        return None
    words = f"{who} saw the process until {last:.0f} s and others until {latest:.0f} s"
    return stated(Result.FAIL, f"a process of the service went away within the measured time: {words}{_error(series)}")


def _unproved(who: str, series: Series, lives: tuple[Life, ...], measured: float) -> Finding | None:
    """INVALID where the readings do not show that nothing happened."""
    if not all(life[2] for life in lives):
        words = f"{who} tells neither when its process started nor its CPU time, so nobody knows whether the service"
        return invalid(f"{words} ran through: set its `start`")
    missing = _silent(lives, _silence(series, measured), measured) or _uncovered(series, measured)
    if not missing:
        return None
    return invalid(f"{who} {missing}{_error(series)}, so nobody knows whether the service ran through")


def _still(name: str, series: Series, measured: float, answered: int) -> Finding | None:
    """INVALID where neither CPU time nor memory of any replica ever moved; one of several may well have been idle."""
    told: dict[str, list[ResourceSample]] = {}
    for one in series:
        told.setdefault(one.replica, []).extend(each for each in one.samples if 0 <= each.at <= measured)
    if not told or not all(_never_moved(samples, answered) for samples in told.values()):
        return None
    readings = sum(map(len, told.values()))
    words = (
        f"the readings of probe {plain(name)} stood still: CPU time and memory are the same in all {readings} of them"
    )
    return invalid(f"{words}, so nobody knows whether the service ran through", readings)


def _never_moved(samples: list[ResourceSample], answered: int) -> bool:
    """Whether many readings tell one CPU time, which so many answers must have moved, and one size of memory."""
    used = {sample.cpu_seconds for sample in samples if sample.cpu_seconds is not None}
    held = {sample.memory for sample in samples if sample.memory is not None}
    if len(samples) < _FEWEST or len(used) != 1 or len(held) > 1:
        return False
    return answered >= (_WORK_OF_SECONDS if used.pop().is_integer() else _WORK)


def _silence(series: Series, measured: float) -> float:
    return max(longest_silence(one, measured) for one in series)


def _silent(lives: tuple[Life, ...], longest: float, measured: float) -> str | None:
    first, last = min(life[0] for life in lives), max(life[1] for life in lives)
    if first > longest:
        return f"gave no answer before {first:.0f} s of {measured:.0f} s"
    if last < measured - longest:
        return f"gave no answer after {last:.0f} s of {measured:.0f} s"
    return None


def _uncovered(series: Series, measured: float) -> str | None:
    """What the readings of all series of one replica together lack; each of them counts, whatever it tells."""
    why = uncovered(series[0], _inside(series, measured), measured)
    return f"does not cover the measured time: {why}" if why else None


def _inside(series: Series, measured: float) -> tuple[float, ...]:
    # Memory and CPU may be told apart from each other; two of one moment are one look at the service.
    return tuple(sorted({sample.at for one in series for sample in one.samples if 0 <= sample.at <= measured}))


def _ran_through(who: str, series: Series, measured: float) -> Finding:
    inside = len(_inside(series, measured))
    return stated(Result.PASS, f"the service ran through ({who}, one process, {counted(inside, 'reading')})", inside)


def _error(series: Series) -> str:
    errors = [one.last_error for one in series if one.last_error]
    return f" ({plain(errors[-1])})" if errors else ""
