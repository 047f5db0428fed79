"""`promote hotfix`: ship a branch straight to the target, and bring it to the source in the same push."""

from dataclasses import replace
from functools import partial
from typing import Any

import click

from bot.cli import wiring
from bot.cli.change import ALLOWANCE_S, dry_run_option, effect_of, make_request, perform, reason_option
from bot.cli.context import Context
from bot.cli.night import deadline
from bot.core.hotfix import Gate, Reach
from bot.core.record import RunKind
from bot.flows.hotfix import HotfixWish, ship_hotfix
from bot.settings.kinds import BRANCH
from bot.settings.plan import hotfix_plan
from bot.settings.schema import Settings


class _Branch(click.ParamType[str]):
    """The name of a branch, as git accepts it."""

    name = "branch"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name, or a usage error that says what is wrong with it."""
        try:
            return str(BRANCH.parse(value))
        except ValueError as error:
            self.fail(f"{error}; allowed: {BRANCH.allowed}.", param, ctx)


@click.command()
@click.argument("branch", type=_Branch())
@reason_option(required=True)
@click.option("--skip-tests", is_flag=True, help="Ship it untested; the ledger says so, and why.")
@click.option("--main-only", is_flag=True, help="Leave the source alone; nights wait for `promote backport` then.")
@dry_run_option
@click.pass_obj
def hotfix(context: Context, /, *, branch: str, reason: str, skip_tests: bool, main_only: bool, dry_run: bool) -> int:
    """Fast-forward the target to BRANCH, tag it, and merge it into the source, all in one atomic push.

    It is tested before by what `[hotfix] scenarios` names, on the staging service, which must run that commit.
    """
    settings = wiring.settings(context)
    _check(settings, branch)
    plan = None if skip_tests else hotfix_plan(settings)
    request = make_request(settings, RunKind.HOTFIX, effect=effect_of(dry_run=dry_run), plan=plan, justification=reason)
    request = replace(request, title_template=settings.hotfix.title)
    wish = HotfixWish(
        branch,
        Gate.SKIPPED if skip_tests else Gate.EXPEDITED,
        Reach.TARGET_ONLY if main_only else Reach.BOTH,
    )
    limit = deadline(plan, settings.gate.checks_wait) if plan else ALLOWANCE_S
    return perform(context, settings, request, partial(ship_hotfix, wish=wish), deadline=limit)


def _check(settings: Settings, branch: str) -> None:
    """A hotfix is a branch of its own."""
    if branch == settings.repository.source:
        raise click.UsageError(f"{branch} is the source: `promote --now` tests and promotes it.")
    if branch == settings.repository.target:
        raise click.UsageError(f"{branch} is the target already.")
