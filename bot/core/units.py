"""Durations, sizes, shares and limits as people write them, and the one way in which everybody prints them."""

import math
import re
from decimal import Decimal
from typing import Final

from bot.core.limits import Comparison, Limit, Unit

DURATION_FORM: Final = 'a duration such as "250ms", "90s", "15m" or "1h30m"'
SIZE_FORM: Final = 'a size such as "512B", "1KiB", "64KiB" or "1.5MB"'
SHARE_FORM: Final = 'a percentage such as "50%" or "99.5%"'
LIMIT_FORM: Final = 'a comparison and a number with its unit, such as "< 2%", "<= 250ms" or ">= 99%"'
NO_DATA: Final = "no data"

# In microseconds, the finest that is printed.
_MILLISECOND: Final = 1_000
_SECOND: Final = 1_000_000

_NUMBER: Final = r"[0-9]{1,12}(?:\.[0-9]{1,9})?"
_SECONDS: Final = {
    "d": Decimal(86400),
    "h": Decimal(3600),
    "m": Decimal(60),
    "s": Decimal(1),
    "ms": Decimal("1e-3"),
    "us": Decimal("1e-6"),
}
_DURATION: Final = re.compile("".join(rf"(?:({_NUMBER}){unit})?" for unit in _SECONDS))
_BYTES: Final = {
    "B": 1,
    "kB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
}
_SIZE: Final = re.compile(rf"({_NUMBER})({'|'.join(_BYTES)})")
_SHARE: Final = re.compile(rf"({_NUMBER})%")
_LIMIT: Final = re.compile(r"\s*(<=|>=|<|>)\s*(\S+)\s*")
_QUANTILE: Final = re.compile(r"p[0-9]{1,2}(?:[._][0-9]+)?")
_SHARES: Final = frozenset({"error_rate", "memory_growth", "cpu", "rate"})


def parse_duration(text: str) -> float:
    """Seconds of `90s`, `15m`, `1h30m` or `250ms` (units d, h, m, s, ms, us, each once, largest first); ValueError."""
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        raise ValueError(f"not {DURATION_FORM}")
    parts = zip(match.groups(), _SECONDS.values(), strict=True)
    return float(sum((Decimal(number) * unit for number, unit in parts if number), Decimal(0)))


def parse_size(text: str) -> int:
    """Bytes of `1KiB`, `64KiB` or `1.5MB` (KiB, MiB, … by 1024; kB, MB, … by 1000); ValueError."""
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError(f"not {SIZE_FORM}")
    count = Decimal(match[1]) * _BYTES[match[2]]
    if count != int(count):
        raise ValueError(f"not a whole number of bytes; write {SIZE_FORM}")
    return int(count)


def parse_share(text: str) -> float:
    """The share that `50%` or `99.5%` says, with 1.0 for 100 %; ValueError."""
    match = _SHARE.fullmatch(text)
    if match is None:
        raise ValueError(f"not {SHARE_FORM}")
    return float(Decimal(match[1]) / 100)


def parse_limit(text: str) -> Limit:
    """The limit that `< 2%` or `<= 250ms` says, its text as written (outer blanks aside); ValueError."""
    match = _LIMIT.fullmatch(text)
    if match is None:
        raise ValueError(f"not {LIMIT_FORM}")
    comparison, amount = Comparison(match[1]), match[2]
    share = _SHARE.fullmatch(amount)
    if share is not None:
        return Limit(comparison, float(Decimal(share[1]) / 100), Unit.SHARE, text.strip())
    try:
        return Limit(comparison, parse_duration(amount), Unit.SECONDS, text.strip())
    except ValueError:
        raise ValueError(f"not {LIMIT_FORM}") from None


def format_duration(seconds: float) -> str:
    """`1h30m`, `1m1.5s`, `250ms` or `85us`: exact to the microsecond, and read back by `parse_duration`."""
    if not math.isfinite(seconds):
        return NO_DATA
    micros = round(abs(seconds) * _SECOND)
    sign = "-" if seconds < 0 and micros else ""
    return sign + _of_micros(micros)


def _of_micros(micros: int) -> str:
    if 0 < micros < _MILLISECOND:
        return f"{micros}us"
    if 0 < micros < _SECOND:
        return f"{_plain(Decimal(micros) / _MILLISECOND)}ms"
    minutes, rest = divmod(micros, 60 * _SECOND)
    hours, minutes = divmod(minutes, 60)
    parts = (f"{hours}h" if hours else "", f"{minutes}m" if minutes else "")
    tail = f"{_plain(Decimal(rest) / _SECOND)}s" if rest or not micros else ""
    return "".join((*parts, tail))


def format_size(count: float) -> str:
    """`64KiB`, `117.7MiB` or `512B`: by 1024, whole numbers exactly and others to four significant digits."""
    if not math.isfinite(count):
        return NO_DATA
    unit = next((name for name in ("TiB", "GiB", "MiB", "KiB") if abs(count) >= _BYTES[name]), "B")
    return f"{_significant(count / _BYTES[unit])}{unit}"


def format_share(share: float) -> str:
    """`1.99%`: two decimals, more of them next to 0 % and 100 %, which are never the result of rounding."""
    if not math.isfinite(share):
        return NO_DATA
    percent = Decimal(repr(share)) * 100
    rounded = _keep(percent, Decimal("0.01"))
    if percent and rounded in (0, 100) and percent != rounded:
        rounded = _off_the_end(percent, rounded)
    return f"{_plain(rounded)}%"


def exact_share(share: float) -> str:
    """`33.333%`: every digit, and read back by `parse_share`."""
    return f"{_plain(Decimal(repr(share)) * 100)}%"


def _off_the_end(percent: Decimal, end: Decimal) -> Decimal:
    """Three digits of the distance from 0 % or 100 %, but never less than a ten-thousandth of a percent."""
    away = percent - end
    least = Decimal("0.0001")
    if abs(away) < least:
        return end + least.copy_sign(away)
    return end + Decimal(f"{away:.3g}")


def format_value(objective_key: str, value: float | None) -> str:
    """An observed value, bound or limit as that objective's unit wants it: quantiles as time, the rest as shares.

    `value` is in seconds or as a share. None and NaN print as "no data", other keys as a plain number.
    """
    if value is None or math.isnan(value):
        return NO_DATA
    if math.isinf(value):
        return "unbounded"
    if _QUANTILE.fullmatch(objective_key):
        return _format_latency(value)
    if objective_key in _SHARES:
        return format_share(value)
    return _significant(value)


def _format_latency(seconds: float) -> str:
    """Four significant digits in milliseconds or seconds, so that neighbours in a table compare at a glance."""
    return f"{_significant(seconds * 1000)}ms" if abs(seconds) < 1 else f"{_significant(seconds)}s"


def _significant(value: float) -> str:
    """Four significant digits; whole numbers keep all of theirs."""
    exact = Decimal(repr(float(value)))
    return _plain(_keep(exact, Decimal(1)) if abs(exact) >= 1000 else Decimal(f"{exact:.4g}"))  # noqa: PLR2004 - four digits


def _keep(value: Decimal, step: Decimal) -> Decimal:
    return (value / step).to_integral_value() * step


def _plain(value: Decimal) -> str:
    """Without exponent and trailing zeros."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text
