"""`promote status`: where things stand."""

import json
from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli import wiring
from bot.cli.context import Context
from bot.core.selectors import RunSummary
from bot.core.text import plain
from bot.flows.status import Status, look


@click.command()
@click.pass_obj
def status(context: Context) -> None:
    """Show the branches, the lag in commits and hours, the last run, and since when promotion is blocked."""
    settings = wiring.settings(context)
    history = wiring.history(settings)
    try:
        seen = look(wiring.git(settings), history, wiring.clock(), wiring.repository_facts(settings))
    finally:
        history.close()
    if context.json:
        click.echo(json.dumps(_document(seen), indent=2))
    else:
        Console().print(_table(seen))


def _document(seen: Status) -> dict[str, object]:
    facts = seen.facts
    return {
        "source": {"branch": facts.source, "sha": facts.source_sha},
        "target": {"branch": facts.target, "sha": facts.target_sha},
        "lag": {"commits": seen.lag_commits, "hours": seen.lag_hours},
        "promotable": seen.promotable,
        "reason": seen.reason,
        "blocked_since": seen.blocked_since,
        "last_run": asdict(seen.last_run) if seen.last_run else None,
        "last_promotion": asdict(seen.last_promotion) if seen.last_promotion else None,
    }


def _table(seen: Status) -> Table:
    facts = seen.facts
    rows = [
        (facts.source, facts.source_sha[:12]),
        (facts.target, facts.target_sha[:12]),
        ("lag", f"{seen.lag_commits} commits, {seen.lag_hours:.1f} hours"),
        ("promotable", "yes" if seen.promotable else seen.reason),
        ("blocked since", seen.blocked_since or "not blocked"),
        ("last run", _line(seen.last_run)),
        ("last promotion", _line(seen.last_promotion)),
    ]
    table = Table(show_header=False, box=None)
    for name, value in rows:
        table.add_row(Text(name, style="bold"), Text(plain(value)))
    return table


def _line(run: RunSummary | None) -> str:
    if run is None:
        return "none"
    return f"{run.run_id}  {run.outcome.value}  {run.tag or run.reason_code}  {run.started_at}"
