"""The objectives that a scenario may have, each with the only kinds of limit that make sense for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from bot.core import units
from bot.core.limits import Comparison, Limit, Unit
from bot.core.quantiles import PERMILLE
from bot.core.relative import RelativeLimit, is_relative, parse_relative
from bot.settings.kinds import text, text_of
from bot.settings.leaf import Leaf
from bot.settings.words import quote

_UPPER: Final = (Comparison.BELOW, Comparison.AT_MOST)
_LOWER: Final = (Comparison.AT_LEAST, Comparison.ABOVE)
_WORDS: Final = {Unit.SHARE: "a percentage", Unit.SECONDS: "a duration"}
# How the number looks in the file, for editors that check while one types.
_AMOUNT_PATTERN: Final = {Unit.SHARE: r"[0-9]+(\.[0-9]+)?%", Unit.SECONDS: r"[0-9][0-9.dhmsu]*"}
_LARGEST_FACTOR: Final = 100.0


class Relative(Enum):
    """How a limit may lean on past nights; where their number may be 0, a factor alone allows nothing."""

    NO = ""
    FREELY = "< 1.2x baseline"
    WITH_ALLOWANCE = "< baseline + 1%"


@dataclass(frozen=True, slots=True)
class Limits:
    """All limits of one objective as the file has them: at most one in numbers, and any relative to past nights."""

    absolute: Limit | None
    relative: tuple[RelativeLimit, ...] = ()

    def written(self) -> str | list[str]:
        """One limit as a string, several as a list."""
        texts = [*([self.absolute.text] if self.absolute else []), *(each.text for each in self.relative)]
        return texts[0] if len(texts) == 1 else texts


@dataclass(frozen=True, slots=True)
class Rule:
    """What a limit of one objective must look like; `most` is in seconds or a share, above it nothing can lie."""

    unit: Unit
    comparisons: tuple[Comparison, Comparison]
    most: float
    example: str
    relative: Relative = Relative.NO

    @property
    def allowed(self) -> str:
        """The rule in words."""
        most = units.format_share(self.most) if self.unit is Unit.SHARE else units.format_duration(self.most)
        words = f'{" or ".join(self.comparisons)} and {_WORDS[self.unit]} up to {most}, such as "{self.example}"'
        if self.relative is Relative.NO:
            return words
        return f'{words}; or relative to past nights, such as "{self.relative.value}"; or a list of both'

    def limits(self, value: Any) -> Limits:
        """The limits of one string or a list of them; ValueError."""
        if not isinstance(value, list) or self.relative is Relative.NO:
            return self._sorted([text_of(value)])
        if not value:
            raise ValueError("is an empty list")
        return self._sorted([text_of(each) for each in value])

    def _sorted(self, texts: list[str]) -> Limits:
        absolute = [self.check(each) for each in texts if not is_relative(each)]
        relative = tuple(self.check_relative(each) for each in texts if is_relative(each))
        if len(absolute) > 1:
            raise ValueError("holds more than one limit that is not relative to past nights; the strictest is enough")
        if len(set(texts)) < len(texts):
            raise ValueError("holds a limit twice")
        return Limits(absolute[0] if absolute else None, relative)

    def check_relative(self, words: str) -> RelativeLimit:
        """The limit relative to past nights; ValueError when it is none, or makes no sense for this objective."""
        if self.relative is Relative.NO:
            raise ValueError(f"{quote(words)} is relative to past nights, of which this objective has none")
        try:
            found = parse_relative(words)
        except ValueError:
            raise ValueError(f"{quote(words)} is not a limit relative to past nights") from None
        for wrong in self._wrong(found):
            raise ValueError(f"{quote(words)} {wrong}")
        return found

    def _wrong(self, found: RelativeLimit) -> Iterator[str]:
        if found.unit not in (None, self.unit):
            yield f"has the wrong unit: this objective wants {_WORDS[self.unit]}"
        if not 1 <= found.factor <= _LARGEST_FACTOR or found.offset > self.most:
            yield "is out of range"
        if self.relative is Relative.WITH_ALLOWANCE and not found.offset:
            yield "allows nothing where the baseline is 0: it needs an allowance"
        if found.factor == 1 and not found.offset:
            yield "lies below every second healthy night: it needs a factor or an allowance"

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
    sign, amount = "<" if rule.comparisons == _UPPER else ">", _AMOUNT_PATTERN[rule.unit]
    if rule.relative is Relative.NO:
        one = text(rule.check, rule.allowed, pattern=rf"^\s*{sign}=?\s*{amount}\s*$").schema
        return Leaf(rule.limits, rule.allowed, one, _written)
    relative = rf"([0-9.]+\s*x\s*)?baseline(\s*\+\s*{amount})?"
    pattern = rf"^\s*{sign}=?\s*({amount}|{relative})\s*$"
    one = text(rule.check, rule.allowed, pattern=pattern).schema
    several = {"type": "array", "items": one, "minItems": 1, "uniqueItems": True}
    return Leaf(rule.limits, rule.allowed, {"oneOf": [one, several]}, _written)


def unit_of(key: str) -> Unit:
    """What the numbers of an objective are: quantiles seconds, all others shares."""
    return Unit.SECONDS if key in PERMILLE else Unit.SHARE


def _written(limits: Limits) -> str | list[str]:
    return limits.written()


def _latency(example: str) -> Leaf:
    return _leaf(Rule(Unit.SECONDS, _UPPER, 3600.0, example, Relative.FREELY))


ERROR_RATE: Final = _leaf(Rule(Unit.SHARE, _UPPER, 1.0, "< 2%", Relative.WITH_ALLOWANCE))
P50: Final = _latency("< 200ms")
P90: Final = _latency("< 1s")
P95: Final = _latency("< 1.5s")
P99: Final = _latency("< 3s")
P99_9: Final = _latency("< 5s")
MEMORY_GROWTH: Final = _leaf(Rule(Unit.SHARE, _UPPER, 100.0, "< 10%", Relative.WITH_ALLOWANCE))
CPU: Final = _leaf(Rule(Unit.SHARE, _UPPER, 100.0, "< 70%", Relative.FREELY))
RATE: Final = _leaf(Rule(Unit.SHARE, _LOWER, 1.0, ">= 99%"))
