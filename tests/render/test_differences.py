"""What an audit found and did not stop at stands in every report, and nothing in it acts."""

import io
from dataclasses import replace

import pytest
from rich.console import Console
from support.records import refused, up_to_date

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
