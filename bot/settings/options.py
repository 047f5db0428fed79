"""The free table `options` of a scenario: anything that survives the way to the load process as JSON."""

import math
from datetime import date, time
from typing import Any, Final

from bot.settings.words import quote, toml_type, wrong_type

_DEEPEST: Final = 16
_LARGEST: Final = 2**63


def check_options(value: Any) -> dict[str, Any]:
    """The table itself; ValueError naming the first value that JSON could not carry."""
    if not isinstance(value, dict):
        raise wrong_type(value, "a table")
    pending: list[tuple[str, Any, int]] = [(key, each, 1) for key, each in value.items()]
    while pending:
        name, each, depth = pending.pop()
        if depth > _DEEPEST:
            raise ValueError(f"is nested deeper than {_DEEPEST} levels")
        pending += [(name, item, depth + 1) for item in _inside(each)]
        _check_plain(name, each)
    return value


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _check_plain(name: str, value: Any) -> None:
    if isinstance(value, date | time):
        raise ValueError(f"holds {toml_type(value)} under {quote(name)}, which JSON does not have")  # noqa: TRY004 - see wrong_type
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"holds a number that is not finite under {quote(name)}")
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        raise ValueError(f"holds a number beyond 64 bits under {quote(name)}")
