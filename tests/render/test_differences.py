"""What an audit found and did not stop at, and what was settled, stands in every report, and nothing in it acts."""

import io
from dataclasses import replace

import pytest
from rich.console import Console
from support.records import refused, up_to_date

from bot.core.record import Outcome, Settled
from bot.render.html import render_html
from bot.render.markdown import render_markdown
from bot.render.terminal import render_terminal

FOUND = ("Since release/20261120-020000 somebody else moved main: 0123456789ab by Eve (<b>@all</b>).",)


@pytest.mark.parametrize("make", [refused, up_to_date])
def test_every_report_says_what_the_audit_found(make):
    record = replace(make(), differences=FOUND)
    shown = io.StringIO()
    render_terminal(record, Console(file=shown, width=200))

    assert "Audit: Since release/20261120-020000 somebody else moved main" in shown.getvalue()
    assert "somebody else moved main" in render_html(record)
    assert "<b>@all" not in render_html(record)
    assert "> Audit: Since release" in render_markdown(record)
    assert "<b>@all" not in render_markdown(record)


SETTLED = (
    Settled("20261120-020000-0001", Outcome.PROMOTED, "promoted", "It landed (<b>@all</b>)."),
    Settled("20261120-020000-0002", None, None, "Its record was lost."),
)


def test_every_report_says_which_runs_were_settled_and_how_they_ended():
    record = replace(up_to_date(), settled=SETTLED)
    shown = io.StringIO()
    render_terminal(record, Console(file=shown, width=200))
    html, markdown = render_html(record), render_markdown(record)

    assert "Settled: run 20261120-020000-0001 ended promoted: It landed" in shown.getvalue()
    assert "Settled: run 20261120-020000-0002: Its record was lost." in shown.getvalue()
    assert "run 20261120-020000-0002: Its record was lost." in html
    assert "> Settled: run 20261120" in markdown
    assert "<b>@all" not in html + markdown
