"""What a doctor finds: one line for everything a night needs, and what to do where it is not so."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.core.evidence import DeploymentObservation
from bot.core.units import format_duration, format_size


class Level(StrEnum):
    """How it stands: fine; a night may go wrong or show less; a night cannot promote."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Area(StrEnum):
    """What a finding is about, in the order in which they are looked at."""

    MACHINE = "machine"
    STATE = "state"
    GIT = "git"
    STAGING = "staging"
    PROBES = "probes"
    SCHEDULE = "schedule"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it stands, what was seen, and what to do (empty where nothing is).

    `stops` says that no night can promote while it stands, although nothing is broken: people meant it.
    """

    area: Area
    name: str
    level: Level
    seen: str
    action: str = ""
    stops: bool = False


def worst(findings: Iterable[Finding]) -> Level:
    """The gravest of them; OK where there are none."""
    return max((each.level for each in findings), key=tuple(Level).index, default=Level.OK)


# Evidence of a long soak with its reports takes tens of megabytes, a first clone of a large repository gigabytes.
LEAST_FREE: Final = 1 << 30
FEW_FREE: Final = 5 << 30
# A staging service whose clock differs shows readings of the wrong moments; a second is what workers may differ, too.
MOST_APART_S: Final = 1.0
# A connection takes a file, and the load process needs some for itself.
SPARE_FILES: Final = 256


def judge_space(free: int) -> Finding:
    """Whether the disk of the state directory has room, in bytes."""
    seen = f"{format_size(free)} free"
    if free < LEAST_FREE:
        action = f"Free space: a night may need {format_size(LEAST_FREE)}."
        return Finding(Area.STATE, "space", Level.FAIL, seen, action)
    if free < FEW_FREE:
        return Finding(Area.STATE, "space", Level.WARN, seen, "Free space before the next nights.")
    return Finding(Area.STATE, "space", Level.OK, seen)


def judge_files(allowed: int, needed: int) -> Finding:
    """Whether a process may open as many files as the busiest scenario may have connections."""
    seen = f"{allowed:,} open files allowed, at most {needed:,} connections planned"
    if allowed < needed + SPARE_FILES:
        action = f"Raise the limit (ulimit -n, LimitNOFILE=) to {needed + SPARE_FILES:,} or more."
        return Finding(Area.MACHINE, "files", Level.WARN, seen, action)
    return Finding(Area.MACHINE, "files", Level.OK, seen)


@dataclass(frozen=True, slots=True)
class Reached:
    """How staging answered: the status, or `error` without one; `ahead` are the seconds its clock is ahead of ours."""

    status: int | None
    error: str = ""
    ahead: float | None = None


_FAILING: Final = 500


def judge_reached(reached: Reached) -> Finding:
    """Whether staging answers at all; a page that is not there (4xx) is an answer."""
    if reached.status is None:
        return Finding(Area.STAGING, "service", Level.FAIL, reached.error, "See that staging runs, and [staging] url.")
    seen = f"answers with status {reached.status}"
    if reached.status >= _FAILING:
        return Finding(Area.STAGING, "service", Level.FAIL, seen, "Repair staging before the night.")
    return Finding(Area.STAGING, "service", Level.OK, seen)


def judge_clock(ahead: float | None) -> Finding:
    """Whether staging's clock agrees with ours; `ahead` is by how many seconds it is ahead, None where nobody knows."""
    if ahead is None:
        action = "Have staging, or the proxy before it, send a Date."
        return Finding(Area.STAGING, "clock", Level.WARN, "its answers name no time", action)
    if abs(ahead) <= MOST_APART_S:
        return Finding(Area.STAGING, "clock", Level.OK, "agrees with this machine's, to the second")
    way = "ahead of" if ahead > 0 else "behind"
    seen = f"{format_duration(abs(round(ahead)))} {way} this machine's"
    return Finding(Area.STAGING, "clock", Level.WARN, seen, "Have both machines set their clocks by NTP.")


def judge_deployment(observed: DeploymentObservation | None, tip: str | None) -> Finding:
    """Whether staging proves to run the tip of the source; `observed` is None where no page is configured for it."""
    if observed is None:
        action = "Give [staging] version_url, so that a verdict is about a known commit."
        return Finding(Area.STAGING, "commit", Level.WARN, "nothing proves which commit runs there", action)
    if observed.sha is None:
        action = "Have [staging] version_url answer with JSON whose version_key is the full commit id."
        return Finding(Area.STAGING, "commit", Level.FAIL, observed.error, action)
    seen = f"runs {observed.sha[:12]}"
    if tip is not None and observed.sha != tip:
        action = "Deploy the source's tip to staging before the night."
        return Finding(Area.STAGING, "commit", Level.WARN, f"{seen}, the source is at {tip[:12]}", action)
    return Finding(Area.STAGING, "commit", Level.OK, seen)
