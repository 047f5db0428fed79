"""Tonight beside the last nights, by what they came to: a chart each for p95, p99 and error rate. Pure."""

import math
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final

from bot.core.baseline import absolute
from bot.core.changepoints import change_points
from bot.core.loadplan import ScenarioPlan
from bot.core.record import NightPoint, Nights, Outcome, RunRecord
from bot.core.remarks import CHANGE_POINT
from bot.core.units import format_value
from bot.core.verdict import Check, Verdict
from bot.render.bounds import said
from bot.render.figures import month_and_day
from bot.render.panel import About, Bound, Curve, Mark, Panel, Scale, Stroke
from bot.render.series import Point
from bot.render.words import OUTCOMES, RESULTS, Tone

MOST_NIGHTS: Final = 30
_SHOWN: Final = {"p95": ("p95", "ms", 1e3), "p99": ("p99", "ms", 1e3), "error_rate": ("Error rate", "%", 100.0)}
_FEWEST: Final = 2
_NEAR: Final = 3.0
_TICKS: Final = 6
_ALIKE: Final = 0.02
# Colour and shape: dots passed, squares did not.
_KINDS: Final = {
    Outcome.PROMOTED: ("good", Stroke.DOTS),
    Outcome.PASSED: ("calm", Stroke.DOTS),
    Outcome.DRY_RUN: ("p50", Stroke.DOTS),
    Outcome.BLOCKED: ("bad", Stroke.SQUARES),
    Outcome.INCONCLUSIVE: ("warn", Stroke.SQUARES),
    Outcome.INVALID: ("p95", Stroke.SQUARES),
}
_OTHER: Final = ("plan", Stroke.SQUARES)
_GOOD: Final = (Outcome.PROMOTED, Outcome.PASSED)
_COLOURS: Final = {Tone.GOOD: "good", Tone.BAD: "bad", Tone.WARN: "warn", Tone.CALM: "calm"}


def shown_nights(record: RunRecord) -> tuple[Nights, ...]:
    """The nights on record; of a run of an older version those that passed, which is all that it knew."""
    if record.nights or record.evidence is None:
        return record.nights or ()
    return tuple(
        Nights(
            past.scenario,
            past.endpoint,
            past.objective,
            tuple(
                NightPoint(one.run_id, one.at, Outcome.PROMOTED if one.released else Outcome.PASSED, one.observed)
                for one in past.nights
            ),
        )
        for past in record.evidence.past
    )


def night_panels(plan: ScenarioPlan, verdict: Verdict | None, nights: tuple[Nights, ...]) -> Iterator[Panel]:
    """One chart for each of these objectives with at least two nights before this one."""
    for each in nights:
        points = [point for point in each.points if math.isfinite(point.observed)][-(MOST_NIGHTS - 1) :]
        mine = each.scenario == plan.name and each.endpoint is None and each.objective in _SHOWN
        if mine and len(points) >= _FEWEST:
            yield _panel(plan, verdict, each.objective, points)


def _panel(plan: ScenarioPlan, verdict: Verdict | None, key: str, nights: Sequence[NightPoint]) -> Panel:
    name, unit, factor = _SHOWN[key]
    check = _tonight(plan, verdict, key)
    before = [(float(place), round(night.observed * factor, 4)) for place, night in enumerate(nights, 1)]
    now = () if check is None or check.observed is None else ((len(before) + 1.0, round(check.observed * factor, 4)),)
    curves = tuple(_curves(nights, before, now, check))
    values = [value for _, value in (*before, *now)]
    bounds = tuple(_bounds(plan, check, key, nights, factor, top=max(values)))
    title = f"{name}, last {len(before) + len(now)} nights"
    return Panel(
        title=title,
        unit=unit,
        length=len(before) + 1.5,
        curves=curves,
        bounds=bounds,
        scale=Scale.ZERO,
        description=_described(title, unit, curves, bounds),
        about=About.NIGHTS,
        marks=_changed(plan, verdict, key, nights, (*before, *now)),
        start=0.5,
        ticks=_ticks(nights),
    )


def _tonight(plan: ScenarioPlan, verdict: Verdict | None, key: str) -> Check | None:
    """The worst check of that objective over all endpoints: it may have a limit of its own and one of past nights."""
    checks = verdict.checks if verdict else ()
    mine = [one for one in checks if (one.scenario, one.endpoint, one.objective) == (plan.name, None, key)]
    told = [one for one in mine if one.observed is not None and math.isfinite(one.observed)]
    return max(told, key=lambda one: one.result.severity, default=None)


def _curves(
    nights: Sequence[NightPoint], before: Sequence[Point], now: tuple[Point, ...], check: Check | None
) -> Iterator[Curve]:
    yield Curve("", "plan", (*before, *now))
    for outcome, word in OUTCOMES.items():
        dots = tuple(point for point, night in zip(before, nights, strict=True) if night.outcome is outcome)
        colour, stroke = _KINDS.get(outcome, _OTHER)
        if dots:
            yield Curve(f"{len(dots)} {word.text.lower()}", colour, dots, stroke)
    if check is not None and now:
        word = RESULTS[check.result]
        yield Curve(f"tonight: {word.text}", _COLOURS[word.tone], now, Stroke.RING)


def _described(title: str, unit: str, curves: Sequence[Curve], bounds: Sequence[Bound]) -> str:
    """The chart in words: how many nights came to what, where tonight stands, and the lines."""
    told = []
    for curve in curves:
        values = [value for _, value in curve.points if value is not None]
        if curve.label and values:
            span = sorted({f"{min(values):,.4g}", f"{max(values):,.4g}"}, key=lambda text: float(text.replace(",", "")))
            told.append(f"{curve.label} at {' to '.join(span)} {unit}")
    return f"{title}: {'; '.join([*told, *(f'{bound.word} {bound.text}' for bound in bounds)])}."


def _bounds(
    plan: ScenarioPlan, check: Check | None, key: str, nights: Sequence[NightPoint], factor: float, *, top: float
) -> Iterator[Bound]:
    usual = check.baseline if check is not None and check.baseline is not None else None
    good = [night.observed for night in nights if night.outcome in _GOOD]
    middle = median(good or [night.observed for night in nights]) if usual is None else usual
    yield Bound(format_value(key, middle), "ink-2", middle * factor, "median" if usual is None else "baseline")
    limits = [goal.limit for goal in plan.objectives if goal.key == key and goal.endpoint is None]
    if check is not None and check.baseline is not None:
        relative = (goal for goal in plan.relative if goal.key == key and goal.endpoint is None)
        limits += [absolute(goal, check.baseline).limit for goal in relative]
    for limit in limits:
        # One that is far away would press the nights into a line at the bottom.
        if 0 < limit.value * factor <= _NEAR * top:
            yield Bound(f"tonight {said(key, limit)}", "limit", limit.value * factor)


def _changed(
    plan: ScenarioPlan, verdict: Verdict | None, key: str, nights: Sequence[NightPoint], points: Sequence[Point]
) -> tuple[Mark, ...]:
    """Where a new level began, if the verdict says that one did; only nights that passed were looked at for it."""
    notices = verdict.notices if verdict else ()
    if not any((one.scenario, one.objective, one.code) == (plan.name, key, CHANGE_POINT) for one in notices):
        return ()
    tonight = points[len(nights) :]
    good = [point for point, night in zip(points, nights, strict=False) if night.outcome in _GOOD]
    told = [(at, value) for at, value in (*good, *tonight) if value is not None]
    values = [value for _, value in told]
    found = change_points(values, max(_ALIKE * median(values), 1e-6)) if values else ()
    return (Mark(told[found[-1].index][0] - 0.5, "new level"),) if found else ()


def _ticks(nights: Sequence[NightPoint]) -> tuple[tuple[float, str], ...]:
    step = max(1, -(-len(nights) // _TICKS))
    places = range(len(nights), 0, -step)
    dated = [(float(place), month_and_day(nights[place - 1].at)) for place in places]
    return (*((place, text) for place, text in reversed(dated) if text),)
