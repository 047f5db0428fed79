"""`promote run`, `promote nightly` and `promote --now`: the main job."""

from typing import Any

import click

from bot.cli import night, wiring
from bot.cli.change import effect_of, make_request, perform, reason_option
from bot.cli.context import Context
from bot.flows.request import Override
from bot.flows.resume_run import resume


@click.command()
@click.option("--now", "at_once", is_flag=True, help="At once, whatever the schedule says.")
@click.option("--override", "past_line", is_flag=True, help="With --now: go past a freeze and quarantines.")
@click.option(
    "--override-window",
    "past_window",
    is_flag=True,
    help="With --now: go past the deployment window. There is none to configure yet; it is recorded all the same.",
)
@click.option(
    "--resume",
    "only_resumes",
    is_flag=True,
    help="Only finish what earlier runs left: settle them, say on the host what is unsaid; promote nothing.",
)
@reason_option(required=False)
@night.promotion_options
@click.pass_obj
def run(
    context: Context, /, *, at_once: bool, past_line: bool, past_window: bool, only_resumes: bool, **wish: Any
) -> int:
    """Test the exact commit at the tip of the source and promote it, or block it and say why.

    Without --now it is what cron calls: it does nothing when this night's slot is already done. What goes past a rule
    needs --now and a --reason, and is recorded in run.json and the ledger.
    """
    if only_resumes:
        return _resume(context, at_once, past_line, past_window, *wish.values())
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


def _resume(context: Context, *others: object) -> int:
    """Settle what was cut off and say what is unsaid; exit 1 where the host still cannot be told."""
    if any(others):
        raise click.UsageError("--resume stands alone: it tests and promotes nothing.")
    settings = wiring.settings(context)
    return perform(context, settings, make_request(settings, night.RunKind.PROMOTION), resume)


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
