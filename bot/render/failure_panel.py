"""Failed requests over time, one area on the other for each kind of failure. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.core.evidence import ScenarioEvidence, Second
from bot.render.bounds import drawn_bounds, limits_of
from bot.render.panel import Curve, Panel, Scale, Stroke, described
from bot.render.series import MOST_POINTS, Point
from bot.render.text import NAME, line

_COLOURS: Final = ("error", "late", "p95", "life1")
_OTHER: Final = "other failures"
_UNNAMED: Final = "failed"


def failure_panel(one: ScenarioEvidence) -> Panel:
    """The share of failed requests in percent: the most frequent kinds, and the rest together."""
    totals: Counter[str] = Counter()
    for second in one.timeline:
        totals.update(dict(second.failures))
    kinds = [kind for kind, _ in totals.most_common(len(_COLOURS))]
    shown = [_worst(run) for run in _runs(one.timeline)]
    curves = [
        Curve(line(kind, NAME), colour, tuple(_share(second, kind) for second in shown), Stroke.STACK)
        for kind, colour in zip(kinds, _COLOURS, strict=False)
    ]
    rest = Curve(
        _OTHER if kinds else _UNNAMED,
        "plan" if kinds else "error",
        tuple(_rest(second, kinds) for second in shown),
        Stroke.STACK,
    )
    if not kinds or any(value for _, value in rest.points):
        curves.append(rest)
    # In the colour of no area: a limit must be seen on top of all of them.
    bounds = tuple(replace(bound, colour="ink") for bound in drawn_bounds(limits_of(one, "error_rate"), 100.0))
    told = described("Failed requests", "%", tuple(curves), bounds)
    return Panel("Failed requests", "%", one.measured, tuple(curves), bounds, Scale.ZERO, told)


def _runs(timeline: Sequence[Second]) -> list[Sequence[Second]]:
    size = max(1, -(-len(timeline) // MOST_POINTS))
    return [timeline[start : start + size] for start in range(0, len(timeline), size)]


def _worst(run: Sequence[Second]) -> Second:
    """One second for its neighbours: the kinds of one moment belong together, so none is taken from another."""
    return max(run, key=lambda second: _percent(second.failed, second) or 0.0)


def _share(second: Second, kind: str) -> Point:
    return second.at, _percent(dict(second.failures).get(kind, 0), second)


def _rest(second: Second, kinds: Sequence[str]) -> Point:
    named = sum(count for kind, count in second.failures if kind in kinds)
    return second.at, _percent(max(0, second.failed - named), second)


def _percent(count: int, second: Second) -> float | None:
    total = second.ok + second.failed
    return round(100.0 * count / total, 4) if total else None
