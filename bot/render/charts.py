"""Panels drawn as inline SVG by Vega-Lite (vl-convert): no network, no script, colours as CSS variables.

Starting the converter costs far more than one chart, so all charts are drawn in one go and then taken apart.
The specification is plain Vega-Lite: building it through altair's classes took three times as long as drawing it.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from typing import Any, Final

from bot.render.panels import Bound, Curve, Panel, Scale, Stroke

Spec = dict[str, Any]

_VERSION: Final = "6.4"
WIDTH: Final = 430
HEIGHT: Final = 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 12, 24
_STEPS: Final = (1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
_MOST_TICKS: Final = 7
_CLOCK: Final = (
    "(datum.value >= 3600 ? format(floor(datum.value / 3600), 'd') + ':' + format(floor(datum.value / 60) % 60, '02d')"
    " : format(floor(datum.value / 60), 'd')) + ':' + format(datum.value % 60, '02d')"
)
# A logarithmic axis leaves most labels empty, and they must stay so.
_NUMBER: Final = "datum.label === '' ? '' : format(datum.value, ',.6~g')"
_SVG: Final = "http://www.w3.org/2000/svg"
_GROUP: Final = re.compile(r"\bconcat_(\d+)_group\b")
_SCALES: Final[dict[Scale, Spec]] = {
    Scale.ZERO: {"zero": True, "nice": True},
    Scale.NEAR: {"zero": False, "nice": True},
    Scale.LOG: {"type": "log", "nice": True},
}
_UNNEEDED: Final = ("class", "pointer-events", "aria-hidden", "font-family")
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
    Stroke.AREA: {"type": "area", "fillOpacity": 0.25, "line": {"strokeWidth": 1.2}},
}


def draw(panels: Sequence[Panel]) -> tuple[str, ...]:
    """One `<svg>` element per panel, in their order; whatever the converter raises goes up to the caller."""
    if not panels:
        return ()
    import vl_convert  # noqa: PLC0415 - starts a JavaScript engine

    whole = {"vconcat": [_chart(panel) for panel in panels], "config": _CONFIG}
    return tuple(_apart(vl_convert.vegalite_to_svg(whole, vl_version=_VERSION, allowed_base_urls=[]), panels))


def _chart(panel: Panel) -> Spec:
    layers = [_curve(curve) for curve in panel.curves]
    layers += [layer for bound in panel.bounds for layer in _bound(panel, bound)]
    return {"width": WIDTH, "height": HEIGHT, "encoding": {"x": _x(panel), "y": _y(panel)}, "layer": layers}


def _curve(curve: Curve) -> Spec:
    colour = f"var(--{curve.colour})"
    mark = {**_MARKS[curve.stroke], "color": colour}
    if "line" in mark:
        mark["line"] = {**mark["line"], "color": colour}
    return {"data": _rows(curve.points), "mark": mark}


def _bound(panel: Panel, bound: Bound) -> Iterator[Spec]:
    colour = f"var(--{bound.colour})"
    ends = ((0.0, bound.value), (panel.length, bound.value))
    yield {"data": _rows(ends), "mark": {"type": "line", "color": colour, "strokeDash": [3, 3], "strokeWidth": 1.2}}
    place = {"align": "right", "baseline": "bottom", "dy": -2, "fontSize": 10.5, "fontWeight": 600}
    text = {"type": "text", "color": colour, "text": f"limit {bound.text}", **place}
    yield {"data": _rows(ends[1:]), "mark": text}


def _rows(points: Sequence[tuple[float, float | None]]) -> Spec:
    return {"values": [{"x": round(at, 2), "y": value} for at, value in points]}


def _x(panel: Panel) -> Spec:
    axis = {"values": ticks(panel.length), "labelExpr": _CLOCK, "grid": False, "labelFlush": True}
    scale = {"domain": [0, max(panel.length, 1.0)], "nice": False, "clamp": True}
    return {"field": "x", "type": "quantitative", "axis": axis, "scale": scale}


def _y(panel: Panel) -> Spec:
    axis = {"tickCount": 5, "domain": False, "ticks": False, "labelExpr": _NUMBER, "labelPadding": 6}
    return {"field": "y", "type": "quantitative", "axis": axis, "scale": _SCALES[panel.scale]}


def ticks(length: float) -> list[float]:
    """Round moments on the time axis, at most seven."""
    step = next((step for step in _STEPS if length / step <= _MOST_TICKS), _STEPS[-1])
    return [float(at) for at in range(0, int(length) + 1, step)][: _MOST_TICKS * 4]


def _apart(svg: str, panels: Sequence[Panel]) -> Iterator[str]:
    ET.register_namespace("", _SVG)
    groups = {}
    for element in ET.fromstring(svg).iter(f"{{{_SVG}}}g"):  # noqa: S314 - see the import
        found = _GROUP.search(element.get("class", ""))
        if found:
            groups[int(found[1])] = element
    for number, panel in enumerate(panels):
        yield _framed(groups[number], panel)


def _framed(group: ET.Element, panel: Panel) -> str:
    for element in group.iter():
        for name in _UNNEEDED:
            element.attrib.pop(name, None)
    box = f"{-_LEFT} {-_TOP} {WIDTH + _LEFT + _RIGHT} {HEIGHT + _TOP + _BOTTOM}"
    frame = ET.Element(
        f"{{{_SVG}}}svg", {"viewBox": box, "role": "img", "aria-label": panel.description, "fill": "none"}
    )
    for placed in group:
        placed.attrib.pop("transform", None)  # where it stood in the column
        frame.append(placed)
    return ET.tostring(frame, encoding="unicode")
