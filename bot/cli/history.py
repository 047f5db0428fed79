"""`promote history`: past runs, newest first."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from datetime import time as midnight
from typing import TYPE_CHECKING, Any, Final

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli import wiring
from bot.cli.context import Context
from bot.core.moments import parse_iso
from bot.core.record import Outcome, RunKind, RunRecord
from bot.core.selectors import HistoryFilter, RunSummary, Source
from bot.core.text import plain
from bot.core.units import parse_duration
from bot.errors import BotError

if TYPE_CHECKING:
    from bot.adapters.history import SqlHistory
    from bot.settings.schema import Settings

MOMENT_FORM: Final = "a date (2026-11-21), a moment (2026-11-21T02:00:00Z), or how long ago (7d, 12h)"
_COLUMNS: Final = ("Started", "Run", "Kind", "Outcome", "Commit", "Tag", "Actor", "Reason")
_NAMED: Final = "Tag or commit"
# What fits from that width on, the widest first. A run's id tells when it began, a tag names its commit.
_LAYOUTS: Final = (
    (140, _COLUMNS),
    (100, ("Run", "Kind", "Outcome", _NAMED, "Reason")),
    (0, ("Run", "Outcome", _NAMED, "Reason")),
)
# Wide enough for eight cells of the greatest length: a pipe gets one run a line.
_OFF_TERMINAL_WIDTH: Final = 1200
_STYLES: Final = {
    Outcome.PROMOTED: "green",
    Outcome.PASSED: "green",
    Outcome.BLOCKED: "red",
    Outcome.INCONCLUSIVE: "yellow",
    Outcome.INVALID: "magenta",
    Outcome.ERROR: "red",
}


def parse_moment(text: str, now: datetime) -> datetime:
    """The moment that such a text means at `now`; a date is its midnight in UTC.

    Raises:
        ValueError, OverflowError: it is none, or too far away.
    """
    for parse in (_ago(now), _midnight):
        try:
            return parse(text)
        except ValueError:
            continue
    return parse_iso(text)


def _ago(now: datetime) -> Any:
    return lambda text: now - timedelta(seconds=parse_duration(text))


def _midnight(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), midnight(), tzinfo=UTC)


def _moment(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    try:
        return None if value is None else parse_moment(value, datetime.now(tz=UTC))
    except (ValueError, OverflowError):
        raise click.BadParameter(f"{value!r} is not {MOMENT_FORM}", ctx, param) from None


@click.command()
@click.option("--since", callback=_moment, help=f"Started then or later: {MOMENT_FORM}.")
@click.option("--until", callback=_moment, help="Started before that; written in the same ways.")
@click.option("--outcome", type=click.Choice([each.value for each in Outcome]), help="How it ended.")
@click.option("--kind", type=click.Choice([each.value for each in RunKind]), help="What sort of run it was.")
@click.option("--sha", metavar="COMMIT", help="Of that commit, or of commits whose id begins so.")
@click.option("--actor", help="Started by that one.")
@click.option("--search", metavar="TEXT", help="With that text in id, commit, tag, actor, reason or --reason.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many.")
@click.option("--trend", is_flag=True, help="How these runs develop, instead of a list of them.")
@click.pass_obj
def history(context: Context, /, *, trend: bool, **wanted: Any) -> None:
    """List past runs, newest first."""
    settings = wiring.settings(context)
    stored = wiring.history(settings)
    try:
        runs = stored.query(HistoryFilter(**wanted))
        if trend:
            show_trends(context, settings, stored, runs)
            return
    finally:
        stored.close()
    if context.json:
        click.echo(json.dumps({"runs": [asdict(run) for run in runs]}, indent=2))
    else:
        print_runs(runs, Console())


def show_trends(context: Context, settings: "Settings", stored: "SqlHistory", runs: Sequence[RunSummary]) -> None:
    """Print what the nights of these runs have in common: pass rates, courses, waiting and blocked time."""
    from bot.render.trend_table import trend_table  # noqa: PLC0415 - only this needs it
    from bot.render.trends import trends  # noqa: PLC0415

    seen = trends(
        runs,
        {run.run_id: stored.checks_of(run.run_id) for run in runs},
        {scenario.name: scenario.kind.value for scenario in settings.scenario},
        tuple(_promotions(settings, runs)),
        datetime.now(tz=UTC),
    )
    if context.json:
        click.echo(json.dumps({"trend": asdict(seen)}, indent=2))
    else:
        Console().print(trend_table(seen))


def _promotions(settings: "Settings", runs: Sequence[RunSummary]) -> Iterator[RunRecord]:
    """The records of releases that are still here; the ledger alone does not know since when a commit waited."""
    store = wiring.run_store(settings)
    for run in runs:
        if run.outcome is Outcome.PROMOTED and run.tag and run.source is Source.RUN:
            with suppress(BotError):
                yield store.load(run.run_id)


def print_runs(runs: Sequence[RunSummary], console: Console) -> None:
    """Print a table, one run a row: all columns off a terminal, what fits on one."""
    if not console.is_terminal:
        console.width = _OFF_TERMINAL_WIDTH
    if runs:
        columns = next(columns for width, columns in _LAYOUTS if console.width >= width)
        console.print(runs_table(runs, columns))
    else:
        console.print(Text("No run matches."))


def runs_table(runs: Sequence[RunSummary], columns: Sequence[str]) -> Table:
    """The table of runs; every text in it is shown as it is, never read as markup (invariant I21)."""
    table = Table(box=None, pad_edge=False)
    for heading in columns:
        table.add_column(heading, no_wrap=heading != "Reason")
    for run in runs:
        cells = _cells(run)
        table.add_row(*(cells[heading] for heading in columns))
    return table


def _cells(run: RunSummary) -> dict[str, Text]:
    commit = (run.sha or "")[:12]
    texts = (run.started_at, run.run_id, run.kind, run.outcome.value, commit, run.tag or "", run.actor, run.reason)
    cells = {heading: Text(plain(text)) for heading, text in zip(_COLUMNS, texts, strict=True)}
    cells[_NAMED] = cells["Tag"] if run.tag else cells["Commit"]
    cells["Outcome"].stylize(_STYLES.get(run.outcome, ""))
    return cells
