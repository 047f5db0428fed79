"""Panels drawn as inline SVG by Vega-Lite (vl-convert): no network, no script, colours as CSS variables.

Starting the converter costs far more than one chart, so all charts are drawn in one go and then taken apart.
The specification is plain Vega-Lite: building it through altair's classes took three times as long as drawing it.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from bot.render.panel import Bound, Curve, Mark, Panel, Scale, Shade, Stroke
from bot.render.svg import HEIGHT, WIDTH, apart

Spec = dict[str, Any]

_VERSION: Final = "6.4"
_STEPS: Final = (1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
_MOST_TICKS: Final = 7
_CLOCK: Final = (
    "(datum.value >= 3600 ? format(floor(datum.value / 3600), 'd') + ':' + format(floor(datum.value / 60) % 60, '02d')"
    " : format(floor(datum.value / 60), 'd')) + ':' + format(datum.value % 60, '02d')"
)
# A logarithmic axis leaves most labels empty, and they must stay so.
_NUMBER: Final = "datum.label === '' ? '' : format(datum.value, ',.6~g')"
_SCALES: Final[dict[Scale, Spec]] = {
    Scale.ZERO: {"zero": True, "nice": True},
    Scale.NEAR: {"zero": False, "nice": True},
    Scale.LOG: {"type": "log", "nice": False},
}
_CONFIG: Final[Spec] = {
    "aria": False,
    "background": "transparent",
    "view": {"stroke": "transparent"},
    "axis": {
        "labelColor": "var(--ink-2)",
        "gridColor": "var(--grid)",
        "domainColor": "var(--rule)",
        "tickColor": "var(--rule)",
        "labelFont": "sans-serif",
        "labelFontSize": 11,
        "title": None,
    },
}
_MARKS: Final[dict[Stroke, Spec]] = {
    Stroke.SOLID: {"type": "line", "strokeWidth": 1.4, "strokeJoin": "round"},
    Stroke.DASHED: {"type": "line", "strokeWidth": 1.6, "strokeDash": [6, 3]},
    Stroke.STACK: {"type": "area", "fillOpacity": 0.7},
    Stroke.DOTS: {"type": "point", "filled": True, "size": 34, "opacity": 1},
    Stroke.SQUARES: {"type": "point", "filled": True, "size": 44, "opacity": 1, "shape": "square"},
    Stroke.RING: {"type": "point", "filled": True, "size": 110, "opacity": 1, "shape": "diamond"},
}
# Limits that lie close to each other must not write over each other: each one takes another place along its line.
_PLACES: Final = (("right", 1.0, -2), ("left", 0.0, 2), ("center", 0.5, 0))
_ROOM: Final = 1.25
# A value that already is what is drawn: no scale, no legend.
_AS_IT_IS: Final[Spec] = {"type": "nominal", "scale": None, "legend": None}


def draw(panels: Sequence[Panel]) -> tuple[str, ...]:
    """One `<svg>` element per panel, in their order; whatever the converter raises goes up to the caller."""
    if not panels:
        return ()
    import vl_convert  # noqa: PLC0415 - starts a JavaScript engine

    whole = {"vconcat": [_chart(panel) for panel in panels], "config": _CONFIG}
    drawn = vl_convert.vegalite_to_svg(whole, vl_version=_VERSION, allowed_base_urls=[])
    return tuple(apart(drawn, [panel.description for panel in panels]))


def _chart(panel: Panel) -> Spec:
    layers = [*_cells(panel.shades), *_curves(panel), *_bounds(panel)]
    layers += [layer for mark in panel.marks for layer in _mark(mark)]
    return {"width": WIDTH, "height": HEIGHT, "encoding": {"x": _x(panel), "y": _y(panel)}, "layer": layers}


def _cells(shades: Sequence[Shade]) -> Iterator[Spec]:
    rows = [
        {"x": round(cell.start, 2), "x2": round(cell.end, 2), "y": cell.low, "y2": cell.high, "o": shade.darkness}
        for shade in shades
        for cell in shade.cells
    ]
    if rows:
        encoding = {"x2": {"field": "x2"}, "y2": {"field": "y2"}, "fillOpacity": {**_AS_IT_IS, "field": "o"}}
        yield {"data": {"values": rows}, "mark": {"type": "rect", "color": "var(--heat)"}, "encoding": encoding}


def _curves(panel: Panel) -> Iterator[Spec]:
    below: dict[float, float] = {}
    for curve in panel.curves:
        if curve.stroke is Stroke.STACK:
            yield _stacked(curve, below)
        else:
            yield {"data": _rows(curve.points), "mark": {**_MARKS[curve.stroke], "color": _colour(curve.colour)}}


def _stacked(curve: Curve, below: dict[float, float]) -> Spec:
    """The area of a curve on those `below` it (height by time), which then holds it as well."""
    rows = []
    for at, value in curve.points:
        base = below.get(at, 0.0)
        below[at] = base + (value or 0.0)
        rows.append({"x": round(at, 2), "y": None if value is None else round(below[at], 4), "y2": round(base, 4)})
    mark = {**_MARKS[curve.stroke], "color": _colour(curve.colour)}
    return {"data": {"values": rows}, "mark": mark, "encoding": {"y2": {"field": "y2"}}}


def _bounds(panel: Panel) -> Iterator[Spec]:
    """All lines in one layer, because layers are what takes time; then the words of each."""
    rows = [{"y": bound.value, "c": _colour(bound.colour)} for bound in panel.bounds]
    if rows:
        mark = {"type": "rule", "strokeDash": [3, 3], "strokeWidth": 1.2}
        yield {"data": {"values": rows}, "mark": mark, "encoding": {"x": None, "color": {**_AS_IT_IS, "field": "c"}}}
    yield from (_words(panel, bound, number) for number, bound in enumerate(panel.bounds))


def _words(panel: Panel, bound: Bound, number: int) -> Spec:
    align, share, shift = _PLACES[number % len(_PLACES)]
    # What is usual has the values all around it, a limit has them below.
    side = {"baseline": "bottom", "dy": -2} if bound.word == "limit" else {"baseline": "top", "dy": 9}
    place = {"align": align, "dx": shift, "fontSize": 10.5, "fontWeight": 600, **side}
    text = {"type": "text", "color": _colour(bound.colour), "text": f"{bound.word} {bound.text}", **place}
    return {"data": _rows(((panel.start + share * (panel.length - panel.start), bound.value),)), "mark": text}


def _mark(mark: Mark) -> Iterator[Spec]:
    where = {"data": {"values": [{"x": round(mark.at, 2)}]}}
    line = {"type": "rule", "color": "var(--ink-2)", "strokeDash": [2, 3], "strokeWidth": 1.2}
    yield {**where, "mark": line, "encoding": {"y": None}}
    place = {"align": "right", "baseline": "top", "dx": -4, "dy": 2, "fontSize": 10.5, "fontWeight": 600, "y": 0}
    text = {"type": "text", "color": "var(--ink-2)", "text": mark.text, **place}
    yield {**where, "mark": text, "encoding": {"y": None}}


def _colour(name: str) -> str:
    return f"var(--{name})"


def _rows(points: Sequence[tuple[float, float | None]]) -> Spec:
    return {"values": [{"x": round(at, 2), "y": value} for at, value in points]}


def _x(panel: Panel) -> Spec:
    scale = {"domain": [panel.start, max(panel.length, panel.start + 1.0)], "nice": False, "clamp": True}
    return {"field": "x", "type": "quantitative", "axis": {**_x_axis(panel), "grid": False}, "scale": scale}


def _x_axis(panel: Panel) -> Spec:
    if not panel.ticks:
        return {"values": ticks(panel.length), "labelExpr": _CLOCK, "labelFlush": True}
    texts = {f"{at:g}": text for at, text in panel.ticks}
    return {"values": [at for at, _ in panel.ticks], "labelExpr": f"{json.dumps(texts)}[datum.value]"}


def _y(panel: Panel) -> Spec:
    axis = {"tickCount": 5, "domain": False, "ticks": False, "labelExpr": _NUMBER, "labelPadding": 6}
    return {"field": "y", "type": "quantitative", "axis": axis, "scale": _SCALES[panel.scale] | _domain(panel)}


def _domain(panel: Panel) -> Spec:
    """A logarithmic axis from the lowest to the highest that is drawn, with room for the words above a limit."""
    if panel.scale is not Scale.LOG:
        return {}
    drawn = [value for curve in panel.curves for _, value in curve.points if value]
    drawn += [edge for shade in panel.shades for cell in shade.cells for edge in (cell.low, cell.high)]
    drawn += [bound.value for bound in panel.bounds if bound.value > 0]
    return {"domain": [min(drawn) / _ROOM, max(drawn) * _ROOM**2], "clamp": True} if drawn else {}


def ticks(length: float) -> list[float]:
    """Round moments on the time axis, at most seven."""
    step = next((step for step in _STEPS if length / step <= _MOST_TICKS), _STEPS[-1])
    return [float(at) for at in range(0, int(length) + 1, step)][: _MOST_TICKS * 4]
