"""`promote run`, `promote nightly` and `promote --now`: the main job."""

from typing import Any

import click

from bot.cli import night
from bot.cli.context import Context
from bot.flows.request import Effect


@click.command()
@click.option("--now", "at_once", is_flag=True, help="At once, whatever the schedule says.")
@night.promotion_options
@click.pass_obj
def run(context: Context, /, at_once: bool, **wish: Any) -> int:  # noqa: FBT001 - click hands flags over so
    """Test the exact commit at the tip of the source and promote it, or block it and say why.

    Without --now it is what cron calls: it does nothing when this night's slot is already done.
    """
    return _promote(context, night.Trigger.MANUAL if at_once else night.Trigger.NIGHTLY, **wish)


@click.command()
@night.promotion_options
@click.pass_obj
def nightly(context: Context, /, **wish: Any) -> int:
    """Run this night's slot once: what cron or a scheduled workflow calls."""
    return _promote(context, night.Trigger.NIGHTLY, **wish)


def _promote(context: Context, trigger: night.Trigger, *, dry_run: bool, **load: Any) -> int:
    effect = Effect.DRY_RUN if dry_run else Effect.WRITE
    return night.start(context, night.Wish(night.RunKind.PROMOTION, trigger, effect, **load))
