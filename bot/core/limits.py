"""Limits such as `< 2%` or `<= 250ms`: one comparison, one number in base units, and the words it was written in."""

from dataclasses import dataclass
from enum import StrEnum


class Comparison(StrEnum):
    """The four ways a limit may compare; equality is not one of them."""

    BELOW = "<"
    AT_MOST = "<="
    ABOVE = ">"
    AT_LEAST = ">="


class Unit(StrEnum):
    """What a limit's number counts: seconds, or a share where 1.0 is 100 %."""

    SECONDS = "s"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Limit:
    """`observed <comparison> value` must hold; `value` is in seconds or as a share, `text` as it was written."""

    comparison: Comparison
    value: float
    unit: Unit
    text: str

    def holds(self, observed: float) -> bool:
        """Whether that number satisfies the limit; NaN never does."""
        match self.comparison:
            case Comparison.BELOW:
                return observed < self.value
            case Comparison.AT_MOST:
                return observed <= self.value
            case Comparison.ABOVE:
                return observed > self.value
            case Comparison.AT_LEAST:
                return observed >= self.value

    @property
    def is_upper(self) -> bool:
        """Whether smaller numbers are the good ones."""
        return self.comparison in (Comparison.BELOW, Comparison.AT_MOST)
