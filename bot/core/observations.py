"""What one run showed for each objective, as later nights are held against it."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from bot.core.loadplan import OBJECTIVES, LoadPlan, Objective, RelativeObjective, ScenarioPlan
from bot.core.profile import profile
from bot.core.record import NightPoint, RunRecord
from bot.core.verdict import Check, Notice, Verdict

COMPARED: Final = OBJECTIVES - {"rate"}
"""The objectives with a history: the rate is what the generator does, not the service."""

_DATE: Final = len("2026-11-21")

Key = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class Observation:
    """One number of one run, in seconds or as a share; `profile` says with which other runs it can be compared."""

    scenario: str
    endpoint: str | None
    objective: str
    observed: float
    profile: str


def compared(plan: ScenarioPlan) -> tuple[Key, ...]:
    """The (endpoint, objective) pairs of a scenario that have a history, each once, in the order of the plan."""
    every: tuple[Objective | RelativeObjective, ...] = (*plan.objectives, *plan.relative)
    return tuple(dict.fromkeys((each.endpoint, each.key) for each in every if each.key in COMPARED))


def observations(record: RunRecord) -> tuple[Observation, ...]:
    """What a judged run showed; nothing of one that was not judged."""
    if record.plan is None or record.verdict is None:
        return ()
    return tuple(_each(record.plan, _observed(record.verdict)))


def last_of_each_date(points: Iterable[NightPoint], *, but: str = "") -> tuple[NightPoint, ...]:
    """Of several runs of one date (UTC) the latest, oldest first; nothing of the date `but` (YYYY-MM-DD)."""
    in_order = sorted(points, key=lambda point: (point.at, point.run_id))
    by_date = {point.at[:_DATE]: point for point in in_order}
    return tuple(point for date, point in by_date.items() if date != but)


def _each(plan: LoadPlan, observed: dict[tuple[str, Key], float]) -> Iterator[Observation]:
    for scenario in plan.scenarios:
        fingerprint = profile(scenario)
        for key in compared(scenario):
            if (scenario.name, key) in observed:
                yield Observation(scenario.name, *key, observed[scenario.name, key], fingerprint)


def _observed(verdict: Verdict) -> dict[tuple[str, Key], float]:
    """A check tells it, or the notice that a relative objective could not be judged yet."""
    tellers: tuple[Check | Notice, ...] = (*verdict.notices, *verdict.checks)
    told = [((one.scenario, (one.endpoint, one.objective or "")), one.observed) for one in tellers]
    return {key: value for key, value in told if value is not None and math.isfinite(value)}
