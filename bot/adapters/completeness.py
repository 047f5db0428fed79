"""What a run that says it completed must have written: its opening line, a line a second, and whole totals."""

import math
from collections.abc import Iterator
from typing import Any

from bot.adapters.endpoints import ARRIVALS
from bot.adapters.observations import Line, Observations, number, whole
from bot.core.loadplan import ClosedModel, ScenarioPlan
from bot.core.text import plain
from bot.core.thresholds import THRESHOLDS


def lacking(seen: Observations, end: Line, scenario: ScenarioPlan) -> Iterator[str]:
    """Everything that such a run lacks, or that tells of another run than the planned one."""
    yield from _opening(seen.lines["start"], scenario)
    yield from _closing(end, scenario)
    told = sum(line.get("phase") == "measured" for line in seen.lines["second"])
    planned = math.ceil(scenario.duration)
    if told < planned:
        yield f"only {told} of {planned} measured seconds were written"


def _opening(starts: list[Line], scenario: ScenarioPlan) -> Iterator[str]:
    if not starts:
        yield "the opening line is missing"
        return
    model = "closed" if isinstance(scenario.model, ClosedModel) else "open"
    for name, planned in (("model", model), ("duration", scenario.duration), ("warmup", scenario.warmup)):
        if starts[-1].get(name) != planned:
            yield f"the opening line tells of another run ({name} {_shown(starts[-1].get(name))}, planned {planned})"


def _closing(end: Line, scenario: ScenarioPlan) -> Iterator[str]:
    measured = number(end.get("measured"))
    if measured is None or not 0 <= measured <= scenario.duration + THRESHOLDS.rounding:
        yield f"the closing line says that {_shown(end.get('measured'))} s were measured"
    if isinstance(scenario.model, ClosedModel):
        if whole(end.get("users_lowest")) is None:
            yield "the closing line does not say how many users were alive"
        return
    arrivals = end.get("arrivals")
    given: dict[str, Any] = arrivals if isinstance(arrivals, dict) else {}
    missing = [name for name in ARRIVALS if whole(given.get(name)) is None]
    if missing:
        yield f"the closing line does not count its arrivals ({', '.join(missing)})"


def _shown(value: object) -> str:
    return plain(str(value), 40)
