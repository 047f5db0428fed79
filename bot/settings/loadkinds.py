"""The kinds of values that say what load is sent, and by whom."""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, Final

from bot.core import units
from bot.settings.kinds import number, text, text_of
from bot.settings.leaf import Leaf
from bot.settings.options import check_options
from bot.settings.words import quote, wrong_type

_MOST_RATES: Final = 1000
_FEWEST_RATES: Final = 2
_USER_CLASS: Final = "user_class_name"
_WEIGHT: Final = number(0, 1_000_000, "weight")


def share(high: str, low: str = "") -> Leaf:
    """A percentage above 0 % (or from `low` on) and up to `high`; once read a share, with 1.0 for 100 %."""
    most, least = units.parse_share(high), units.parse_share(low) if low else 0.0

    def check(words: str) -> float:
        try:
            found = units.parse_share(words)
        except ValueError:
            raise ValueError(f"{quote(words)} is not a percentage") from None
        if not (0 < found <= most and found >= least):
            raise ValueError(f"{quote(words)} is out of range")
        return found

    between = f"from {low} to {high}" if low else f"above 0% and up to {high}"
    allowed = f'a percentage {between}, such as "{low or "50%"}"'
    return text(check, allowed, pattern=r"^[0-9]+(\.[0-9]+)?%$", dump=units.exact_share)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise wrong_type(value, "true or false")
    return value


def _listed(value: Any, parse: Callable[[Any], Any]) -> tuple[Any, ...]:
    """Every entry of a list once read; ValueError naming the first that is wrong, counted from 1."""
    if not isinstance(value, list):
        raise wrong_type(value, "a list")
    return tuple(_entry(place, each, parse) for place, each in enumerate(value, 1))


def _entry(place: int, value: Any, parse: Callable[[Any], Any]) -> Any:
    try:
        return parse(value)
    except ValueError as error:
        raise ValueError(f"entry {place} {error}") from None


def _rates(value: Any) -> tuple[float, ...]:
    found = _listed(value, RATE.parse)
    if not _FEWEST_RATES <= len(found) <= _MOST_RATES:
        raise ValueError("has too few entries" if len(found) < _FEWEST_RATES else "has too many entries")
    return found


def _weight(task: str, value: Any) -> float:
    try:
        return float(_WEIGHT.parse(value))
    except ValueError as error:
        raise ValueError(f"gives {quote(task)} a weight that {error}") from None


def _mix(value: Any) -> dict[str, float]:
    if not isinstance(value, dict):
        raise wrong_type(value, "a table")
    if not value:
        raise ValueError("is empty")
    return {text_of(task): _weight(task, each) for task, each in value.items()}


def _tags(value: Any) -> tuple[str, ...]:
    found = _listed(value, text_of)
    if len(set(found)) < len(found):
        raise ValueError("names a tag twice")
    return found


def _user(value: Any) -> dict[str, Any]:
    table = check_options(value)
    if _USER_CLASS not in table:
        raise ValueError(f"has no {_USER_CLASS}")
    try:
        text_of(table[_USER_CLASS])
    except ValueError as error:
        raise ValueError(f"has a {_USER_CLASS} that {error}") from None
    return table


def _users(value: Any) -> tuple[dict[str, Any], ...]:
    found = _listed(value, _user)
    if len({each[_USER_CLASS] for each in found}) < len(found):
        raise ValueError("names a user class twice")
    return found


def _address(words: str) -> str:
    try:
        return str(ip_address(words))
    except ValueError:
        raise ValueError(f"{quote(words)} is not an IP address") from None


def _array(items: dict[str, Any], **bounds: int) -> dict[str, Any]:
    return {"type": "array", "items": items, **bounds}


RATE: Final = number(0, 1_000_000, "arrivals per second")
RATES: Final = Leaf(
    _rates,
    f"a list of {_FEWEST_RATES} to {_MOST_RATES} rates, each {RATE.allowed}",
    _array(dict(RATE.schema), minItems=_FEWEST_RATES, maxItems=_MOST_RATES),
    lambda rates: [RATE.dump(each) for each in rates],
)
FLAG: Final = Leaf(_flag, "true or false", {"type": "boolean"})
MIX: Final = Leaf(
    _mix,
    f"names of tasks of the load file, each with a {_WEIGHT.allowed}",
    {"type": "object", "minProperties": 1, "additionalProperties": dict(_WEIGHT.schema)},
    lambda mix: {task: _WEIGHT.dump(weight) for task, weight in mix.items()},
)
TAGS: Final = Leaf(
    _tags,
    "tags of the load file, each once",
    {**_array({"type": "string", "minLength": 1}), "uniqueItems": True},
    list,
)
CONFIG_USERS: Final = Leaf(
    _users,
    f"tables with the key {_USER_CLASS}, each class once, and whatever Locust's --config-users takes",
    _array({"type": "object", "required": [_USER_CLASS], "properties": {_USER_CLASS: {"type": "string"}}}),
    list,
)
ADDRESS: Final = text(_address, 'an IP address of this machine, such as "127.0.0.1" or "0.0.0.0"')
