"""What the charts of a scenario show, as values: lines, limits and words; drawing them is `charts`' business. Pure.

Nothing foreign enters a drawing: panels carry numbers and fixed colour names, while names of probes stay in `legend`,
which the HTML template escapes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.core.evidence import ResourceSeries, ScenarioEvidence, Second
from bot.core.limits import Limit
from bot.core.units import format_value
from bot.core.verdict import Verdict
from bot.render.series import MOST_POINTS, Pick, Point, cpu_shares, highest, mean, middle, starting_level, thin
from bot.render.text import NAME, line

MIB: Final = 1024.0 * 1024.0
_MOST_INSTANCES: Final = 4
_FAR: Final = 4.0


class Stroke(StrEnum):
    """How a line is drawn."""

    SOLID = "solid"
    DASHED = "dashed"
    AREA = "area"


class Scale(StrEnum):
    """How values become heights: linear from zero, linear around the values, or logarithmic."""

    ZERO = "zero"
    NEAR = "near"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a chart; `colour` names a CSS variable, `label` is raw text for the legend."""

    label: str
    colour: str
    points: tuple[Point, ...]
    stroke: Stroke = Stroke.SOLID


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit drawn across a chart; `text` is made of the limit's number only."""

    text: str
    colour: str
    value: float


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart: values in `unit` against seconds of the measured window."""

    title: str
    unit: str
    length: float
    curves: tuple[Curve, ...]
    bounds: tuple[Bound, ...]
    scale: Scale
    description: str


def panels(one: ScenarioEvidence, verdict: Verdict | None) -> tuple[Panel, ...]:
    """The charts of one scenario, without those that would be empty."""
    made = [_latency(one), _arrivals(one), _errors(one), _memory(one, _growth(one, verdict)), _cpu(one)]
    return tuple(
        panel for panel in made if any(value is not None for curve in panel.curves for _, value in curve.points)
    )


Read = Callable[[Second], float | None]


def _curve(
    one: ScenarioEvidence, label: str, colour: str, read: Read, pick: Pick, *, stroke: Stroke = Stroke.SOLID
) -> Curve:
    return Curve(label, colour, thin([(second.at, read(second)) for second in one.timeline], pick), stroke)


def _latency(one: ScenarioEvidence) -> Panel:
    limits = _limits(one, "p50", "p95", "p99")
    top = max((second.p99 or 0.0 for second in one.timeline), default=0.0)
    far = any(top and limit.value > _FAR * top for _, limit in limits)
    factor, unit = (1.0, "s") if max([top, *(limit.value for _, limit in limits)]) >= 1 and not far else (1e3, "ms")
    curves = (
        _curve(one, "p50", "p50", lambda second: _times(second.p50, factor), middle),
        _curve(one, "p95", "p95", lambda second: _times(second.p95, factor), highest),
        _curve(one, "p99", "p99", lambda second: _times(second.p99, factor), highest),
    )
    return _panel(one, "Response time", unit, curves, _bounds(limits, factor), scale=Scale.LOG if far else Scale.ZERO)


def _arrivals(one: ScenarioEvidence) -> Panel:
    curves = (
        _curve(one, "sent", "sent", lambda second: float(second.sent), mean),
        _curve(one, "late", "late", lambda second: float(second.late), highest),
        _curve(one, "planned", "plan", lambda second: float(second.due), mean, stroke=Stroke.DASHED),
    )
    shown = tuple(curve for curve in curves if curve.label != "late" or any(value for _, value in curve.points))
    return _panel(one, "Arrivals", "per s", shown, ())


def _errors(one: ScenarioEvidence) -> Panel:
    failed = _curve(one, "failed", "error", _failed_percent, highest, stroke=Stroke.AREA)
    return _panel(one, "Errors", "%", (failed,), _bounds(_limits(one, "error_rate"), 100.0))


def _failed_percent(second: Second) -> float | None:
    total = second.ok + second.failed
    return 100.0 * second.failed / total if total else None


def _memory(one: ScenarioEvidence, growth: float | None) -> Panel:
    shown = list(enumerate(one.resources[:_MOST_INSTANCES], 1))
    curves = [_instance(one, number, series, _memory_points(series), middle) for number, series in shown]
    levels = [starting_level(curve.points) for curve in curves]
    bounds = [
        Bound(f"growth {_said(key, limit)}", "limit", level * (1 + limit.value))
        for key, limit in _limits(one, "memory_growth")
        for level in levels
        if level is not None
    ]
    if growth is not None and len(levels) == 1 and levels[0] is not None:
        ends: tuple[Point, ...] = ((0.0, levels[0]), (one.measured, levels[0] * (1 + growth)))
        curves.append(Curve("trend as judged", "trend", ends, Stroke.DASHED))
    return _panel(one, "Memory", "MiB", tuple(curves), tuple(bounds), scale=Scale.NEAR)


def _memory_points(series: ResourceSeries) -> Iterator[Point]:
    return ((sample.at, _times(sample.memory, 1 / MIB)) for sample in series.samples)


def _cpu(one: ScenarioEvidence) -> Panel:
    curves = [
        _instance(
            one,
            number,
            series,
            ((at, _times(share, 100.0)) for at, share in cpu_shares(series.samples, series.cores)),
            mean,
        )
        for number, series in enumerate(one.resources[:_MOST_INSTANCES], 1)
    ]
    return _panel(one, "CPU", "%", tuple(curves), _bounds(_limits(one, "cpu"), 100.0))


def _instance(one: ScenarioEvidence, number: int, series: ResourceSeries, points: Iterator[Point], pick: Pick) -> Curve:
    measured = [point for point in points if 0 <= point[0] <= one.measured]
    return Curve(line(f"{series.probe} {series.instance}", NAME), f"life{number}", thin(measured, pick, MOST_POINTS))


def _growth(one: ScenarioEvidence, verdict: Verdict | None) -> float | None:
    checks = verdict.checks if verdict else ()
    mine = (check for check in checks if check.scenario == one.plan.name and check.objective == "memory_growth")
    return next((check.observed for check in mine), None)


def _limits(one: ScenarioEvidence, *keys: str) -> list[tuple[str, Limit]]:
    return [(goal.key, goal.limit) for goal in one.plan.objectives if goal.key in keys and goal.endpoint is None]


def _bounds(limits: Sequence[tuple[str, Limit]], factor: float) -> tuple[Bound, ...]:
    return tuple(
        Bound(f"{key} {_said(key, limit)}".removeprefix("error_rate "), _colour(key), limit.value * factor)
        for key, limit in limits
    )


def _said(key: str, limit: Limit) -> str:
    return f"{limit.comparison.value} {format_value(key, limit.value)}"


def _colour(key: str) -> str:
    return key if key in ("p50", "p95", "p99") else "limit"


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else round(value * factor, 4)


def _panel(
    one: ScenarioEvidence,
    title: str,
    unit: str,
    curves: tuple[Curve, ...],
    bounds: tuple[Bound, ...],
    *,
    scale: Scale = Scale.ZERO,
) -> Panel:
    told = [_told(curve, unit) for curve in curves] + [f"limit {bound.text}" for bound in bounds]
    return Panel(title, unit, one.measured, curves, bounds, scale, f"{title}: {'; '.join(told)}.")


def _told(curve: Curve, unit: str) -> str:
    values = [value for _, value in curve.points if value is not None]
    return (
        f"{curve.label} from {min(values):,.4g} to {max(values):,.4g} {unit}"
        if values
        else f"{curve.label} without data"
    )
