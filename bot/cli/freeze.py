"""`promote freeze`: stop the line, for every bot of the repository."""

from datetime import UTC, datetime

import click

from bot.cli.change import dry_run_option, reason_option
from bot.cli.context import Context
from bot.cli.control import tell_every_bot
from bot.core.control import ControlKind
from bot.core.moments import FUTURE_FORM, iso, parse_future


def _until(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    try:
        return None if value is None else iso(parse_future(value, datetime.now(tz=UTC)))
    except ValueError as error:
        raise click.BadParameter(f"{value!r} {error}", ctx, param) from None


@click.command()
@reason_option(required=True)
@click.option("--until", metavar="TIME", callback=_until, help=f"When it ends by itself: {FUTURE_FORM}.")
@dry_run_option
@click.pass_obj
def freeze(context: Context, /, *, reason: str, until: str | None, dry_run: bool) -> None:
    """Stop promotions until `promote unfreeze`, or until a moment.

    It is kept in the ledger, so that every bot of the repository obeys, also one that is testing right now. Hotfixes
    and rollbacks go through; `promote --now --override --reason TEXT` goes past it and is recorded.
    """
    tell_every_bot(context, ControlKind.FREEZE, reason=reason, dry_run=dry_run, until=until)
