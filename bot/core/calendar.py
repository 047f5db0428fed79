"""Slots: one per date in the configured time zone, whatever the clocks do (invariant I18)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.cron import Cron

# How the scheduler tells a night which slot it stands for, because that may run late: an environment variable.
SLOT_VARIABLE: Final = "PROMOTE_SLOT"
# An outside cron whose clock runs ahead still means the slot that is about to fall due, not yesterday's.
EARLY: Final = timedelta(minutes=10)
# The rarest date that an expression can name, a 29 February on one weekday, returns within 40 years.
_SEARCH_DAYS: Final = 15_000
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the nights begin: the dates and the first time of `cron`, read on a clock of `zone`."""

    cron: Cron
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Slot:
    """The night of one date: `id` is that date (YYYY-MM-DD) in the schedule's zone, `due` its moment in UTC."""

    id: str
    due: datetime


@dataclass(frozen=True, slots=True)
class Agenda:
    """What a look at the clock calls for: the slot to run now, and those that nothing can be done about any more."""

    run: Slot | None
    missed: tuple[Slot, ...]


def parse_zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name.

    Raises:
        ValueError: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone; allowed: IANA names such as UTC or Europe/Berlin") from error


def slot_on(schedule: Schedule, day: date) -> Slot | None:
    """The slot of that date; None where the expression does not name it or the zone skipped it whole.

    A wall time that occurs twice means its first occurrence. One that does not occur is moved by the width of the
    gap: forwards, or backwards where forwards would leave the date.
    """
    if not schedule.cron.matches(day):
        return None
    hour, minute = schedule.cron.times[0]
    for fold in (0, 1):
        wall = datetime.combine(day, time(hour, minute, fold=fold), tzinfo=schedule.zone)
        due = wall.astimezone(UTC)
        if due.astimezone(schedule.zone).date() == day:
            return Slot(day.isoformat(), due)
    return None


def next_slot(schedule: Schedule, after: datetime) -> Slot:
    """The first slot that falls due later than `after`.

    Raises:
        ValueError: there is none within 40 years.
    """
    first = after.astimezone(schedule.zone).date() - _DAY
    for offset in range(_SEARCH_DAYS):
        slot = slot_on(schedule, first + offset * _DAY)
        if slot is not None and slot.due > after:
            return slot
    raise ValueError(f"{schedule.cron.text!r} names no date within 40 years")


def latest_slot(schedule: Schedule, at: datetime) -> Slot | None:
    """The last slot that fell due at or before `at`; None where there was none within 40 years."""
    last = at.astimezone(schedule.zone).date() + _DAY
    for offset in range(_SEARCH_DAYS):
        slot = slot_on(schedule, last - offset * _DAY)
        if slot is not None and slot.due <= at:
            return slot
    return None


def slot_of(schedule: Schedule, moment: datetime) -> Slot | None:
    """The slot that a nightly run started at `moment` belongs to: the latest one due by then, or within `EARLY`."""
    return latest_slot(schedule, moment + EARLY)


def slots_between(schedule: Schedule, after: datetime, until: datetime) -> tuple[Slot, ...]:
    """The slots due in `(after, until]`, oldest first."""
    first = after.astimezone(schedule.zone).date() - _DAY
    last = until.astimezone(schedule.zone).date() + _DAY
    days = (first + offset * _DAY for offset in range((last - first).days + 1))
    slots = (slot_on(schedule, day) for day in days)
    return tuple(slot for slot in slots if slot is not None and after < slot.due <= until)


def agenda(schedule: Schedule, *, now: datetime, handled_until: datetime, late: float) -> Agenda:
    """What is to be done now about the slots due in `(handled_until, now]`.

    The latest of them runs when it is at most `late` seconds old; all others were missed and want a report.
    """
    due = slots_between(schedule, handled_until, now)
    if due and (now - due[-1].due).total_seconds() <= late:
        return Agenda(due[-1], due[:-1])
    return Agenda(None, due)
