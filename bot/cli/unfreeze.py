"""`promote unfreeze`: start the line again."""

import click

from bot.cli.change import dry_run_option, reason_option
from bot.cli.context import Context
from bot.cli.control import tell_every_bot
from bot.core.control import ControlKind


@click.command()
@reason_option(required=False)
@dry_run_option
@click.pass_obj
def unfreeze(context: Context, /, *, reason: str | None, dry_run: bool) -> None:
    """Lift the freeze; the next night promotes again."""
    tell_every_bot(context, ControlKind.UNFREEZE, reason=reason, dry_run=dry_run)
