"""Numbers for people: quantiles of a histogram, moments, changes. Pure."""

import math
from datetime import datetime
from typing import Final

from bot.core.evidence import Histogram
from bot.core.moments import parse_iso
from bot.core.quantiles import coherent, distribution, point
from bot.core.units import format_duration

_MINUTE: Final = 60
_TIMES: Final = 3


def quantile(histogram: Histogram, permille: int) -> float | None:
    """The nearest-rank quantile in seconds, None where nothing sound was recorded; see `bot.core.quantiles`."""
    found = point(distribution(histogram), permille) if coherent(histogram) else math.nan
    return None if math.isnan(found) else found


def moment(text: str) -> str:
    """`2026-11-21 02:00 UTC` from the record's ISO 8601; any other text stays as it is."""
    found = _parsed(text)
    return text if found is None else found.strftime("%Y-%m-%d %H:%M UTC")


def day(text: str) -> str:
    """`2026-11-21` from the record's ISO 8601; any other text stays as it is."""
    found = _parsed(text)
    return text if found is None else found.strftime("%Y-%m-%d")


def month_and_day(text: str) -> str:
    """`11-21` from the record's ISO 8601; empty where it is no moment, so that it is made of digits in any case."""
    found = _parsed(text)
    return "" if found is None else f"{found.month:02d}-{found.day:02d}"


def lasted(seconds: float) -> str:
    """A duration to three digits: `210ms`, `1.8s`, and to the second from a minute on: `2m18s`."""
    digits = 3 if seconds < 1 else 1 if seconds < _MINUTE else 0
    return format_duration(round(seconds, digits))


def seconds_between(start: str, end: str) -> float | None:
    """The seconds from one moment to another; None where either is no moment."""
    first, last = _parsed(start), _parsed(end)
    return None if first is None or last is None else (last - first).total_seconds()


def change(observed: float | None, before: float | None) -> str:
    """The relative change against an earlier number, such as `+12%` or `62×`; empty where there is none."""  # noqa: RUF002 - the multiplication sign is meant
    if observed is None or before is None or before <= 0 or not math.isfinite(observed / before):
        return ""
    ratio = observed / before
    if ratio >= _TIMES:
        return f"{ratio:,.0f}×"  # noqa: RUF001 - as above
    percent = round((ratio - 1) * 100)
    return f"{percent:+d}%" if percent else "±0%"


def _parsed(text: str) -> datetime | None:
    try:
        return parse_iso(text)
    except (ValueError, OverflowError):
        return None
