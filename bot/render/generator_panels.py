"""How the load processes fared over time, against the limits beyond which they are not believed. Pure."""

from collections.abc import Callable, Iterator
from typing import Final

from bot.core.evidence import GeneratorHealth, HealthSample, ScenarioEvidence
from bot.core.generator import lateness_limit
from bot.core.units import format_share, format_value
from bot.render.panel import About, Bound, Curve, Panel, Scale, Stroke, described
from bot.render.series import Point, highest, thin
from bot.render.text import NAME, line

_MOST_PROCESSES: Final = 4

Read = Callable[[HealthSample], float | None]


def generator_panels(one: ScenarioEvidence) -> tuple[Panel, ...]:
    """CPU, waiting for a core, and delays: one line a process each."""
    return _cpu(one), _waiting(one), _delays(one)


def _cpu(one: ScenarioEvidence) -> Panel:
    limit = one.plan.generator.cpu
    curves = _lines(one, "", lambda sample: sample.cpu, 100.0)
    return _panel(one, "Generator CPU", "% of a core", tuple(curves), (_share("p95", limit),))


def _waiting(one: ScenarioEvidence) -> Panel:
    limits = one.plan.generator
    waiting = tuple(_lines(one, "", lambda sample: sample.wait, 100.0))
    throttled = tuple(_lines(one, "throttled", lambda sample: sample.throttled, 100.0, stroke=Stroke.DASHED))
    bounds = [_share("mean", limits.wait)]
    if any(value for curve in throttled for _, value in curve.points):
        bounds.append(_share("throttled, mean", limits.throttled))
    else:
        throttled = ()
    title = "Generator without a core" if throttled else "Generator waiting for a core"
    return _panel(one, title, "% of time", (*waiting, *throttled), tuple(bounds))


def _delays(one: ScenarioEvidence) -> Panel:
    most = lateness_limit(one.plan)
    curves = list(_lines(one, "loop lag", lambda sample: sample.lag, 1e3))
    late = thin([(second.at, _ms(second.lateness_p99)) for second in one.timeline], highest)
    bounds = [_time("loop lag", one.plan.generator.lag)]
    if any(value is not None for _, value in late):
        curves.append(Curve("lateness p99 of the starts", "ink", late))
        bounds += [] if most is None else [_time("lateness", most)]
    return _panel(one, "Generator delays", "ms", tuple(curves), tuple(bounds))


def _lines(
    one: ScenarioEvidence, what: str, read: Read, factor: float, *, stroke: Stroke = Stroke.SOLID
) -> Iterator[Curve]:
    for number, process in enumerate(one.health[:_MOST_PROCESSES], 1):
        points = [_point(sample, read, factor) for sample in process.samples if 0 <= sample.at <= one.measured + 1]
        yield Curve(_named(process, what), f"life{number}", thin(points, highest), stroke)


def _point(sample: HealthSample, read: Read, factor: float) -> Point:
    value = read(sample)
    return sample.at, None if value is None else round(value * factor, 3)


def _named(process: GeneratorHealth, what: str) -> str:
    return line(f"{what}, {process.process}" if what else process.process, NAME)


def _ms(value: float | None) -> float | None:
    return None if value is None else round(value * 1e3, 3)


def _share(what: str, limit: float) -> Bound:
    return Bound(f"{what} <= {format_share(limit)}", "limit", 100.0 * limit)


def _time(what: str, limit: float) -> Bound:
    colour = "ink" if what == "lateness" else "limit"
    return Bound(f"{what} <= {format_value('p99', limit)}", colour, 1e3 * limit)


def _panel(one: ScenarioEvidence, title: str, unit: str, curves: tuple[Curve, ...], bounds: tuple[Bound, ...]) -> Panel:
    words = described(title, unit, curves, bounds)
    return Panel(title, unit, one.measured, curves, bounds, Scale.ZERO, words, About.GENERATOR)
