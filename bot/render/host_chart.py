"""The last nights of one objective as a Mermaid chart, which GitHub draws inside an issue.

The language is `xychart-beta`, the name that every version knows. What its parser would stumble over: an empty text,
a number with an exponent, a text without quotes that has other than ASCII letters; categories of the same name fall
upon each other. So every text is quoted and made of a few harmless signs, and each night has another date.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.limits import Limit
from bot.core.quoting import quote
from bot.core.record import NightPoint, Outcome, RunRecord
from bot.core.verdict import Check
from bot.render.bounds import said
from bot.render.checks import limit_of
from bot.render.escape import Inert
from bot.render.figures import month_and_day
from bot.render.night_panels import shown_nights
from bot.render.words import OUTCOMES, objective_name

MOST_NIGHTS: Final = 14
"""More dates than these run into each other below the chart, which is 700 pixels wide."""

_FEWEST: Final = 2
_LARGEST: Final = 1e9
_ABOVE: Final = 1.15
_TITLE: Final = 60


@dataclass(frozen=True, slots=True)
class NightsChart:
    """The chart in its fence, what its bars and its line mean, and what each night came to."""

    fence: Inert
    words: str
    nights: str


@dataclass(frozen=True, slots=True)
class _Night:
    day: str
    value: float
    word: str


def nights_chart(record: RunRecord, check: Check) -> NightsChart | None:
    """The nights before that check and the check itself; None where there are no two nights to compare."""
    limit = limit_of(record, check)
    nights = _nights(record, check)
    if len(nights) < _FEWEST:
        return None
    unit, factor = _unit(check, [night.value for night in nights])
    told = "; the line is the limit" if limit else ""
    return NightsChart(
        fence=_fence(_title(check), unit, nights, None if limit is None else limit.value, factor),
        words=f"Each bar is what a night showed, the last one tonight{told}{_limit_words(check, limit)}.",
        nights=" · ".join(f"{night.day} {night.word}" for night in nights),
    )


def _title(check: Check) -> str:
    return f"{check.scenario} {objective_name(check.objective)}".replace(",", "")


def _limit_words(check: Check, limit: Limit | None) -> str:
    return "" if limit is None else f" ({said(check.objective, limit)})"


def _nights(record: RunRecord, check: Check) -> list[_Night]:
    """The last nights with a number, oldest first; of one date only the last, and nothing without a date."""
    key = (check.scenario, check.endpoint, check.objective)
    found = (each.points for each in shown_nights(record) if (each.scenario, each.endpoint, each.objective) == key)
    points = list(next(found, ()))
    if check.observed is not None:
        points.append(NightPoint(record.run_id, record.started_at, record.outcome, check.observed))
    by_day: dict[str, _Night] = {}
    for point in points:
        day = month_and_day(point.at)
        if day and math.isfinite(point.observed) and abs(point.observed) < _LARGEST:
            by_day.pop(day, None)
            by_day[day] = _Night(day, point.observed, _word(point.outcome))
    return list(by_day.values())[-MOST_NIGHTS:]


def _word(outcome: Outcome) -> str:
    return OUTCOMES[outcome].text.lower()


def _unit(check: Check, values: Sequence[float]) -> tuple[str, float]:
    """What the numbers are shown in, and what they are multiplied by for it."""
    if not check.objective.startswith("p"):
        return "percent", 100.0
    return ("ms", 1e3) if max(values) < 1 else ("s", 1.0)


def _fence(title: str, unit: str, nights: Sequence[_Night], limit: float | None, factor: float) -> Inert:
    values = [night.value * factor for night in nights]
    bound = [] if limit is None or not abs(limit) < _LARGEST else [limit * factor]
    low, high = min(0.0, *values, *bound), max(0.0, *values, *bound) * _ABOVE
    lines = [
        "```mermaid",
        "xychart-beta",
        f'    title "{quote(title, _TITLE)}"',
        f"    x-axis [{', '.join(_quoted(night.day) for night in nights)}]",
        f'    y-axis "{unit}" {_number(low)} --> {_number(high if high > low else low + 1)}',
        f"    bar [{', '.join(map(_number, values))}]",
        *(f"    line [{', '.join([_number(value)] * len(values))}]" for value in bound),
        "```",
    ]
    return Inert("\n".join(lines))


def _quoted(text: str) -> str:
    return f'"{text}"'


def _number(value: float) -> str:
    """Digits without an exponent: the parser knows none."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text
