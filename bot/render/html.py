"""The report for people who want to see it: one file with its charts inside, no network, no script."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from markupsafe import Markup

from bot.core.record import RunRecord
from bot.render.appendix import ScenarioView
from bot.render.panels import Panel, panels
from bot.render.templating import html_environment
from bot.render.text import line
from bot.render.view import build_view
from bot.render.words import ABSENT, ALL_ENDPOINTS

MOST_FAILING: Final = 6
MOST_CHECKS: Final = 400

Draw = Callable[[Sequence[Panel]], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Chart:
    """A panel with its drawing."""

    panel: Panel
    svg: Markup


@dataclass(frozen=True, slots=True)
class ScenarioSection:
    """One scenario's heading and charts."""

    view: ScenarioView
    charts: tuple[Chart, ...]


def _draw(shown: Sequence[Panel]) -> Sequence[str]:
    from bot.render.charts import draw  # noqa: PLC0415 - the drawing library loads only where something is drawn

    return draw(shown)


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
            style=_style(),
            most_failing=MOST_FAILING,
            most_checks=MOST_CHECKS,
            absent=ABSENT,
            all_endpoints=ALL_ENDPOINTS,
        )
    )


def _drawings(record: RunRecord, draw: Draw) -> tuple[list[tuple[Chart, ...]], str]:
    scenarios = record.evidence.scenarios if record.evidence else ()
    try:
        planned = [panels(one, record.verdict) for one in scenarios]
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
