"""The sentences of checks: numbers as people read them, and the words around them."""

import math
from collections.abc import Iterable
from typing import Final

from bot.core.bounds import Bounds
from bot.core.limits import Limit, Unit
from bot.core.text import plain
from bot.core.verdict import Result

LARGEST_COUNT: Final = 2**53
"""Beyond this a count is broken: a thousand requests a microsecond for three centuries."""

_VERBS: Final = {
    Result.PASS: "keeps",
    Result.FAIL: "violates",
    Result.INCONCLUSIVE: "cannot be told from",
    Result.INVALID: "cannot be judged by",
}


def subject(scenario: str, endpoint: str | None) -> str:
    """Whom a sentence is about: the scenario, and the endpoint where it is not all of them."""
    return plain(scenario) if endpoint is None else f"{plain(scenario)}, {plain(endpoint)}"


def sentence(scenario: str, endpoint: str | None, words: str) -> str:
    """One full sentence about a scenario or one of its endpoints; `words` may be one already."""
    return f"{subject(scenario, endpoint)}: {words.removesuffix('.')}."


def probed(probe: str, replica: str) -> str:
    """`probe app`, `probe app of 10.0.0.1:9100`: the probe, and the process where it looks at several."""
    return f"probe {plain(probe)}" + (f" of {plain(replica, 60)}" if replica else "")


def compared(name: str, limit: Limit, bounds: Bounds, result: Result, samples: str) -> str:
    """`p95 2.31 s exceeds < 1.5s (95 % bounds 2.28 s to 2.34 s, 120,000 requests)`."""
    verb = "exceeds" if result is Result.FAIL and limit.is_upper else _VERBS[result]
    return f"{name} {faithful(limit, bounds.observed)} {verb} {plain(limit.text)} ({_spread(limit, bounds)}{samples})"


def faithful(limit: Limit, number: float) -> str:
    """A number with three digits, or with as many more as it takes to stay on its side of the limit."""
    if not math.isfinite(number):
        return "no number"
    digits = next((n for n in range(3, 10) if limit.holds(_rounded(number, n)) == limit.holds(number)), 10)
    return amount(limit.unit, number, digits)


def amount(unit: Unit, number: float, digits: int = 3) -> str:
    """Seconds as s or ms, shares as %."""
    match unit:
        case Unit.SECONDS:
            return seconds(number, digits)
        case Unit.SHARE:
            return percent(number, digits)


def seconds(number: float, digits: int = 3) -> str:
    """`2.31 s`, `12.3 ms`."""
    rounded = _rounded(number, digits)
    return f"{_digits(rounded, digits)} s" if abs(rounded) >= 1 else f"{_digits(rounded * 1000, digits)} ms"


def percent(share: float, digits: int = 3) -> str:
    """`0.12 %`, of a share where 1.0 is 100 %."""
    return f"{_digits(_rounded(share, digits) * 100, digits)} %"


def counted(number: int, noun: str) -> str:
    """`1 request`, `120,000 requests`."""
    return f"{whole(number)} {noun}" if number == 1 else f"{whole(number)} {noun}s"


def whole(number: int) -> str:
    """`120,000`; a count that no recorder can have counted is not spelt out."""
    return f"{number:,}" if abs(number) <= LARGEST_COUNT else "absurdly many"


def needed(number: float | None, noun: str) -> str:
    """What would settle an inconclusive check, rounded up to two digits; None: nothing, infinity: nobody knows."""
    if number is None:
        return f"it lies so close to the limit that no practical number of {noun}s would settle it"
    if math.isinf(number):
        return f"more {noun}s would settle it, and these are too few to tell how many"
    whole_number = math.ceil(number)
    scale = 10 ** max(0, len(str(whole_number)) - 2)
    return f"about {counted(-(-whole_number // scale) * scale, noun)} would settle it"


def listed(names: Iterable[str], most: int = 3) -> str:
    """The first few names, made plain, and how many more there are."""
    every = tuple(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(plain(name) for name in every[:most]) + more


def _spread(limit: Limit, bounds: Bounds) -> str:
    if bounds.low == bounds.high:
        return ""
    low = "no lower bound" if math.isinf(bounds.low) else faithful(limit, bounds.low)
    high = "no upper bound" if math.isinf(bounds.high) else faithful(limit, bounds.high)
    return f"95 % bounds {low} to {high}, "


def _rounded(number: float, digits: int) -> float:
    return float(f"{number:.{digits}g}")


def _digits(number: float, digits: int) -> str:
    # Never the exponent form, which nobody reads at two in the morning.
    if not math.isfinite(number):
        return "no number of"
    if number == 0:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(number))))
    text = f"{number:,.{min(decimals, 12)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
