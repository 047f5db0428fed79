"""The objectives that a scenario may have, each with the only kind of limit that makes sense for it."""

from dataclasses import dataclass
from typing import Final

from bot.core import units
from bot.core.limits import Comparison, Limit, Unit
from bot.settings.kinds import text
from bot.settings.leaf import Leaf
from bot.settings.words import quote

_UPPER: Final = (Comparison.BELOW, Comparison.AT_MOST)
_LOWER: Final = (Comparison.AT_LEAST, Comparison.ABOVE)
_WORDS: Final = {Unit.SHARE: "a percentage", Unit.SECONDS: "a duration"}
# How the number looks in the file, for editors that check while one types.
_AMOUNT_PATTERN: Final = {Unit.SHARE: r"[0-9]+(\.[0-9]+)?%", Unit.SECONDS: r"[0-9][0-9.dhmsu]*"}


@dataclass(frozen=True, slots=True)
class Rule:
    """What a limit of one objective must look like; `most` is in seconds or a share, above it nothing can lie."""

    unit: Unit
    comparisons: tuple[Comparison, Comparison]
    most: float
    example: str

    @property
    def allowed(self) -> str:
        """The rule in words."""
        most = units.format_share(self.most) if self.unit is Unit.SHARE else units.format_duration(self.most)
        return f'{" or ".join(self.comparisons)} and {_WORDS[self.unit]} up to {most}, such as "{self.example}"'

    def check(self, words: str) -> Limit:
        """The limit; ValueError when it is none, or its unit, direction or number makes no sense here."""
        try:
            found = units.parse_limit(words)
        except ValueError:
            raise ValueError(f"{quote(words)} is not a limit") from None
        if found.unit is not self.unit:
            raise ValueError(f"{quote(words)} has the wrong unit: this objective wants {_WORDS[self.unit]}")
        if found.comparison not in self.comparisons:
            better = "smaller" if self.comparisons == _UPPER else "larger"
            raise ValueError(f"{quote(words)} points the wrong way: {better} is better here")
        if found.value > self.most or _impossible(found):
            raise ValueError(f"{quote(words)} is out of range")
        return found


def _impossible(limit: Limit) -> bool:
    """Whether nothing that can be measured satisfies the limit, or everything does."""
    match limit.comparison:
        case Comparison.ABOVE:
            return limit.value >= 1
        case Comparison.AT_MOST if limit.unit is Unit.SHARE:
            return False
        case _:
            return limit.value == 0


def _leaf(rule: Rule) -> Leaf:
    sign = "<" if rule.comparisons == _UPPER else ">"
    pattern = rf"^\s*{sign}=?\s*{_AMOUNT_PATTERN[rule.unit]}\s*$"
    return text(rule.check, rule.allowed, pattern=pattern, dump=lambda limit: limit.text)


def _latency(example: str) -> Leaf:
    return _leaf(Rule(Unit.SECONDS, _UPPER, 3600.0, example))


ERROR_RATE: Final = _leaf(Rule(Unit.SHARE, _UPPER, 1.0, "< 2%"))
P50: Final = _latency("< 200ms")
P90: Final = _latency("< 1s")
P95: Final = _latency("< 1.5s")
P99: Final = _latency("< 3s")
P99_9: Final = _latency("< 5s")
MEMORY_GROWTH: Final = _leaf(Rule(Unit.SHARE, _UPPER, 100.0, "< 10%"))
CPU: Final = _leaf(Rule(Unit.SHARE, _UPPER, 100.0, "< 70%"))
RATE: Final = _leaf(Rule(Unit.SHARE, _LOWER, 1.0, ">= 99%"))
