"""`promote status`: where things stand."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Final

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli import wiring
from bot.cli.context import Context
from bot.cli.differing import difference_document
from bot.cli.standing import freeze_line, quarantine_line, standing_document
from bot.core.selectors import RunSummary
from bot.core.text import plain
from bot.flows.status import Status, look

# A freeze is told with its reason.
_LONGEST: Final = 600


@click.command()
@click.pass_obj
def status(context: Context) -> None:
    """Show branches, lag in commits and hours, freezes, quarantine, the last run, and since when it is blocked."""
    settings = wiring.settings(context)
    history = wiring.history(settings)
    try:
        terms = wiring.audit_terms(settings)
        seen = look(wiring.git(settings), history, wiring.clock(), wiring.repository_facts(settings), terms)
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
        **standing_document(seen.standing),
        "diverged": asdict(seen.diverged) if seen.diverged else None,
        "differences": [difference_document(each) for each in seen.differences],
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
        *_diverged_rows(seen),
        ("freeze", freeze_line(seen.standing.freeze)),
        *_quarantine_rows(seen),
        ("audit", _audit_line(seen)),
        ("blocked since", seen.blocked_since or "not blocked"),
        ("last run", _line(seen.last_run)),
        ("last promotion", _line(seen.last_promotion)),
    ]
    table = Table(show_header=False, box=None)
    for name, value in rows:
        table.add_row(Text(plain(name), style="bold"), Text(plain(value, _LONGEST)))
    return table


def _audit_line(seen: Status) -> str:
    """Whether branches, tags and ledger agree; the first sentence and how many more where they do not."""
    if not seen.differences:
        return "clean"
    more = len(seen.differences) - 1
    return seen.differences[0].sentence + (f" And {more} more: see `promote audit`." if more else "")


def _diverged_rows(seen: Status) -> Iterator[tuple[str, str]]:
    """What is on the target alone, and how to end that; nothing where nothing is."""
    alone = seen.diverged
    if alone is not None:
        yield "diverged", f"{alone.kind} {alone.tag} is on {seen.facts.target} alone; run `promote backport`"


def _quarantine_rows(seen: Status) -> Iterator[tuple[str, str]]:
    """One row a quarantine, or one that says that there is none."""
    held = seen.standing.quarantined
    yield "quarantine", quarantine_line(held[0]) if held else "none"
    yield from (("", quarantine_line(event)) for event in held[1:])


def _line(run: RunSummary | None) -> str:
    if run is None:
        return "none"
    return f"{run.run_id}  {run.outcome.value}  {run.tag or run.reason_code}  {run.started_at}"
