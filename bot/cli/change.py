"""What every command that makes a run shares: the request, and the way from it to a printed record."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

import click

from bot.cli import wiring, wiring_host, workflow
from bot.cli.context import Context, Verbosity
from bot.cli.show import print_record
from bot.cli.signals import guarded
from bot.core.loadplan import LoadPlan
from bot.core.reasons import Reason
from bot.core.record import RunKind, RunRecord, Trigger
from bot.core.selectors import new_run_id
from bot.flows.request import Effect, Override, Request, Tools
from bot.settings.schema import Settings

Flow: TypeAlias = Callable[[Tools, Request], RunRecord]

# Beyond the scenarios: fetch, starting Locust, draining, judging, merges, notes, push, read back, reports, and settling
# what killed runs left; each is bounded by itself, this bounds their sum.
ALLOWANCE_S: Final = 1800.0
_LONGEST_REASON: Final = 2000


def reason_option(*, required: bool) -> Callable[..., Any]:
    """`--reason TEXT`: why a person does it, kept in run.json and in the ledger."""
    words = "Why; kept in the record and the ledger."
    return click.option("--reason", metavar="TEXT", required=required, callback=_reason, help=words)


def _reason(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """A reason that says something, and that a ledger can hold."""
    if value is None:
        return None
    if not value.strip():
        raise click.BadParameter("says nothing.", ctx, param)
    if len(value) > _LONGEST_REASON:
        raise click.BadParameter(f"is longer than {_LONGEST_REASON} characters.", ctx, param)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise click.BadParameter("is not UTF-8 text.", ctx, param) from None
    return value.strip()


def dry_run_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--dry-run`: show the exact ref updates, write nothing."""
    return click.option("--dry-run", is_flag=True, help="Show the exact ref updates; write nothing.")(command)


def effect_of(*, dry_run: bool) -> Effect:
    """The effect that the flag stands for."""
    return Effect.DRY_RUN if dry_run else Effect.WRITE


def make_request(
    settings: Settings,
    kind: RunKind,
    *,
    trigger: Trigger = Trigger.MANUAL,
    effect: Effect = Effect.WRITE,
    plan: LoadPlan | None = None,
    slot: str | None = None,
    justification: str | None = None,
    override: Override = Override.NOTHING,
) -> Request:
    """A run with an id of its own, asked for by whoever started this process."""
    return Request(
        kind=kind,
        trigger=trigger,
        effect=effect,
        actor=wiring.actor(),
        run_id=new_run_id(datetime.now(tz=UTC), os.urandom(2)),
        slot=slot,
        plan=plan,
        repository=wiring.repository_facts(settings),
        tag_prefix=settings.repository.tag_prefix,
        title_template=settings.notes.title,
        justification=justification,
        override=override,
        accepted=settings.audit.accepted,
        required_checks=settings.gate.required_checks,
        checks_wait=settings.gate.checks_wait,
        label_rules=settings.notes.label_rules,
    )


def perform(
    context: Context, settings: Settings, request: Request, flow: Flow, *, deadline: float = ALLOWANCE_S
) -> int:
    """Run it within `deadline` seconds, print how it ended, and return its exit code."""
    tools = wiring.tools(settings, wiring.watcher(context, request.plan), request.run_id)
    with guarded(deadline), wiring.opened(tools):
        record = flow(tools, request)
    return say(context, settings, record)


def say(context: Context, settings: Settings, record: RunRecord) -> int:
    """Print how a run ended, and return its exit code, which tells of the run also where nothing can be printed."""
    folder = wiring.run_store(settings).folder(record.run_id).path
    try:
        print_record(context, record)
        if not context.json:
            click.echo(f"report: {folder / 'report.html'}")
    except OSError as error:
        click.echo(f"warning: how it ended could not be printed ({error.strerror}).", err=True)
    spent = wiring_host.spent(settings)
    if spent and context.verbosity is not Verbosity.QUIET:
        click.echo(spent, err=True)
    workflow.tell(record, str(folder))
    return int(Reason.of(record.reason_code).exit)
