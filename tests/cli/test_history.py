"""`promote history`: what was asked for, as a table or as one JSON document."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import click
import pytest
from rich.console import Console
from support import records
from support.installation import Installation

from bot.cli.history import parse_moment, print_runs
from bot.core.selectors import summary_of

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOSTILE = "[red]x[/red] \x1b]0;owned\x07 \x1b[2J a\nb \u202egnp [link=http://evil.example]here[/link]"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-20T02:00:00Z", datetime(2026, 11, 20, 2, tzinfo=UTC)),
        ("2026-11-20T02:00:00+02:00", datetime(2026, 11, 20, 0, tzinfo=UTC)),
        ("7d", datetime(2026, 11, 14, 12, tzinfo=UTC)),
        ("1h30m", datetime(2026, 11, 21, 10, 30, tzinfo=UTC)),
    ],
)
def test_moments_are_dates_times_or_ages(text, moment):
    assert parse_moment(text, NOW) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "2026-11-20T02:00:00", "7", "99999999d"])
def test_what_is_no_moment_is_refused(text):
    with pytest.raises((ValueError, OverflowError)):
        parse_moment(text, NOW)


def _printed(*runs):
    out = io.StringIO()
    print_runs(runs, Console(file=out, force_terminal=False, color_system=None))
    return out.getvalue()


def test_a_run_is_one_row_with_what_matters():
    heading, row = _printed(summary_of(records.promoted())).splitlines()
    assert heading.split() == ["Started", "Run", "Kind", "Outcome", "Commit", "Tag", "Actor", "Reason"]
    for text in ("2026-11-21T02:00:00Z", "20261121-020000-7d3f0c41", "promoted", records.SHA[:12], records.TAG):
        assert text in row


def test_hostile_texts_are_shown_and_not_obeyed():
    run = replace(summary_of(records.error()), actor=HOSTILE, reason=HOSTILE, run_id=HOSTILE, tag=HOSTILE)
    shown = _printed(run)
    assert "[red]x[/red]" in shown
    assert not set(shown) & {"\x1b", "\x07", "\u202e"}
    assert len(shown.splitlines()) == 2


@pytest.mark.parametrize(
    ("width", "headings"), [(80, "Run Outcome Tag or commit Reason"), (100, "Run Kind Outcome Tag or commit Reason")]
)
def test_a_narrow_terminal_gets_what_matters_most_uncut(width, headings):
    out = io.StringIO()
    runs = [summary_of(records.promoted()), summary_of(records.blocked_slow())]
    print_runs(runs, Console(file=out, force_terminal=True, width=width, color_system=None))
    shown = out.getvalue()
    assert shown.splitlines()[0].split() == headings.split()
    for text in ("20261121-020000-7d3f0c41", f" {records.TAG} ", f" {records.SHA[:12]} "):
        assert text in shown


def test_without_runs_it_says_so():
    assert _printed() == "No run matches.\n"


@pytest.fixture
def shop(tmp_path):
    made = Installation(tmp_path)
    made.remember(
        replace(records.promoted(), run_id="20261119-020000-0001", started_at="2026-11-19T02:00:00Z"),
        replace(
            records.blocked_slow(), run_id="20261120-020000-0002", started_at="2026-11-20T02:00:00Z", actor="grace"
        ),
        replace(records.passed_gate(), run_id="20261121-020000-0003", started_at="2026-11-21T02:00:00Z"),
    )
    return made


def _ids(output):
    return [run["run_id"][-1] for run in json.loads(output)["runs"]]


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ([], "321"),
        (["--limit", "2"], "32"),
        (["--since", "2026-11-20"], "32"),
        (["--until", "2026-11-20T02:00:00Z"], "1"),
        (["--outcome", "blocked"], "2"),
        (["--kind", "gate"], "3"),
        (["--sha", records.SHA[:8]], "321"),
        (["--actor", "grace"], "2"),
        (["--search", records.TAG.upper()], "1"),
        (["--search", "no such text"], ""),
    ],
)
def test_every_option_narrows_the_list(shop, options, ids):
    assert _ids(shop.run("--json", "history", *options)) == list(ids)


def test_the_json_of_a_run_is_its_summary(shop):
    (run,) = json.loads(shop.run("--json", "history", "--outcome", "promoted"))["runs"]
    assert run["tag"] == records.TAG
    assert (run["outcome"], run["source"], run["trigger"]) == ("promoted", "run", "nightly")


def test_the_table_lists_all(shop):
    assert len(shop.run("history").splitlines()) == 4


@pytest.mark.parametrize(
    "options", [["--since", "soon"], ["--outcome", "fine"], ["--kind", "x"], ["--limit", "0"], ["--limit", "many"]]
)
def test_a_wrong_option_is_wrong_usage(shop, options):
    with pytest.raises(click.UsageError):
        shop.run("history", *options)
