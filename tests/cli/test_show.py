"""`promote show RUN`, and the printing that other commands share."""

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console
from support import records
from support.installation import Installation

from bot.cli.context import Context
from bot.cli.show import print_record, print_verdict, verdict_table
from bot.core.document import document
from bot.core.reasons import Reason
from bot.errors import BotError


@pytest.fixture
def shop(tmp_path):
    made = Installation(tmp_path)
    made.remember(records.blocked_leak())
    return made


RUN_ID = records.blocked_leak().run_id


@pytest.mark.parametrize("argument", [RUN_ID, RUN_ID[:12], "last", records.SHA, records.SHA[:7]])
def test_json_is_the_document_of_run_json_however_the_run_is_named(shop, argument):
    stored = json.loads((shop.state / "runs" / RUN_ID / "run.json").read_text())
    assert json.loads(shop.run("--json", "show", argument)) == stored


def test_a_terminal_gets_the_report(shop):
    shown = shop.run("show", "last")
    assert "memory_growth" in shown or "memory growth" in shown
    assert records.SHA[:7] in shown


def test_a_run_that_is_not_there_is_said(shop):
    with pytest.raises(BotError, match="No run matches 'nothing'") as caught:
        shop.run("show", "nothing")
    assert caught.value.reason is Reason.RUN_NOT_FOUND


def test_a_record_prints_as_its_document(capsys):
    print_record(Context(json=True), records.promoted())
    assert json.loads(capsys.readouterr().out) == document(records.promoted())


def test_a_verdict_prints_as_its_checks_and_nothing_of_the_run(capsys):
    print_verdict(Context(json=True), records.blocked_leak())
    printed = json.loads(capsys.readouterr().out)
    assert set(printed) == {"run_id", "verdict"}
    assert printed["verdict"]["result"] == "fail"
    print_verdict(Context(), records.blocked_leak())
    assert f"{RUN_ID}: fail" in capsys.readouterr().out
    print_verdict(Context(), records.error())
    assert "has no verdict" in capsys.readouterr().out


def test_the_table_has_a_row_for_every_check_and_obeys_no_text():
    hostile = dict.fromkeys(("scenario", "objective", "limit", "reason"), "[bold]x[/bold]\x1b[2J\n")
    stored = records.blocked_leak().verdict
    verdict = replace(stored, checks=tuple(replace(check, **hostile) for check in stored.checks))
    out = io.StringIO()
    Console(file=out, width=400, color_system=None).print(verdict_table(verdict))
    assert len(out.getvalue().splitlines()) == len(verdict.checks) + 1
    assert "[bold]x[/bold]" in out.getvalue()
    assert "\x1b" not in out.getvalue()
