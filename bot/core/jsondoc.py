"""JSON answers of servers: read strictly, and looked up by dotted path; only ValueError is ever raised."""

import json
import math
import re
from collections.abc import Iterable
from typing import Any, Final, NoReturn

_LARGEST: Final = 2.0**63
_MOST_DIGITS: Final = 100
_LONE_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


def load(body: bytes) -> Any:
    """One JSON document from UTF-8 bytes; ValueError when it is none, has a key twice, NaN, or nests too deeply."""
    try:
        text = body.decode("utf-8")
        return json.loads(text, parse_int=_integer, parse_constant=_refuse_constant, object_pairs_hook=_unique)
    except UnicodeDecodeError:
        raise ValueError("the answer is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"the answer is not JSON (line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise ValueError("the JSON of the answer is nested too deeply") from None


def _integer(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError("the JSON of the answer holds a number of absurd length")
    return int(text)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"the JSON of the answer holds {name}, which is not a number")


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    listed = list(pairs)
    found = dict(listed)
    if len(found) != len(listed):
        raise ValueError("the JSON of the answer has a key twice")
    return found


def pick(document: Any, path: str) -> Any:
    """The value at a dotted path such as `process.memory.rss` or `workers.0.rss`; ValueError where there is none."""
    value = document
    for step in path.split("."):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isascii() and step.isdigit() and _index(step) < len(value):
            value = value[_index(step)]
        else:
            raise ValueError(f"the JSON of the answer has nothing at {path}")
    return value


def _index(step: str) -> int:
    # Longer numbers cannot be an index, and Python refuses to read very long ones.
    return int(step) if len(step) < len("1000000000") else 1_000_000_000


def text(key: str, value: Any) -> str:
    """The value of that key as text that can be written; ValueError when it is none.

    Escapes in JSON can smuggle in half characters, which no encoding has.
    """
    if not isinstance(value, str):
        raise ValueError(f"{key} must be text")  # noqa: TRY004 - one error type, see above
    if not value.isascii() and _LONE_SURROGATE.search(value):
        raise ValueError(f"{key} is not valid Unicode")
    return value


def number(document: Any, path: str) -> float:
    """The finite, non-negative number at a dotted path; ValueError when it is anything else."""
    value = pick(document, path)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"the JSON of the answer has no number at {path}")  # noqa: TRY004 - one error type, see above
    if not 0 <= value < _LARGEST or math.isnan(value):
        raise ValueError(f"the number at {path} is out of range")
    return float(value)
