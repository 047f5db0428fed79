"""The record as JSON, `schema_version` first: the document of run.json, for `--format json`."""

import json
import math
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from bot.core.record import RunRecord

if TYPE_CHECKING:
    from pydantic import TypeAdapter

# (name, value) pairs that the document holds as an object, as the contract says.
_PAIRS: Final = ("timings", "versions")


def render_json(record: RunRecord) -> str:
    """The whole record as indented JSON in the order of its fields; a number that is none becomes null."""
    whole = _sound(_adapter().dump_python(record, mode="json"))
    for key in _PAIRS:
        named = dict(whole[key])
        # Names that repeat would be lost in an object, so those stay pairs.
        whole[key] = named if len(named) == len(whole[key]) else whole[key]
    return json.dumps(whole, indent=2, allow_nan=False) + "\n"


def _sound(value: Any) -> Any:
    match value:
        case dict():
            return {str(key): _sound(one) for key, one in value.items()}
        case list() | tuple():
            return [_sound(one) for one in value]
        case float() if not math.isfinite(value):
            return None
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
    return value


@cache
def _adapter() -> "TypeAdapter[RunRecord]":
    from pydantic import TypeAdapter  # noqa: PLC0415 - a tenth of a second that only this format is worth

    return TypeAdapter(RunRecord)
