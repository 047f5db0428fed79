"""`promote gate`: test and judge, move nothing."""

from typing import Any

import click

from bot.cli import night
from bot.cli.context import Context


@click.command()
@night.load_options
@click.pass_obj
def gate(context: Context, /, **load: Any) -> int:
    """Test the tip of the source and judge it; whatever the verdict, nothing is moved."""
    return night.start(context, night.Wish(night.RunKind.GATE, night.Trigger.MANUAL, **load))
