"""What the charts of a scenario show of the service: times, arrivals, failures, memory and CPU. Pure."""

from collections.abc import Callable, Iterator
from typing import Final

from bot.core.evidence import ResourceSeries, ScenarioEvidence, Second
from bot.core.growth import trend
from bot.core.loadplan import OpenModel
from bot.core.record import Nights
from bot.core.series import points as readings
from bot.core.verdict import Verdict
from bot.render.bounds import drawn_bounds, limits_of, said, times
from bot.render.failure_panel import failure_panel
from bot.render.generator_panels import generator_panels
from bot.render.heat_panel import heat_panel
from bot.render.night_panels import night_panels
from bot.render.panel import About, Bound, Curve, Mark, Panel, Scale, Stroke, described
from bot.render.series import MOST_POINTS, Pick, Point, cpu_shares, highest, mean, middle, starting_level, thin
from bot.render.text import NAME, line

MIB: Final = 1024.0 * 1024.0
_MOST_INSTANCES: Final = 4
_FAR: Final = 4.0
_QUANTILES: Final = ("p50", "p95", "p99")


def panels(one: ScenarioEvidence, verdict: Verdict | None, nights: tuple[Nights, ...] = ()) -> tuple[Panel, ...]:
    """The charts of one scenario without those that would be empty: service, generator, earlier nights."""
    made = (
        _latency(one),
        heat_panel(one),
        _arrivals(one),
        failure_panel(one),
        _memory(one),
        _cpu(one),
        *generator_panels(one),
        *night_panels(one.plan, verdict, nights),
    )
    return tuple(panel for panel in made if not panel.is_empty)


Read = Callable[[Second], float | None]


def _curve(
    one: ScenarioEvidence, label: str, colour: str, read: Read, pick: Pick, *, stroke: Stroke = Stroke.SOLID
) -> Curve:
    return Curve(label, colour, thin([(second.at, read(second)) for second in one.timeline], pick), stroke)


def _latency(one: ScenarioEvidence) -> Panel:
    """Response and service time in one chart: the gap between both is what requests waited in the generator."""
    limits = limits_of(one, *_QUANTILES)
    top = max((second.p99 or 0.0 for second in one.timeline), default=0.0)
    far = any(top and limit.value > _FAR * top for _, limit in limits)
    factor, unit = (1.0, "s") if max([top, *(limit.value for _, limit in limits)]) >= 1 and not far else (1e3, "ms")
    curves = [
        _curve(one, "p50", "p50", lambda second: times(second.p50, factor), middle),
        _curve(one, "p95", "p95", lambda second: times(second.p95, factor), highest),
        _curve(one, "p99", "p99", lambda second: times(second.p99, factor), highest),
    ]
    # Without planned arrivals nothing waits for its turn: both times are one and the same.
    is_open = isinstance(one.plan.model, OpenModel)
    if is_open and any(second.service_p99 is not None for second in one.timeline):
        label = "p99 of the service time"
        served = _curve(
            one, label, "service", lambda second: times(second.service_p99, factor), highest, stroke=Stroke.DASHED
        )
        curves.append(served)
    title = "Response and service time" if len(curves) > len(_QUANTILES) else _single(is_open=is_open)
    return _panel(one, title, unit, tuple(curves), drawn_bounds(limits, factor), scale=Scale.LOG if far else Scale.ZERO)


def _single(*, is_open: bool) -> str:
    return "Response time" if is_open else "Service time"


def _arrivals(one: ScenarioEvidence) -> Panel:
    curves = [_curve(one, "sent", "sent", lambda second: float(second.sent), mean)]
    if any(second.late for second in one.timeline):
        curves.append(_curve(one, "late", "late", lambda second: float(second.late), highest))
    model = one.plan.model
    if isinstance(model, OpenModel):
        curves.append(Curve("planned", "plan", _planned(one, model), Stroke.DASHED))
    return _panel(one, "Arrivals" if isinstance(model, OpenModel) else "Requests", "per s", tuple(curves), ())


def _planned(one: ScenarioEvidence, model: OpenModel) -> tuple[Point, ...]:
    """The course as it was planned, whatever fell due: its corners, and both sides of each jump."""
    if not one.timeline or not one.measured:
        return ()
    corners: list[Point] = []
    at = 0.0
    for stretch in model.course:
        end = min(one.measured, at + stretch.seconds)
        if end > at:
            part = (end - at) / stretch.seconds
            corners += [(at, stretch.start), (end, stretch.start + (stretch.end - stretch.start) * part)]
        at = end
    rate = model.course[-1].end if model.course else model.rate
    return (*corners, (at, rate), (one.measured, rate)) if at < one.measured else tuple(corners)


def _memory(one: ScenarioEvidence) -> Panel:
    shown = one.resources[:_MOST_INSTANCES]
    curves = [_instance(one, number, series, _memory_points(series), middle) for number, series in enumerate(shown, 1)]
    trends = [_trend(series, one.measured) for series in shown]
    fitted = [Curve("trend as judged", "trend", line, Stroke.DASHED) for line in trends if line]
    levels = [line[0][1] if line else starting_level(curve.points) for line, curve in zip(trends, curves, strict=True)]
    bounds = [
        Bound(f"growth {said(key, limit)}", "limit", level * (1 + limit.value))
        for key, limit in limits_of(one, "memory_growth")
        for level in levels
        if level is not None
    ]
    return _panel(one, "Memory", "MiB", (*curves, *fitted), tuple(bounds), scale=Scale.NEAR)


def _trend(series: ResourceSeries, measured: float) -> tuple[Point, ...]:
    """The very line that memory growth was judged by, in MiB; nothing where there was none."""
    fitted = trend(readings(series, measured, lambda sample: sample.memory), measured)
    return tuple((at, value / MIB) for at, value in fitted or ())


def _memory_points(series: ResourceSeries) -> Iterator[Point]:
    return ((sample.at, times(sample.memory, 1 / MIB)) for sample in series.samples)


def _cpu(one: ScenarioEvidence) -> Panel:
    curves = [
        _instance(
            one,
            number,
            series,
            ((at, times(share, 100.0)) for at, share in cpu_shares(series.samples, series.cores)),
            mean,
        )
        for number, series in enumerate(one.resources[:_MOST_INSTANCES], 1)
    ]
    return _panel(one, "CPU", "%", tuple(curves), drawn_bounds(limits_of(one, "cpu"), 100.0))


def _instance(one: ScenarioEvidence, number: int, series: ResourceSeries, points: Iterator[Point], pick: Pick) -> Curve:
    measured = [point for point in points if 0 <= point[0] <= one.measured]
    name = line(" ".join(filter(None, (series.probe, series.replica, series.instance))), NAME)
    return Curve(name, f"life{number}", thin(measured, pick, MOST_POINTS))


def _panel(
    one: ScenarioEvidence,
    title: str,
    unit: str,
    curves: tuple[Curve, ...],
    bounds: tuple[Bound, ...],
    *,
    scale: Scale = Scale.ZERO,
) -> Panel:
    words = described(title, unit, curves, bounds)
    return Panel(title, unit, one.measured, curves, bounds, scale, words, About.SERVICE, _extension(one))


def _extension(one: ScenarioEvidence) -> tuple[Mark, ...]:
    """Where the plan ended, if the scenario went on."""
    return (Mark(one.plan.duration, "planned end"),) if 0 < one.plan.duration < one.measured and one.extended else ()
