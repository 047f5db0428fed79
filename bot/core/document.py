"""The run record as the JSON document of run.json: plain values, in the order of its fields."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from functools import cache
from typing import Any, Final

from bot.core.moments import iso_at
from bot.core.record import RunRecord

# (name, value) pairs that are an object in the document, because people and jq read them by name.
PAIRS: Final = ("timings", "versions")
# Seconds since the epoch in a commit, whose times are only reckoned with; in the document a time is ISO 8601.
COMMIT_TIMES: Final = ("authored_at", "committed_at")
# Beyond this a whole float has no exact integer text of its own.
_EXACT: Final = 2.0**53


def document(record: RunRecord) -> dict[str, Any]:
    """The record as the JSON document of run.json."""
    whole: dict[str, Any] = to_json(record)
    for key in PAIRS:
        whole[key] = _as_object(whole[key])
    for commit in commits(whole):
        commit |= {key: iso_at(commit[key]) for key in COMMIT_TIMES}
    return whole


def commits(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every commit in the document, which may be one that is not sound."""
    conflict = whole.get("conflict")
    sides = [conflict.get(side) for side in ("into", "merged")] if isinstance(conflict, dict) else []
    for holder in (whole.get("candidate"), *sides):
        found = holder.get("commits") if isinstance(holder, dict) else None
        listed = found if isinstance(found, list) else []
        yield from (each for each in listed if isinstance(each, dict))


def to_json(value: Any) -> Any:  # noqa: PLR0911 - one return a kind of value
    """A value as JSON: NaN and infinity become null, whole floats integers, and characters UTF-8 cannot hold `?`."""
    match value:
        case Enum():
            return value.value
        case str():
            return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
        case None | int():  # true and false are ints, too
            return value
        case float():
            return _number(value)
        case tuple() | list():
            return [to_json(each) for each in value]
        case Mapping():
            return {str(key): to_json(each) for key, each in value.items()}
        case datetime() | date() | time():
            return value.isoformat()
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {name: to_json(getattr(value, name)) for name in _field_names(type(value))}
    raise TypeError(f"{type(value).__name__} has no JSON form")


@cache
def _field_names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _number(value: float) -> float | int | None:
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < _EXACT else value


def _as_object(pairs: list[list[Any]]) -> Any:
    """Pairs as an object; names that repeat would be lost there, so those stay pairs."""
    named = {name: value for name, value in pairs}  # noqa: C416 - pairs are lists here
    return named if len(named) == len(pairs) else pairs
