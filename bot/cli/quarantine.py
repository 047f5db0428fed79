"""`promote quarantine list|add|clear`: commits that no promotion may contain."""

import json
from typing import Any

import click

from bot.cli import wiring
from bot.cli.change import dry_run_option, reason_option
from bot.cli.context import Context
from bot.cli.control import tell_every_bot
from bot.cli.group import Group
from bot.cli.standing import quarantine_document, quarantine_line
from bot.core.control import ControlKind
from bot.flows.line import standing_now


@click.group(cls=Group)
def quarantine() -> None:
    """Commits that no promotion may contain without their fix."""


@quarantine.command("list")
@click.pass_obj
def list_(context: Context) -> None:
    """List the quarantined commits: which, by whom, since when and why."""
    git = wiring.git(wiring.settings(context))
    git.fetch()
    held = standing_now(git, wiring.clock()).quarantined
    if context.json:
        click.echo(json.dumps({"quarantine": [quarantine_document(event) for event in held]}, indent=2))
    else:
        click.echo("\n".join(map(quarantine_line, held)) or "No commit is quarantined.")


@quarantine.command()
@click.argument("commit")
@reason_option(required=True)
@dry_run_option
@click.pass_obj
def add(context: Context, /, **wanted: Any) -> None:
    """Keep a commit of the source or the target out of production, until a fix follows it or it is cleared."""
    tell_every_bot(context, ControlKind.QUARANTINE, **wanted)


@quarantine.command()
@click.argument("commit")
@reason_option(required=False)
@dry_run_option
@click.pass_obj
def clear(context: Context, /, **wanted: Any) -> None:
    """Let a quarantined commit be promoted again."""
    tell_every_bot(context, ControlKind.CLEAR, **wanted)
