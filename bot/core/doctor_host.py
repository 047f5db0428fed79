"""What else of the host a night should know: limits, immutable releases, its own schedule, the environment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.core.doctor import Area, Finding, Level
from bot.core.moments import iso
from bot.core.text import plain

LEAST_CALLS: Final = 200
_SHORT: Final = 200


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many requests are left of how many, and until when."""

    left: int
    most: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow of the host: its file, its state as the host names it, and how its last scheduled run ended."""

    path: str
    state: str
    last: str | None = None
    at: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the host tells besides; None for what it did not let anybody see, named with its permission in `hidden`."""

    immutable: bool | None = None
    workflows: Sequence[Workflow] | None = None
    environment: bool | None = None
    hidden: tuple[str, ...] = ()


def judge_allowance(allowance: Allowance) -> Finding:
    """Whether a night's requests fit into what is left of the hour."""
    seen = f"{allowance.left:,} of {allowance.most:,} requests left until {iso(allowance.until)}"
    if allowance.left < LEAST_CALLS:
        action = "Wait for that hour, or find out who else uses this login."
        return Finding(Area.HOST, "limit", Level.WARN, seen, action)
    return Finding(Area.HOST, "limit", Level.OK, seen)


def judge_surroundings(found: Surroundings, environment: str) -> Iterator[Finding]:
    """A line for each that was seen, and one for all that was not."""
    if found.immutable is not None:
        told = "cannot be changed once published; the bot publishes last" if found.immutable else "can be changed"
        yield Finding(Area.HOST, "releases", Level.OK, f"a release {told}")
    if found.environment is not None:
        yield _environment(environment, is_there=found.environment)
    if found.workflows is not None:
        yield from _schedules(found.workflows)
    if found.hidden:
        action = "Let who runs doctor read these; a night does without."
        yield Finding(Area.HOST, "not seen", Level.WARN, f"cannot be seen: {', '.join(found.hidden)}", action)


def _environment(name: str, *, is_there: bool) -> Finding:
    if is_there:
        return Finding(Area.HOST, "environment", Level.OK, f"{plain(name)} is there")
    action = "The first deployment makes it; or correct [host] environment."
    return Finding(Area.HOST, "environment", Level.WARN, f"there is no {plain(name)} yet", action)


def _schedules(workflows: Sequence[Workflow]) -> Iterator[Finding]:
    for each in workflows:
        name = plain(each.path.rpartition("/")[2])
        if each.state.startswith("disabled"):
            action = f"Enable it on the host: `gh workflow enable {name}`, or Actions > {name}."
            yield Finding(Area.HOST, "workflow", Level.WARN, f"{name} is {plain(each.state)}", action)
        elif each.last is not None:
            yield _last(each, name)


def _last(each: Workflow, name: str) -> Finding:
    """A night that promoted nothing ends its workflow as a failure too; what it was stands with the last night."""
    seen = f"{name} last ran by its schedule at {plain(each.at)}: {plain(each.last or '')}"
    if each.last in ("success", "in_progress", "queued"):
        return Finding(Area.HOST, "workflow", Level.OK, seen)
    return Finding(Area.HOST, "workflow", Level.WARN, seen, "See its log on the host.")
