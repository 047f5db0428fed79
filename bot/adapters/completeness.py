"""What a run that says how it ended must have written: its opening line, a line a second, and whole totals.

A run that completed has a line for every second of its plan and of its extension; one that was stopped, for every
second that it measured.
"""

import math
from collections.abc import Iterator
from typing import Any, Final

from bot.adapters.endpoints import ARRIVALS
from bot.adapters.observations import Line, Observations, number, whole
from bot.adapters.steering import read_extended
from bot.core.evidence import Ending
from bot.core.loadplan import ClosedModel, ScenarioPlan
from bot.core.text import plain
from bot.core.thresholds import THRESHOLDS

FLIGHTS: Final = ("sent", "reported", "cut_off")


def lacking(seen: Observations, end: Line, scenario: ScenarioPlan, ending: Ending) -> Iterator[str]:
    """Everything that such a run lacks, or that tells of another run than the planned one; nothing of other endings."""
    if ending not in (Ending.COMPLETED, Ending.ABORTED):
        return
    planned = scenario.duration + read_extended(seen)
    yield from _opening(seen.lines["start"], scenario)
    yield from _closing(end, scenario, planned)
    told = sum(line.get("phase") == "measured" for line in seen.lines["second"])
    wanted = math.ceil(planned) if ending is Ending.COMPLETED else math.floor(number(end.get("measured")) or 0.0)
    if told < wanted:
        yield f"only {told} of {wanted} measured seconds were written"


def _opening(starts: list[Line], scenario: ScenarioPlan) -> Iterator[str]:
    if not starts:
        yield "the opening line is missing"
        return
    model = "closed" if isinstance(scenario.model, ClosedModel) else "open"
    for name, planned in (("model", model), ("duration", scenario.duration), ("warmup", scenario.warmup)):
        if starts[-1].get(name) != planned:
            yield f"the opening line tells of another run ({name} {_shown(starts[-1].get(name))}, planned {planned})"


def _closing(end: Line, scenario: ScenarioPlan, planned: float) -> Iterator[str]:
    measured = number(end.get("measured"))
    if measured is None or not 0 <= measured <= planned + THRESHOLDS.rounding:
        yield f"the closing line says that {_shown(end.get('measured'))} s were measured"
    flights = end.get("flights")  # runs of before they were counted have none
    known = flights is None or (
        isinstance(flights, dict) and all(whole(flights.get(name)) is not None for name in FLIGHTS)
    )
    if not known:
        yield "the closing line does not count its requests sent and reported"
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
