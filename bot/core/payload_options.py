"""What the options of the bundled load file mean."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import shake_256
from typing import Any, Final

from bot.core.units import parse_size

_DEFAULTS: Final = {"payload": "1KiB", "method": "POST", "path": "/echo", "expect": None}
_ENDPOINT: Final = frozenset({*_DEFAULTS, "weight", "name"})
_ALL: Final = frozenset({*_DEFAULTS, "endpoints"})


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, and what must come back; `weight` is its part of the load, `name` what reports call its path."""

    method: str
    path: str
    body: bytes
    echo: bool
    weight: float = 1.0
    name: str | None = None


def requests_of(given: dict[str, Any]) -> list[Request]:
    """The requests that these options ask for; ValueError names everything that makes no sense."""
    problems = problems_of(given)
    if problems:
        raise ValueError("; ".join(problems))
    common = _common(given)
    return [_request({**_DEFAULTS, **common, **endpoint}) for endpoint in given.get("endpoints", [{}])]


def problems_of(given: dict[str, Any]) -> list[str]:
    """Everything that makes no sense about these options, one sentence each; nothing where requests can be made."""
    problems = [f"payload.py knows no option {name}" for name in sorted(set(given) - _ALL)]
    common = _common(given)
    endpoints = given.get("endpoints", [{}])
    if not isinstance(endpoints, list) or not endpoints:
        problems.append("endpoints must be a list of tables, with at least one")
        endpoints = []
    elif "endpoints" in given and "path" in given:
        problems.append("path must be said in each of the endpoints")
    for number, endpoint in enumerate(endpoints):
        where = f"endpoints[{number}]: " if "endpoints" in given else ""
        problems += [where + problem for problem in _problems(endpoint, common, needs_path="endpoints" in given)]
    return problems


def _common(given: dict[str, Any]) -> dict[str, Any]:
    """What holds for every endpoint that does not say otherwise."""
    return {name: value for name, value in given.items() if name in _DEFAULTS}


def _problems(endpoint: Any, common: dict[str, Any], *, needs_path: bool) -> Iterator[str]:
    if not isinstance(endpoint, dict):
        yield "not a table"
        return
    yield from (f"payload.py knows no {name} of an endpoint" for name in sorted(set(endpoint) - _ENDPOINT))
    if needs_path and "path" not in endpoint:
        yield "path is missing"
    wanted = {**_DEFAULTS, **common, **endpoint}
    for name in ("method", "path"):
        if not _is_text(wanted[name]) or " " in wanted[name]:
            yield f"{name} must be a text without blanks, not {wanted[name]!r}"
    if not _is_text(wanted.get("name", "-")):
        yield f"name must be a text, not {wanted['name']!r}"
    if wanted["expect"] not in (None, "", "echo"):
        yield f'expect must be "echo" or "", not {wanted["expect"]!r}'
    if not _is_weight(wanted.get("weight", 1)):
        yield f"weight must be a number above 0, not {wanted['weight']!r}"
    try:
        _size(wanted["payload"])
    except ValueError as error:
        yield f"payload {wanted['payload']!r} is {error}"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and value.isprintable()


def _is_weight(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf


def _size(value: Any) -> int:
    if isinstance(value, str):
        return parse_size(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("no number of bytes")
    return value


def _request(wanted: dict[str, Any]) -> Request:
    # Bytes that do not compress, and the same ones every night.
    body = shake_256(b"promotion-bot").digest(_size(wanted["payload"]))
    echo, weight = wanted["expect"] == "echo", float(wanted.get("weight", 1))
    return Request(wanted["method"], wanted["path"], body, echo, weight, wanted.get("name"))
