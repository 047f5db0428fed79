"""`promote show RUN`: one run, and the printing that other commands share with it."""

import json
from typing import Final

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli import selection, wiring
from bot.cli.context import Context
from bot.core.document import document
from bot.core.record import RunRecord
from bot.core.text import plain
from bot.core.verdict import Check, Result, Verdict

_STYLES: Final = {Result.PASS: "green", Result.FAIL: "red", Result.INVALID: "magenta", Result.INCONCLUSIVE: "yellow"}

# A sentence names scenario, objective, numbers and, where there is one, the file that is at fault.
_SENTENCE: Final = 500


@click.command()
@click.argument("run")
@click.pass_obj
def show(context: Context, run: str) -> None:
    """Show one run: RUN is a run id, the beginning of one, a commit id, a tag, or `last`."""
    settings = wiring.settings(context)
    print_record(context, wiring.run_store(settings).load(selection.run_id(settings, run)))


def print_record(context: Context, record: RunRecord) -> None:
    """Print a record on stdout: the document of run.json, or the report for a terminal."""
    if context.json:
        click.echo(json.dumps(document(record), indent=2, allow_nan=False))
        return
    from bot.render.terminal import render_terminal  # noqa: PLC0415 - not needed for JSON

    render_terminal(record, Console())


def print_verdict(context: Context, record: RunRecord) -> None:
    """Print the verdict of a record on stdout, and nothing about how its run ended."""
    if context.json:
        verdict = document(record)["verdict"]
        click.echo(json.dumps({"run_id": record.run_id, "verdict": verdict}, indent=2, allow_nan=False))
        return
    console = Console()
    if record.verdict is None:
        console.print(Text(f"Run {plain(record.run_id)} has no verdict."))
        return
    console.print(verdict_table(record.verdict))
    for notice in record.verdict.notices:
        console.print(Text(f"Note: {plain(notice.words, _SENTENCE)}"))
    console.print(Text(f"Run {plain(record.run_id)}: {record.verdict.result.value}", style="bold"))


def verdict_table(verdict: Verdict) -> Table:
    """One row a check: result, objective, and the sentence that says everything."""
    table = Table(box=None, pad_edge=False)
    for heading in ("Result", "Scenario", "Objective", "Reason"):
        table.add_column(heading)
    for check in verdict.checks:
        table.add_row(*_row(check))
    return table


def _row(check: Check) -> tuple[Text, ...]:
    result = Text(check.result.value, style=_STYLES[check.result])
    objective = f"{check.objective} {check.limit}"
    return (result, Text(plain(check.scenario)), Text(plain(objective)), Text(plain(check.reason, _SENTENCE)))
