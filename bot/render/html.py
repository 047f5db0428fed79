"""The report for people who want to see it: one file with its charts inside, no network, no script."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from markupsafe import Markup

from bot.core.record import RunRecord
from bot.render.night_panels import shown_nights
from bot.render.panel import About, Bound, Curve, Panel, Scale, Stroke
from bot.render.panels import panels
from bot.render.scenario_view import GENERATOR_SIGNS, ScenarioView
from bot.render.templating import html_environment
from bot.render.text import line
from bot.render.view import build_view
from bot.render.words import ABSENT, ALL_ENDPOINTS

MOST_FAILING: Final = 6
MOST_CHECKS: Final = 400
MOST_SCENARIOS: Final = 12

Draw = Callable[[Sequence[Panel]], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Chart:
    """A panel with its drawing."""

    panel: Panel
    svg: Markup


@dataclass(frozen=True, slots=True)
class ScenarioSection:
    """One scenario's heading and charts: those of the service, of the generator, and of earlier nights."""

    view: ScenarioView
    charts: tuple[Chart, ...]

    @property
    def groups(self) -> tuple[tuple[str, tuple[Chart, ...]], ...]:
        """The charts by whom they tell of, in the order of `About`, each group under its title."""
        grouped = ((about.value, tuple(one for one in self.charts if one.panel.about is about)) for about in About)
        return tuple((title, charts) for title, charts in grouped if charts)


def _draw(shown: Sequence[Panel]) -> Sequence[str]:
    from bot.render.charts import draw  # noqa: PLC0415 - the drawing library loads only where something is drawn

    return draw(shown)


def warm_up() -> None:
    """Load the template and draw one chart of every kind of line: the first drawing takes longer than all others."""
    html_environment().get_template("report.html.j2")
    points = ((0.0, 1.0), (1.0, 2.0))
    curves = tuple(Curve("", "plan", points, stroke) for stroke in Stroke)
    with suppress(Exception):  # where charts cannot be drawn, the report itself says so
        _draw([Panel("", "", 1.0, curves, (Bound("", "limit", 1.0),), Scale.ZERO, "")])


def render_html(record: RunRecord, draw: Draw = _draw) -> str:
    """The whole report as one HTML document; charts that cannot be drawn are said to be missing."""
    view = build_view(record)
    drawings, missing = _drawings(record, draw)
    sections = [ScenarioSection(one, charts) for one, charts in zip(view.appendix.scenarios, drawings, strict=True)]
    return (
        html_environment()
        .get_template("report.html.j2")
        .render(
            view=view,
            scenarios=sections,
            charts_missing=missing,
            nights_missing=record.nights is None,
            style=_style(),
            most_failing=MOST_FAILING,
            most_checks=MOST_CHECKS,
            most_scenarios=MOST_SCENARIOS,
            absent=ABSENT,
            all_endpoints=ALL_ENDPOINTS,
            signs=GENERATOR_SIGNS,
            generator_title=About.GENERATOR.value,
        )
    )


def _drawings(record: RunRecord, draw: Draw) -> tuple[list[tuple[Chart, ...]], str]:
    scenarios, nights = record.evidence.scenarios if record.evidence else (), shown_nights(record)
    try:
        planned = [panels(one, record.verdict, nights) for one in scenarios]
        drawn = iter(draw([panel for group in planned for panel in group]))
        return [tuple(_charts(group, drawn)) for group in planned], ""
    except Exception as error:  # noqa: BLE001 - a verdict without its charts is worth more than no report at all
        return [() for _ in scenarios], line(f"They could not be drawn ({type(error).__name__}: {error}).")


def _charts(group: Sequence[Panel], drawn: Iterator[str]) -> Iterator[Chart]:
    # Markup: drawn by our own converter from numbers and fixed words; see bot.render.panels.
    return (Chart(panel, Markup(svg)) for panel, svg in zip(group, drawn, strict=False))  # noqa: S704


@cache
def _style() -> Markup:
    return Markup((files("bot.render") / "templates" / "report.css").read_text("utf-8"))  # noqa: S704 - our own file
