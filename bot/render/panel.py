"""What one chart is made of: lines, dots, shades, limits and words. Values only; drawing them is `charts`' business.

Nothing foreign enters a drawing: panels carry numbers and fixed colour names, while names of probes, processes and
kinds of failure stay in the labels of curves, which the HTML template escapes.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.render.series import Point


class Stroke(StrEnum):
    """How a line is drawn; `STACK` areas stand on each other, in the order of the panel's curves."""

    SOLID = "solid"
    DASHED = "dashed"
    STACK = "stack"
    DOTS = "dots"
    SQUARES = "squares"
    RING = "ring"


class Scale(StrEnum):
    """How values become heights: linear from zero, linear around the values, or logarithmic."""

    ZERO = "zero"
    NEAR = "near"
    LOG = "log"


class About(StrEnum):
    """Whom a chart tells of, so that a slow service and a weak generator stand apart."""

    SERVICE = "The service"
    GENERATOR = "The load generator"
    NIGHTS = "Beside earlier nights"


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a chart; `colour` names a CSS variable, `label` is raw text for the legend."""

    label: str
    colour: str
    points: tuple[Point, ...]
    stroke: Stroke = Stroke.SOLID


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit (or what `word` says) drawn across a chart; `text` is made of its number only."""

    text: str
    colour: str
    value: float
    word: str = "limit"


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment drawn from top to bottom, named by one of our own words."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A rectangle of a heat map: from `start` to `end` seconds, from `low` to `high`."""

    start: float
    end: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Shade:
    """All cells of one darkness, 0 to 1; `label` says what it stands for."""

    label: str
    darkness: float
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart: values in `unit` against seconds of the measured window, or against whatever `ticks` name.

    The horizontal axis goes from `start` to `length`. `ticks` are (place, text) pairs of our own making; none: a clock.
    """

    title: str
    unit: str
    length: float
    curves: tuple[Curve, ...]
    bounds: tuple[Bound, ...]
    scale: Scale
    description: str
    about: About = About.SERVICE
    marks: tuple[Mark, ...] = ()
    shades: tuple[Shade, ...] = ()
    start: float = 0.0
    ticks: tuple[tuple[float, str], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be drawn."""
        drawn = any(value is not None for curve in self.curves for _, value in curve.points)
        return not drawn and not any(shade.cells for shade in self.shades)


def described(title: str, unit: str, curves: tuple[Curve, ...], bounds: tuple[Bound, ...]) -> str:
    """The chart in words, for those who cannot see it."""
    told = [_told(curve, unit) for curve in curves] + [f"{bound.word} {bound.text}" for bound in bounds]
    return f"{title}: {'; '.join(told)}."


def _told(curve: Curve, unit: str) -> str:
    values = [value for _, value in curve.points if value is not None]
    if not values:
        return f"{curve.label} without data"
    return f"{curve.label} from {min(values):,.4g} to {max(values):,.4g} {unit}"
