"""What of this machine a night needs: its tools, its state directory, and the probes that it reads."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import Final

from bot.core.doctor import Area, Finding, Level
from bot.core.loadplan import ClosedModel, LoadPlan, ScenarioPlan
from bot.core.units import format_duration, format_size

MISSING: Final = "not installed"
# Of itself Python makes no night fail; the package does not install on an older one.
_SHOWN_APART: Final = ("python", "platform")


def judge_versions(versions: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """Python on a line of its own, then all tools on one; what is not installed is named."""
    known = dict(versions)
    yield Finding(Area.MACHINE, "python", Level.OK, " on ".join(known[each] for each in _SHOWN_APART if each in known))
    tools = {name: found for name, found in known.items() if name not in _SHOWN_APART}
    missing = [name for name, found in tools.items() if found == MISSING]
    if missing:
        words = f"{', '.join(missing)} not installed"
        yield Finding(Area.MACHINE, "tools", Level.FAIL, words, "Install promotion-bot anew, with what it depends on.")
        return
    seen = ", ".join(f"{name} {found}" for name, found in tools.items())
    yield Finding(Area.MACHINE, "tools", Level.OK, seen)


def most_connections(plan: LoadPlan) -> int:
    """The most connections that one load process may hold at a time, over all scenarios."""
    return max(map(_connections, plan.scenarios), default=0)


def _connections(scenario: ScenarioPlan) -> int:
    model = scenario.model
    users = model.users if isinstance(model, ClosedModel) else model.pool
    return ceil(users / max(scenario.workers.total, 1))


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """The history database: `there` or not yet, and whether its schema is that of this version."""

    there: bool
    is_current: bool


def judge_store(facts: StoreFacts) -> Finding:
    """Whether the history can be read; one that is absent or old is made or brought up to date by the next run."""
    if not facts.there:
        return Finding(Area.STATE, "history", Level.OK, "none yet; the first run begins it")
    seen = "opens, and is current" if facts.is_current else "opens; the next run brings its schema up to date"
    return Finding(Area.STATE, "history", Level.OK, seen)


def judge_lock(holder: str | None) -> Finding:
    """Whether a run is under way just now; `holder` says who holds the lock, None where nobody does."""
    if holder is None:
        return Finding(Area.STATE, "lock", Level.OK, "free")
    action = "Wait for its end; a night that begins meanwhile ends at once (exit 7)."
    return Finding(Area.STATE, "lock", Level.WARN, f"held: {holder}", action)


@dataclass(frozen=True, slots=True)
class Sample:
    """One reading of one probe: bytes, CPU seconds since its process began, or the `error` in their place."""

    probe: str
    replica: str
    memory: float | None = None
    cpu_seconds: float | None = None
    error: str = ""


def judge_sample(sample: Sample) -> Finding:
    """Whether a probe can be read."""
    name = f"{sample.probe} {sample.replica}".strip()
    if sample.error:
        action = "Repair what this [[probe]] reads: without it nothing is known of memory and CPU."
        return Finding(Area.PROBES, name, Level.FAIL, sample.error, action)
    memory = "" if sample.memory is None else f"memory {format_size(sample.memory)}"
    cpu = "" if sample.cpu_seconds is None else f"CPU {format_duration(round(sample.cpu_seconds, 1))} so far"
    return Finding(Area.PROBES, name, Level.OK, ", ".join(filter(None, (memory, cpu))))
