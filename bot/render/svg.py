"""One drawing of many charts taken apart into one small `<svg>` for each."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from typing import Final

WIDTH: Final = 430
HEIGHT: Final = 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 12, 24
_SVG: Final = "http://www.w3.org/2000/svg"
_GROUP: Final = re.compile(r"\bconcat_(\d+)_group\b")
_LONG_NUMBER: Final = re.compile(r"\d+\.\d{2,}")
_FRAMES: Final = ("background", "foreground")
_GEOMETRY: Final = frozenset({"d", "transform", "x1", "x2", "y1", "y2"})
_UNNEEDED: Final = (
    "class",
    "pointer-events",
    "aria-hidden",
    "aria-roledescription",
    "role",
    "font-family",
    "stroke-miterlimit",
)


def apart(svg: str, descriptions: Sequence[str]) -> Iterator[str]:
    """The charts of a column, in their order; each carries its description for those who cannot see it."""
    ET.register_namespace("", _SVG)
    groups = {}
    for element in ET.fromstring(svg).iter(_tag("g")):  # noqa: S314 - our own converter made it, of our own numbers
        found = _GROUP.search(element.get("class", ""))
        if found:
            groups[int(found[1])] = element
    for number, description in enumerate(descriptions):
        yield _framed(groups[number], description)


def _framed(group: ET.Element, description: str) -> str:
    for element in list(group.iter()):
        if "mark-rect" in element.get("class", ""):
            _join(element)
        for empty in [child for child in element if child.get("class") in _FRAMES]:
            element.remove(empty)
    for element in group.iter():
        _slim(element)
    box = f"{-_LEFT} {-_TOP} {WIDTH + _LEFT + _RIGHT} {HEIGHT + _TOP + _BOTTOM}"
    frame = ET.Element(_tag("svg"), {"viewBox": box, "role": "img", "aria-label": description, "fill": "none"})
    for placed in group:
        placed.attrib.pop("transform", None)  # where it stood in the column
        frame.append(placed)
    return ET.tostring(frame, encoding="unicode")


def _join(cells: ET.Element) -> None:
    """One path for each shade instead of hundreds."""
    shades: dict[str, ET.Element] = {}
    for cell in list(cells):
        shade = shades.setdefault(cell.get("fill-opacity", ""), cell)
        if shade is not cell:
            shade.set("d", shade.get("d", "") + cell.get("d", ""))
            cells.remove(cell)
    cells.set("shape-rendering", "crispEdges")


def _slim(element: ET.Element) -> None:
    for name in _UNNEEDED:
        element.attrib.pop(name, None)
    if element.get("opacity") == "1":
        del element.attrib["opacity"]
    for name in _GEOMETRY & element.attrib.keys():
        element.set(name, _LONG_NUMBER.sub(_rounded, element.attrib[name]))


def _rounded(found: re.Match[str]) -> str:
    return f"{float(found[0]):.1f}".removesuffix(".0")


def _tag(name: str) -> str:
    return f"{{{_SVG}}}{name}"
