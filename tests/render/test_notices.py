"""What is said beside the checks: notices, and limits that past nights set."""

import io
from dataclasses import replace

import pytest
from rich.console import Console
from support.extremes import noticed
from support.histories import P95
from support.records import promoted

from bot.core.baseline import absolute
from bot.core.verdict import Notice, Result
from bot.render.checks import check_rows
from bot.render.html import render_html
from bot.render.markdown import render_markdown
from bot.render.terminal import MOST_NOTICES, render_terminal

WORDS = "load-1k: p95 < 1.2x baseline was not judged: 2 of at least 5 nights are known."


def terminal(record):
    stream = io.StringIO()
    render_terminal(record, Console(file=stream, width=200))
    return stream.getvalue()


def html(record):
    return render_html(record, draw=lambda panels: [""] * len(panels)).replace("&lt;", "<")


def markdown(record):
    return render_markdown(record).replace("&lt;", "<").replace("\\", "")


RENDERERS = [terminal, html, markdown]


@pytest.mark.parametrize("render", RENDERERS)
def test_every_report_for_people_tells_the_notices_and_is_silent_without_them(render):
    record = promoted()
    told = replace(record.verdict, notices=(Notice("load-1k", None, "p95", "no-baseline", WORDS, 0.17),))
    assert WORDS in render(replace(record, verdict=told))
    assert "Worth knowing" not in render(record)
    assert "Note:" not in render(record)


def test_a_terminal_shows_the_first_few_and_how_many_more_there_are():
    shown = terminal(noticed(promoted(), MOST_NOTICES + 3))
    assert shown.count("Note: ") == MOST_NOTICES
    assert "and 3 more notes in report.md" in shown


@pytest.mark.parametrize(("observed", "excess"), [(0.150, ""), (0.188, "1.11× the limit")])  # noqa: RUF001 - as reports say it
def test_a_limit_that_past_nights_set_is_a_row_of_its_own_with_its_own_bar(observed, excess):
    record = promoted()
    first, *others = record.plan.scenarios
    limited = absolute(P95, 0.141).limit
    (usual,) = (one for one in record.verdict.checks if (one.scenario, one.objective) == (first.name, "p95"))
    result = Result.PASS if limited.holds(observed) else Result.FAIL
    relative = replace(usual, limit=limited.text, observed=observed, result=result, baseline=0.141)
    rows = check_rows(
        replace(
            record,
            plan=replace(record.plan, scenarios=(replace(first, relative=(P95,)), *others)),
            verdict=replace(record.verdict, checks=(*record.verdict.checks, relative)),
        )
    )
    (row,) = (row for row in rows if "baseline" in row.limit)
    assert (row.limit, row.excess, row.is_condition) == ("< 1.2x baseline = 169 ms", excess, False)
    assert row.bar is not None
    (beside,) = (
        row for row in rows if (row.scenario, row.objective) == (first.name, "p95") and row.limit != limited.text
    )
    assert beside.excess == ""
    assert beside.bar.limit != row.bar.limit or beside.bar.fill != row.bar.fill
