"""Whether nights happen: when the next one is due, how the last one ended, and which were missed."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.core.calendar import Schedule, Slot, latest_slot, next_slot, slots_between
from bot.core.doctor import Area, Finding, Level
from bot.core.moments import iso
from bot.core.record import Outcome
from bot.core.selectors import RunSummary
from bot.core.text import plain
from bot.core.units import format_duration

LOOKED_BACK: Final = timedelta(days=14)
_NAMED: Final = 5
_SENTENCE: Final = 300
_FINE: Final = (Outcome.PROMOTED, Outcome.UP_TO_DATE)
_START: Final = "See that cron, a scheduled workflow or `promote serve` calls the bot: `promote nightly`."


def judge_schedule(schedule: Schedule, runs: Sequence[RunSummary], now: datetime, late: float) -> Iterator[Finding]:
    """The next slot, the last night and missed ones; `runs` newest first, `late` seconds a night may begin late."""
    yield _next(schedule, now)
    nights = [run for run in runs if run.slot is not None]
    if not nights:
        yield Finding(Area.SCHEDULE, "last night", Level.WARN, "no night has run here yet", _START)
        return
    yield _last(nights[0])
    yield _missed(schedule, nights, now, late)


def _next(schedule: Schedule, now: datetime) -> Finding:
    slot = next_slot(schedule, now)
    away = format_duration((slot.due - now).total_seconds() // 60 * 60)
    return Finding(Area.SCHEDULE, "next night", Level.OK, f"{iso(slot.due)}, in {away}")


def _last(run: RunSummary) -> Finding:
    seen = f"{run.slot}: {run.outcome.value}"
    if run.outcome in _FINE:
        return Finding(Area.SCHEDULE, "last night", Level.OK, seen)
    action = f"See `promote report {run.run_id}`."
    return Finding(Area.SCHEDULE, "last night", Level.WARN, f"{seen}: {plain(run.reason, _SENTENCE)}", action)


def _missed(schedule: Schedule, nights: Sequence[RunSummary], now: datetime, late: float) -> Finding:
    seen = {run.slot for run in nights}
    missed = [slot for slot in _due(schedule, nights, now) if slot.id not in seen]
    last = latest_slot(schedule, now)
    if missed and last == missed[-1] and (now - last.due).total_seconds() <= late:
        # It may still run: the scheduler catches up, and a host's own schedule is hours late at times.
        waiting = f"the night of {last.id} was due at {iso(last.due)} and has not run"
        return Finding(Area.SCHEDULE, "missed", Level.WARN, waiting, _START)
    if not missed:
        return Finding(Area.SCHEDULE, "missed", Level.OK, f"none in {LOOKED_BACK.days} days")
    named = ", ".join(slot.id for slot in missed[-_NAMED:])
    more = f" and {len(missed) - _NAMED} more" if len(missed) > _NAMED else ""
    return Finding(Area.SCHEDULE, "missed", Level.WARN, f"no run of {named}{more}", _START)


def _due(schedule: Schedule, nights: Sequence[RunSummary], now: datetime) -> tuple[Slot, ...]:
    """The slots of the last days since the first night that is known: before it nobody had set the bot up."""
    first = min(run.slot or "" for run in nights)
    return tuple(slot for slot in slots_between(schedule, now - LOOKED_BACK, now) if slot.id >= first)
