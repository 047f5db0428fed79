"""All reports of a run: one value in, one text per format out."""

import io
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from rich.console import Console

from bot.core.record import RunRecord
from bot.render.html import render_html, warm_up
from bot.render.json import render_json
from bot.render.junit import render_junit
from bot.render.markdown import render_markdown
from bot.render.terminal import render_terminal

_WIDTH: Final = 100


class ReportFormat(StrEnum):
    """The formats of `promote report --format`."""

    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"
    JUNIT = "junit"


def render(record: RunRecord, form: ReportFormat) -> str:
    """The run in that format, ending in a newline; the terminal's form without colours and 100 columns wide."""
    match form:
        case ReportFormat.TERMINAL:
            return _terminal(record)
        case ReportFormat.MARKDOWN:
            return render_markdown(record)
        case ReportFormat.HTML:
            return render_html(record)
        case ReportFormat.JSON:
            return render_json(record)
        case ReportFormat.JUNIT:
            return render_junit(record)


class Folder(Protocol):
    """As much of a run's folder as a reporter needs."""

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file whole and say where it is."""
        ...


class Reports:
    """The reporter of the flows: report.md, junit.xml and report.html beside run.json."""

    def prepare(self) -> None:
        """Start what draws the charts."""
        warm_up()

    def write(self, record: RunRecord, folder: Folder) -> Iterator[Path]:
        """Write each report and yield its path; the quick and plain ones come first, so that a kill spares them."""
        yield folder.write("report.md", render_markdown(record))
        yield folder.write("junit.xml", render_junit(record))
        yield folder.write("report.html", render_html(record))


def _terminal(record: RunRecord) -> str:
    written = io.StringIO()
    render_terminal(record, Console(file=written, width=_WIDTH, no_color=True, force_terminal=False))
    return written.getvalue()
