"""What else of the host a night should know: limits, immutable releases, its own schedule, webhooks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.core.calendar import Slot
from bot.core.doctor import Area, Finding, Level
from bot.core.doctor_hooks import Hook, judge_hooks
from bot.core.doctor_starts import Workflow, judge_starts
from bot.core.moments import iso
from bot.core.text import plain

LEAST_CALLS: Final = 200


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many requests are left of how many, and until when."""

    left: int
    most: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the host tells besides; None for what it did not let anybody see, named with its permission in `hidden`."""

    immutable: bool | None = None
    workflows: Sequence[Workflow] | None = None
    environment: bool | None = None
    hooks: Sequence[Hook] | None = None
    hidden: tuple[str, ...] = ()


def judge_allowance(allowance: Allowance) -> Finding:
    """Whether a night's requests fit into what is left of the hour."""
    seen = f"{allowance.left:,} of {allowance.most:,} requests left until {iso(allowance.until)}"
    if allowance.left < LEAST_CALLS:
        action = "Wait for that hour, or find out who else uses this login."
        return Finding(Area.HOST, "limit", Level.WARN, seen, action)
    return Finding(Area.HOST, "limit", Level.OK, seen)


def judge_surroundings(found: Surroundings, environment: str, nights: Sequence[Slot]) -> Iterator[Finding]:
    """A line for each that was seen, and one for all that was not; `nights` must have been started by now."""
    if found.immutable is not None:
        told = "cannot be changed any more; the bot publishes last" if found.immutable else "can be changed"
        yield Finding(Area.HOST, "releases", Level.OK, f"a published release {told}")
    if found.environment is not None:
        yield _environment(environment, is_there=found.environment)
    if found.workflows is not None:
        yield from judge_starts(found.workflows, nights)
    if found.hooks is not None:
        yield from judge_hooks(found.hooks)
    if found.hidden:
        action = "Let who runs doctor read these; a night does without."
        yield Finding(Area.HOST, "not seen", Level.WARN, f"cannot be seen: {', '.join(found.hidden)}", action)


def _environment(name: str, *, is_there: bool) -> Finding:
    if is_there:
        return Finding(Area.HOST, "environment", Level.OK, f"{plain(name)} is there")
    action = "The first deployment makes it; or correct [host] environment."
    return Finding(Area.HOST, "environment", Level.WARN, f"the host has no environment {plain(name)} yet", action)
