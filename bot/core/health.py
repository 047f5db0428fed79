"""Whether the processes that sent the load were well themselves: fed with CPU, never stuck, with files to spare."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import Final

from bot.core.evidence import GeneratorHealth, HealthSample, ScenarioEvidence
from bot.core.loadplan import GeneratorLimits
from bot.core.series import measurable
from bot.core.text import plain
from bot.core.thresholds import THRESHOLDS
from bot.core.wording import listed, percent, seconds

_Number = float | None
_P95: Final = 95
# Every system tells these, so that they are not told is no property of the system.
_ALWAYS_TOLD: Final = frozenset({"CPU", "lag"})
# Five seconds in a row may be lost, and the next one may come late.
_LONGEST_SILENCE: Final = 6.5
# A sample comes after the end of its second, rarely a moment before it.
_EARLY: Final = 0.25


@dataclass(frozen=True, slots=True)
class _Sign:
    """One thing that is watched: its reading, what many readings come to, its limit, and the words for both."""

    name: str
    reading: Callable[[HealthSample], _Number]
    summary: Callable[[list[float]], float]
    most: Callable[[GeneratorLimits], float]
    shown: Callable[[float], str]
    words: str


def _p95(values: list[float]) -> float:
    """The nearest-rank p95."""
    return sorted(values)[max(0, -(-len(values) * _P95 // 100) - 1)]


_SIGNS: Final = (
    _Sign("CPU", lambda s: s.cpu, _p95, lambda g: g.cpu, percent, "used {} of a core (p95 of its seconds)"),
    _Sign("waiting", lambda s: s.wait, fmean, lambda g: g.wait, percent, "waited {} of the time for a core"),
    _Sign("throttling", lambda s: s.throttled, fmean, lambda g: g.throttled, percent, "was throttled {} of the time"),
    _Sign("lag", lambda s: s.lag, _p95, lambda g: g.lag, seconds, "was stuck for {} at a time (p95 of its seconds)"),
    _Sign("files", lambda s: s.files, max, lambda g: g.files, percent, "had {} of the files open that it may"),
)
SIGNS: Final = tuple(sign.name for sign in _SIGNS)
"""What is watched of every load process, by name."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one sign of a process came to, and the most that is believed; `observed` and `most` in words."""

    name: str
    value: float
    observed: str
    most: str
    is_well: bool


def believed(limits: GeneratorLimits) -> tuple[str, ...]:
    """The most that is believed of each sign, in words and in the order of `SIGNS`."""
    return tuple(sign.shown(sign.most(limits)) for sign in _SIGNS)


def readings(one: GeneratorHealth, limits: GeneratorLimits) -> tuple[Reading | None, ...]:
    """Every sign of a process in the order of `SIGNS`; None where its system does not tell."""
    told = ((sign, _known(sign, one), sign.most(limits)) for sign in _SIGNS)
    return tuple(
        Reading(sign.name, came_to, sign.shown(came_to), sign.shown(most), is_well=came_to <= most)
        if values and math.isfinite(came_to := sign.summary(values))
        else None
        for sign, values, most in told
    )


def ailment(evidence: ScenarioEvidence) -> str | None:
    """What is wrong with the load processes, naming process, number and limit; None where nothing is.

    What a system does not tell is no ailment; CPU and lag are told by every one. A process of which nothing is on
    record is one: unknown is no success, be it unknown throughout, for more than 5 % of the seconds, or for long.
    """
    if not measurable(evidence.measured):
        return None
    return _missing(evidence) or next(_ailing(evidence), None)


def well_being(evidence: ScenarioEvidence) -> str:
    """The words that follow where nothing is wrong: the worst reading of each sign, and what was not told."""
    told = {sign.name: _worst(sign, evidence.health) for sign in _SIGNS}
    known = [f"{name} {_shown(name, value)}" for name, value in told.items() if value is not None]
    silent = [name for name, value in told.items() if value is None]
    unknown = f"; this system does not tell of its {listed(silent, 5)}" if silent else ""
    return ", ".join(known) + unknown


def _shown(name: str, value: float) -> str:
    return next(sign.shown(value) for sign in _SIGNS if sign.name == name)


def _missing(evidence: ScenarioEvidence) -> str | None:
    planned = evidence.plan.workers.total
    if not evidence.health:
        return "how the generator fared is not on record"
    if len(evidence.health) < planned:
        return f"how the generator fared is on record for only {len(evidence.health)} of {planned} load processes"
    absent = _absent(evidence)
    if absent:
        return f"how load process {absent} fared is not on record"
    return next(filter(None, (_unknown(one, evidence.measured) for one in evidence.health)), None)


def _absent(evidence: ScenarioEvidence) -> str | None:
    """The name of a planned process of which nothing is on record; workers of other machines say theirs before it."""
    workers = evidence.plan.workers
    planned = [f"worker-{number + 1}" for number in range(workers.total)] if workers.distributed else ["main"]
    present = {one.process.rpartition(":")[2] for one in evidence.health}
    return next((name for name in planned if name not in present), None)


def _unknown(one: GeneratorHealth, measured: float) -> str | None:
    """What is not on record of a process: too many seconds of the window, too many in a row, or its vital signs."""
    times = sorted(sample.at for sample in one.samples if -_EARLY <= sample.at <= measured + 1)
    seconds_told = len({math.floor(at + _EARLY) for at in times})
    how = f"how the {_process(one)} fared is"
    if seconds_told < math.floor(THRESHOLDS.coverage * measured):
        return f"{how} on record for only {seconds_told} of {measured:.0f} s"
    for before, after in pairwise((0.0, *times, measured)):
        if after - before > _LONGEST_SILENCE:
            return f"{how} not on record from {before:.0f} s to {after:.0f} s"
    silent = [sign.name for sign in _SIGNS if sign.name in _ALWAYS_TOLD and not _known(sign, one)]
    return f"the {listed(silent, len(silent))} of the {_process(one)} is not on record" if silent else None


def _ailing(evidence: ScenarioEvidence) -> Iterator[str]:
    limits = evidence.plan.generator
    for one in evidence.health:
        for sign in _SIGNS:
            values = _known(sign, one)
            if values and len(values) < THRESHOLDS.coverage * len(one.samples):
                yield f"the {sign.name} of the {_process(one)} is on record for only {len(values)} of its seconds"
            elif values and not sign.summary(values) <= sign.most(limits):
                words = sign.words.format(sign.shown(sign.summary(values)))
                yield f"the {_process(one)} {words}; at most {sign.shown(sign.most(limits))} can be believed"


def _worst(sign: _Sign, health: tuple[GeneratorHealth, ...]) -> float | None:
    return max((sign.summary(values) for one in health if (values := _known(sign, one))), default=None)


def _known(sign: _Sign, one: GeneratorHealth) -> list[float]:
    readings = (sign.reading(sample) for sample in one.samples)
    return [value for value in readings if value is not None and math.isfinite(value)]


def _process(one: GeneratorHealth) -> str:
    return f"load process {plain(one.process, 60)}"
