"""Trends as a small table for a terminal: what, how it stands, what it should be, and what that means."""

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from bot.core.units import format_share, format_value
from bot.render.text import NAME, line
from bot.render.trends import Course, Hours, PassRate, Trends
from bot.render.words import ABSENT, counted

_PASSING = {"load": "load tests passed", "soak": "soaks passed"}
_OBJECTIVES = {"p95": "p95", "error_rate": "error rate"}


def trend_table(trends: Trends) -> Table:
    """One row a metric; scenario names are shown as they are, never read as markup (invariant I21)."""
    table = Table(box=None, pad_edge=False, title=f"Over {counted(trends.runs, 'run')}", title_justify="left")
    for heading in ("Metric", "Seen", "Target", "Meaning"):
        table.add_column(heading)
    for cells in _rows(trends):
        table.add_row(*map(Text, cells))
    return table


def _rows(trends: Trends) -> Iterator[tuple[str, str, str, str]]:
    for rate in trends.pass_rates:
        yield _passing(rate)
    for course in trends.courses:
        yield _course(course)
    yield ("staging to target", _hours(trends.lag), f"< {trends.lag.target:g} h", _met(trends.lag.is_met))
    yield ("longest blocked", _hours(trends.blocked), f"< {trends.blocked.target:g} h", _met(trends.blocked.is_met))


def _passing(rate: PassRate) -> tuple[str, str, str, str]:
    seen = ABSENT if rate.share is None else f"{rate.passed} of {rate.judged} ({format_share(rate.share)})"
    target = f"{'' if rate.target == 1 else '>= '}{format_share(rate.target)}"
    return (_PASSING[rate.kind], seen, target, _met(rate.is_met))


def _course(course: Course) -> tuple[str, str, str, str]:
    latest, middle = (format_value(course.objective, value) for value in (course.latest, course.median))
    target = "< 0.5%" if course.objective == "error_rate" else ""
    name = f"{line(course.scenario, NAME)}: {_OBJECTIVES[course.objective]}"
    return (name, f"latest {latest}, median {middle}", target, course.words)


def _hours(hours: Hours) -> str:
    if hours.longest is None or hours.median is None:
        return ABSENT
    return f"longest {hours.longest:.1f} h, median {hours.median:.1f} h"


def _met(is_met: bool | None) -> str:  # noqa: FBT001 - three-valued: None is "nothing to say"
    return {True: "met", False: "missed", None: ""}[is_met]
