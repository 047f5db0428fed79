"""`promote run`, `promote nightly` and `promote --now`: the main job."""

from typing import Any

import click

from bot.cli import night
from bot.cli.change import effect_of, reason_option
from bot.cli.context import Context
from bot.flows.request import Override


@click.command()
@click.option("--now", "at_once", is_flag=True, help="At once, whatever the schedule says.")
@click.option("--override", "past_line", is_flag=True, help="With --now: go past a freeze and quarantines.")
@click.option(
    "--override-window",
    "past_window",
    is_flag=True,
    help="With --now: go past the deployment window. There is none to configure yet; it is recorded all the same.",
)
@reason_option(required=False)
@night.promotion_options
@click.pass_obj
def run(context: Context, /, *, at_once: bool, past_line: bool, past_window: bool, **wish: Any) -> int:
    """Test the exact commit at the tip of the source and promote it, or block it and say why.

    Without --now it is what cron calls: it does nothing when this night's slot is already done. What goes past a rule
    needs --now and a --reason, and is recorded in run.json and the ledger.
    """
    override = (Override.LINE if past_line else Override.NOTHING) | (
        Override.WINDOW if past_window else Override.NOTHING
    )
    _check(override, at_once=at_once, reason=wish["reason"])
    trigger = night.Trigger.MANUAL if at_once else night.Trigger.NIGHTLY
    return _promote(context, trigger, override=override, **wish)


@click.command()
@night.promotion_options
@click.pass_obj
def nightly(context: Context, /, **wish: Any) -> int:
    """Run this night's slot once: what cron or a scheduled workflow calls."""
    return _promote(context, night.Trigger.NIGHTLY, **wish)


def _check(override: Override, *, at_once: bool, reason: str | None) -> None:
    """Only a person goes past a rule, and says why."""
    if override and not at_once:
        raise click.UsageError("--override and --override-window need --now: a night goes past nothing.")
    if override and reason is None:
        raise click.UsageError("--override and --override-window need --reason TEXT.")
    if reason is not None and not override:
        raise click.UsageError("--reason needs --override or --override-window: there is nothing else to justify.")


def _promote(
    context: Context,
    trigger: night.Trigger,
    *,
    dry_run: bool,
    reason: str | None = None,
    override: Override = Override.NOTHING,
    **load: Any,
) -> int:
    wish = night.Wish(
        night.RunKind.PROMOTION,
        trigger,
        effect_of(dry_run=dry_run),
        override=override,
        justification=reason,
        **load,
    )
    return night.start(context, wish)
