"""Whether the host still starts the nights: its workflows, their last scheduled runs, and nights without one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.core.calendar import EARLY, Schedule, Slot, slots_between
from bot.core.doctor import Area, Finding, Level
from bot.core.moments import parse_iso
from bot.core.text import plain

LOOKED_BACK: Final = timedelta(days=14)
_GOING: Final = ("success", "in_progress", "queued", "waiting", "pending", "requested")
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow of the host: its file, its state as the host names it, and how its last scheduled run ended.

    `at` is when that run was started (ISO 8601, as the host writes it); `last` is None where there was none.
    """

    path: str
    state: str
    last: str | None = None
    at: str = ""

    @property
    def name(self) -> str:
        """Its file without the folder, fit for a line of words."""
        return plain(self.path.rpartition("/")[2])

    @property
    def is_disabled(self) -> bool:
        """Whether nothing starts it, whoever disabled it."""
        return self.state.startswith("disabled")

    @property
    def started(self) -> datetime:
        """When its schedule last started it; the beginning of time where nobody can tell."""
        try:
            return parse_iso(self.at)
        except (ValueError, OverflowError):
            return _NEVER


def surely_started(schedule: Schedule, now: datetime, late: float) -> tuple[Slot, ...]:
    """The nights of the last days that a host must have started by now, were it `late` seconds late; oldest first."""
    return slots_between(schedule, now - LOOKED_BACK, now - timedelta(seconds=late))


def judge_starts(workflows: Sequence[Workflow], nights: Sequence[Slot]) -> Iterator[Finding]:
    """A line for each that is disabled or has run; one more where the nights are not started any more.

    `nights` are those of `surely_started`. Which workflow starts them nobody tells: the one that ran last counts.
    """
    for each in workflows:
        if each.is_disabled:
            action = f"Enable it on the host: `gh workflow enable {each.name}`, or Actions > {each.name}."
            yield _finding(Level.WARN, f"{each.name} is {plain(each.state)}", action)
    active = [each for each in workflows if not each.is_disabled]
    ran = [each for each in active if each.last is not None]
    yield from map(_last, ran)
    if ran:
        yield from _silence(max(ran, key=lambda each: each.started), nights)
    elif active:
        yield _never(active)


def _finding(level: Level, seen: str, action: str = "") -> Finding:
    return Finding(Area.HOST, "workflow", level, seen, action)


def _last(each: Workflow) -> Finding:
    """A night that promoted nothing ends its workflow as a failure too; what it was stands with the last night."""
    seen = f"{each.name} last ran by its schedule at {plain(each.at)}: {plain(each.last or '')}"
    if each.last in _GOING:
        return _finding(Level.OK, seen)
    return _finding(Level.WARN, seen, "See its log on the host.")


def _silence(newest: Workflow, nights: Iterable[Slot]) -> Iterator[Finding]:
    """That nights went by since; a host drops a scheduled start at times, and stops starting where nothing happens."""
    without = [slot.id for slot in nights if slot.due - EARLY > newest.started]
    if without:
        seen = f"its schedule has not started {newest.name} for the night of {without[-1]}"
        action = (
            f"If that repeats: see its `on: schedule`, or start nights by cron. Now: `gh workflow run {newest.name}`."
        )
        yield _finding(Level.WARN, seen, action)


def _never(active: Sequence[Workflow]) -> Finding:
    names = ", ".join(each.name for each in active[:_NAMED])
    seen = f"no schedule has started {names}{' and more' if len(active) > _NAMED else ''} yet"
    return _finding(Level.WARN, seen, _BEGIN)


_NAMED: Final = 5
_BEGIN: Final = (
    "If it is to start the nights: it needs `on: schedule`, on the default branch. If cron does, all is well."
)
