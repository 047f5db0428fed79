"""Limits relative to history, as people write them: `< 1.2x baseline`, `< baseline + 50ms`, `< 1.1x baseline + 1%`."""

import re
from dataclasses import dataclass
from typing import Final

from bot.core.limits import Comparison, Unit
from bot.core.loadplan import RelativeObjective
from bot.core.units import parse_duration

RELATIVE_FORM: Final = (
    'a comparison with the baseline of past nights, such as "< 1.2x baseline", "< baseline + 50ms" '
    'or "< 1.1x baseline + 1%"'
)
_WORD: Final = "baseline"
_NUMBER: Final = r"[0-9]{1,6}(?:\.[0-9]{1,6})?"
_RELATIVE: Final = re.compile(rf"\s*(<=|<)\s*(?:({_NUMBER})\s*x\s*)?{_WORD}(?:\s*\+\s*(\S+))?\s*")
_SHARE: Final = re.compile(rf"({_NUMBER})%")


@dataclass(frozen=True, slots=True)
class RelativeLimit:
    """`observed <comparison> factor x baseline + offset`; `unit` is that of the offset, None where there is none."""

    comparison: Comparison
    factor: float
    offset: float
    unit: Unit | None
    text: str

    def of(self, key: str, unit: Unit, endpoint: str | None) -> RelativeObjective:
        """The objective that this limit sets for one key, whose numbers have that unit."""
        return RelativeObjective(key, self.comparison, self.factor, self.offset, unit, self.text, endpoint)


def is_relative(text: str) -> bool:
    """Whether a limit means the baseline, well written or not."""
    return _WORD in text.lower()


def parse_relative(text: str) -> RelativeLimit:
    """The limit that such a text says, kept as written (outer blanks aside); ValueError."""
    match = _RELATIVE.fullmatch(text)
    if match is None:
        raise ValueError(f"not {RELATIVE_FORM}")
    factor = float(match[2]) if match[2] else 1.0
    offset, unit = _amount(match[3]) if match[3] else (0.0, None)
    return RelativeLimit(Comparison(match[1]), factor, offset, unit, text.strip())


def _amount(text: str) -> tuple[float, Unit]:
    share = _SHARE.fullmatch(text)
    if share is not None:
        return float(share[1]) / 100, Unit.SHARE
    try:
        return parse_duration(text), Unit.SECONDS
    except ValueError:
        raise ValueError(f"not {RELATIVE_FORM}") from None
