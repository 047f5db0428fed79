"""What `run`, `nightly` and `gate` share: their options, and the way from them to a finished run."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

import click

from bot.cli import wiring
from bot.cli.change import ALLOWANCE_S, make_request, perform
from bot.cli.context import Context
from bot.core.calendar import SLOT_VARIABLE, Schedule, parse_zone, slot_of
from bot.core.cron import parse_cron
from bot.core.loadplan import LoadPlan, ScenarioPlan
from bot.core.nights import done_in_slot
from bot.core.reasons import Reason
from bot.core.record import RunKind, Trigger
from bot.core.selectors import HistoryFilter, RunSummary
from bot.core.units import parse_duration
from bot.errors import ConfigurationError, Problem
from bot.flows.promote import promote
from bot.flows.request import Effect, Override, Request
from bot.settings.plan import PlanOverrides, load_plan
from bot.settings.schema import Settings

__all__ = ["RunKind", "Trigger", "Wish", "deadline", "load_options", "promotion_options", "start"]

_PER_SCENARIO_S: Final = 240.0
_RECENT: Final = 100


class _Duration(click.ParamType[float]):
    """`90s`, `15m`, `1h30m` as seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds, or a usage error that says what is allowed."""
        if isinstance(value, float):
            return value
        try:
            return parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


DURATION: Final = _Duration()


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    kind: RunKind
    trigger: Trigger
    effect: Effect = Effect.WRITE
    rate: float | None = None
    soak_duration: float | None = None
    scenario: tuple[str, ...] = ()
    override: Override = Override.NOTHING
    justification: str | None = None


def load_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that change the load plan of one run."""
    for option in (
        click.option("--scenario", multiple=True, metavar="NAME", help="Only this scenario (repeatable)."),
        click.option("--soak-duration", type=DURATION, metavar="15m", help="Measured time of every soak."),
        click.option("--rate", type=float, metavar="N", help="Arrivals per second of each load; a soak keeps its own."),
    ):
        command = option(command)
    return command


def promotion_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The load options, and --dry-run."""
    dry_run = click.option("--dry-run", is_flag=True, help="Test, judge, show the ref updates; write nothing.")
    return load_options(dry_run(command))


def start(context: Context, wish: Wish) -> int:
    """Run it, print how it ended, and return its exit code."""
    settings = wiring.settings(context)
    plan = load_plan(settings, PlanOverrides(wish.rate, wish.soak_duration, wish.scenario))
    request = _request(settings, plan, wish)
    done = _done(settings, request.slot)
    if done is not None:
        return _say_done(context, done)
    return perform(context, settings, request, promote, deadline=deadline(plan, settings.gate.checks_wait))


def _done(settings: Settings, slot: str | None) -> RunSummary | None:
    """The run that has answered this slot already."""
    if slot is None:
        return None
    history = wiring.history(settings)
    try:
        return done_in_slot(history.query(HistoryFilter(limit=_RECENT)), slot)
    finally:
        history.close()


def _slot(settings: Settings) -> str:
    """The date of the night that this call stands for: the scheduler's word, else what the clock says."""
    told = os.environ.get(SLOT_VARIABLE)
    if told:
        return _told_slot(told)
    schedule = Schedule(parse_cron(settings.schedule.cron), parse_zone(settings.schedule.timezone))
    slot = slot_of(schedule, datetime.now(tz=UTC))
    return slot.id if slot else datetime.now(tz=schedule.zone).date().isoformat()


def _told_slot(told: str) -> str:
    try:
        return date.fromisoformat(told).isoformat()
    except ValueError:
        problem = Problem(SLOT_VARIABLE, "is no date", "a date such as 2026-11-21")
        raise ConfigurationError("environment", (problem,)) from None


def _request(settings: Settings, plan: LoadPlan, wish: Wish) -> Request:
    slot = _slot(settings) if wish.trigger is Trigger.NIGHTLY else None
    return make_request(
        settings,
        wish.kind,
        trigger=wish.trigger,
        effect=wish.effect,
        plan=plan,
        slot=slot,
        justification=wish.justification,
        override=wish.override,
    )


def deadline(plan: LoadPlan, checks_wait: float = 0.0) -> float:
    """Seconds after which the whole command is over, whatever hangs: every wait and every attempt at its longest."""
    # Required checks are asked for before the load and after it.
    return ALLOWANCE_S + 2 * checks_wait + (1 + plan.retry) * sum(map(_longest, plan.scenarios))


def _longest(scenario: ScenarioPlan) -> float:
    """Seconds that one scenario may take: extended, with workers that come at the last moment."""
    joining = scenario.workers.deadline if scenario.workers.distributed else 0.0
    return joining + scenario.warmup + scenario.duration * (1 + scenario.extend) + _PER_SCENARIO_S


def _say_done(context: Context, done: RunSummary) -> int:
    sentence = f"The slot of {done.slot} is done: run {done.run_id} ended {done.outcome.value}."
    if context.json:
        document = {"outcome": "up-to-date", "reason_code": Reason.SLOT_DONE.code, "reason": sentence}
        click.echo(json.dumps({**document, "run_id": done.run_id, "slot": done.slot}, indent=2))
    else:
        click.echo(f"{sentence} {Reason.SLOT_DONE.action}")
    return int(Reason.SLOT_DONE.exit)
