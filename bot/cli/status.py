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
from bot.cli.endings import failure_document, say_failure
from bot.cli.standing import freeze_line, quarantine_line, standing_document
from bot.core.backport import CONTINUE, waiting_words
from bot.core.control import Standing
from bot.core.record import RunKind
from bot.core.selectors import RunSummary
from bot.core.text import plain
from bot.errors import Exit
from bot.flows.status import Sources, Status, look
from bot.render.words import counted

# A freeze is told with its reason.
_LONGEST: Final = 600


@click.command()
@click.pass_obj
def status(context: Context) -> int:
    """Show branches, lag in commits and hours, freezes, quarantine, the last run, and since when it is blocked."""
    settings = wiring.settings(context)
    history = wiring.history(settings)
    try:
        sources = Sources(wiring.git(settings), history, wiring.workbench(settings), wiring.clock())
        seen = look(sources, wiring.repository_facts(settings), wiring.audit_terms(settings))
    finally:
        history.close()
    if context.json:
        click.echo(json.dumps(_document(seen), indent=2))
    else:
        Console().print(_table(seen))
    if seen.fault is None:
        return int(Exit.OK)
    say_failure(seen.fault)
    return int(seen.fault.reason.exit)


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
        "back_merge": {**asdict(seen.waiting), "folder": str(seen.bench)} if seen.waiting else None,
        **({"error": failure_document(seen.fault)} if seen.fault else {}),
    }


def _table(seen: Status) -> Table:
    facts = seen.facts
    rows = [
        (facts.source, facts.source_sha[:12]),
        (facts.target, facts.target_sha[:12]),
        ("lag", f"{counted(seen.lag_commits, 'commit')}, {seen.lag_hours:.1f} hours"),
        ("promotable", _promotable(seen)),
        *_diverged_rows(seen),
        *_standing_rows(seen.standing),
        ("audit", _audit_line(seen)),
        ("blocked since", seen.blocked_since or "not blocked"),
        ("last run", _line(seen.last_run)),
        ("last promotion", _line(seen.last_promotion)),
    ]
    table = Table(show_header=False, box=None)
    for name, value in rows:
        table.add_row(Text(plain(name), style="bold"), Text(plain(value, _LONGEST)))
    return table


def _promotable(seen: Status) -> str:
    """Whether anything is in the way of a run; what the last ones came to is not."""
    if not seen.promotable:
        return seen.reason
    return "yes, nothing is in the way of a new run" if seen.blocked_since else "yes"


def _audit_line(seen: Status) -> str:
    """Whether branches, tags and ledger agree; the first sentence and how many more where they do not."""
    if not seen.differences:
        return "clean"
    more = len(seen.differences) - 1
    return seen.differences[0].sentence + (f" And {more} more: see `promote audit`." if more else "")


def _diverged_rows(seen: Status) -> Iterator[tuple[str, str]]:
    """What is on the target alone, how to end that, and the merge that a person has begun; nothing where nothing is."""
    alone, waiting = seen.diverged, seen.waiting
    if alone is not None:
        how = "its merge waits" if waiting else "run `promote backport`"
        yield "diverged", f"{alone.kind} {alone.tag} is on {seen.facts.target} alone; {how}"
    if waiting is not None:
        yield "back-merge", f"{waiting_words(waiting, str(seen.bench))}; {CONTINUE}"


def _standing_rows(now: Standing | None) -> Iterator[tuple[str, str]]:
    """The freeze, and one row a quarantine, or one that says that there is none."""
    if now is None:
        yield from (("freeze", "unknown"), ("quarantine", "unknown"))
        return
    held = now.quarantined
    yield "freeze", freeze_line(now.freeze)
    yield "quarantine", quarantine_line(held[0]) if held else "none"
    yield from (("", quarantine_line(event)) for event in held[1:])


def _line(run: RunSummary | None) -> str:
    if run is None:
        return "none"
    ended = run.outcome.value if run.kind == RunKind.PROMOTION else f"{run.kind} {run.outcome.value}"
    # A merge has no tag, and its reason is its outcome again.
    named = run.tag or ("" if run.reason_code == run.outcome.value else run.reason_code)
    return "  ".join(filter(None, (run.run_id, ended, named, run.started_at)))
