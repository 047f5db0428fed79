"""`promote audit`: target, tags, ledger and releases held against each other."""

import json
from typing import Final

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli import wiring, wiring_host
from bot.cli.context import Context
from bot.cli.differing import difference_document
from bot.cli.signals import guarded
from bot.core.audit import Audit, Scope
from bot.core.differences import Difference, Severity
from bot.core.reasons import Reason
from bot.core.text import plain
from bot.flows.audit import look
from bot.render.words import counted

# A first audit of thousands of signed tags verifies each of them.
_DEADLINE_S: Final = 1800.0
_STYLES: Final = {Severity.SERIOUS: "red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}
_SENTENCE: Final = 1000
# A pipe gets each sentence on one line.
_OFF_TERMINAL_WIDTH: Final = 1200


@click.command()
@click.pass_obj
def audit(context: Context) -> int:
    """Hold branches, release tags and the ledger against each other; a difference is named and ends non-zero."""
    settings = wiring.settings(context)
    history = wiring.history(settings)
    try:
        with guarded(_DEADLINE_S):
            host = wiring_host.host(settings, wiring.clock(), lambda words: click.echo(f"warning: {words}", err=True))
            found = look(wiring.git(settings), history, wiring.audit_terms(settings), host)
    finally:
        history.close()
    if context.json:
        click.echo(json.dumps(_document(found), indent=2))
    else:
        _print(found, Console())
    return 0 if found.is_clean else int(Reason.AUDIT_FAILED.exit)


def _document(found: Audit) -> dict[str, object]:
    scope = found.scope
    return {
        "clean": found.is_clean,
        "reason_code": None if found.is_clean else Reason.AUDIT_FAILED.code,
        "looked_at": {name: getattr(scope, name) for name in Scope.__slots__},
        "differences": [difference_document(each) for each in found.differences],
    }


def _print(found: Audit, console: Console) -> None:
    if not console.is_terminal:
        console.width = _OFF_TERMINAL_WIDTH
    for each in found.differences:
        console.print(_row(each))
    console.print(Text(_scope_words(found.scope)))
    ending = "Clean." if found.is_clean else f"Not clean: {_count(found)}. [{Reason.AUDIT_FAILED.code}]"
    console.print(Text(ending, style="bold green" if found.is_clean else "bold red"))


def _row(each: Difference) -> Table:
    """One difference: how grave and what it is, what was seen, what to do, and the key that accepts it."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 1, 0, 0))
    table.add_column(width=9)
    table.add_column(overflow="fold")
    table.add_row(Text(each.severity.value, style=_STYLES[each.severity]), Text(each.kind.code, style="bold"))
    table.add_row("", Text(plain(each.sentence, _SENTENCE)))
    table.add_row("", Text(f"-> {'Accepted in [audit].' if each.is_accepted else each.action}"))
    if each.severity is not Severity.NOTE:
        table.add_row("", Text(f"key {plain(each.key)}", style="dim"))
    return table


def _scope_words(scope: Scope) -> str:
    when = f", from {plain(scope.since)} to {plain(scope.until or '')}" if scope.since else ""
    signed = "" if scope.signed is None else f" ({scope.signed} with a good signature)"
    hosted = "" if scope.releases is None else f"; {counted(scope.releases, 'release')} on the host"
    return (
        f"Looked at {counted(scope.promotions, 'promotion')}{when}; {counted(scope.tags, 'release tag')}{signed}; "
        f"{counted(scope.ledger_commits, 'ledger commit')}{hosted}."
    )


def _count(found: Audit) -> str:
    counts = ((len(found.serious), "serious difference"), (len(found.warnings), "warning"))
    return ", ".join(counted(count, noun) for count, noun in counts if count)
