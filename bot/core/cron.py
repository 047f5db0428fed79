"""Cron expressions with numbers as cron means them: 0 and 7 are Sunday, and two restricted day fields mean "either".

Source of the rules: crontab(5) of Vixie cron. A day field that begins with `*` counts as unrestricted, so that both
day fields must match; where neither does, a date matches when one of them does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final

ALLOWED: Final = (
    "five fields: minute 0-59, hour 0-23, day of month 1-31, month 1-12 or JAN-DEC, day of week 0-7 or SUN-SAT "
    "(0 and 7 are Sunday); each is *, a number, a range a-b, */step, a-b/step, or a list of these with commas"
)


class DayRule(Enum):
    """How the two day fields combine."""

    BOTH = "both"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Cron:
    """A parsed expression; `weekdays` counts from Sunday = 0, `text` is the expression as written."""

    text: str
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    day_rule: DayRule

    @property
    def times(self) -> tuple[tuple[int, int], ...]:
        """Every (hour, minute) of a matching date, ascending; never empty."""
        return tuple((hour, minute) for hour in sorted(self.hours) for minute in sorted(self.minutes))

    def matches(self, day: date) -> bool:
        """Whether the expression names that date."""
        if day.month not in self.months:
            return False
        by_day, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return (by_day or by_weekday) if self.day_rule is DayRule.EITHER else (by_day and by_weekday)


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    names: Mapping[str, int]


_MONTHS: Final = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_WEEKDAYS: Final = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
_FIELDS: Final = (
    _Field("minute", 0, 59, {}),
    _Field("hour", 0, 23, {}),
    _Field("day of month", 1, 31, {}),
    _Field("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    _Field("day of week", 0, 7, {name: number for number, name in enumerate(_WEEKDAYS)}),
)
_ITEM: Final = re.compile(r"(?:\*|(?P<first>[0-9]+|[A-Za-z]+)(?:-(?P<last>[0-9]+|[A-Za-z]+))?)(?:/(?P<step>[0-9]+))?")
_LONGEST_MONTH: Final = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}


def parse_cron(text: str) -> Cron:
    """Parse an expression such as `0 2 * * MON-FRI`.

    Raises:
        ValueError: every wrong field at once, and what is allowed.
    """
    words = text.split()
    if len(words) != len(_FIELDS):
        raise ValueError(f"{len(words)} fields instead of 5; allowed: {ALLOWED}")
    values, problems = _parse_fields(words)
    if problems:
        raise ValueError(f"{'; '.join(problems)}; allowed: {ALLOWED}")
    minutes, hours, days, months, weekdays = values
    starred = words[2].startswith("*") or words[4].startswith("*")
    cron = Cron(
        text=" ".join(words),
        minutes=minutes,
        hours=hours,
        days=days,
        months=months,
        weekdays=frozenset(day % 7 for day in weekdays),
        day_rule=DayRule.BOTH if starred else DayRule.EITHER,
    )
    _refuse_impossible(cron)
    return cron


def _parse_fields(words: list[str]) -> tuple[list[frozenset[int]], list[str]]:
    values: list[frozenset[int]] = []
    problems: list[str] = []
    for field, word in zip(_FIELDS, words, strict=True):
        try:
            values.append(frozenset().union(*(_parse_item(field, item) for item in word.split(","))))
        except ValueError as error:
            problems.append(str(error))
    return values, problems


def _parse_item(field: _Field, item: str) -> range:
    match = _ITEM.fullmatch(item)
    if match is None:
        raise ValueError(f"{field.name}: {item!r} is not understood")
    first, last, step = match["first"], match["last"], int(match["step"] or 1)
    if first is not None and last is None and match["step"]:
        raise ValueError(f"{field.name}: {item!r} has a step without a range (write {first}-{field.high}/{step})")
    low = field.low if first is None else _number(field, first)
    high = field.high if first is None else _number(field, last or first)
    if last is not None and high == 0 < low and last.upper() == _WEEKDAYS[0]:
        high = 7  # FRI-SUN: a range that ends on Sunday means 7
    if low > high or step < 1:
        raise ValueError(f"{field.name}: {item!r} is an empty range")
    return range(low, high + 1, step)


def _number(field: _Field, word: str) -> int:
    value = field.names.get(word.upper()) if word.isalpha() else int(word)
    if value is None:
        raise ValueError(f"{field.name}: {word!r} is not a name it knows")
    if not field.low <= value <= field.high:
        raise ValueError(f"{field.name}: {word} is not in {field.low}-{field.high}")
    return value


def _refuse_impossible(cron: Cron) -> None:
    if cron.day_rule is DayRule.EITHER:
        return
    if not any(min(cron.days) <= _LONGEST_MONTH.get(month, 31) for month in cron.months):
        raise ValueError(f"day of month: no month of {cron.text!r} has such a day; allowed: {ALLOWED}")
