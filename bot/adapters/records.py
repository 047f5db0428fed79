"""Run records as JSON, and the digests that promotions carry.

Both digests can be checked by hand from run.json alone, because they are taken over the parsed document and not over
its bytes. The evidence (as in the ledger, the tag and `verdict.evidence_sha256`):

    import hashlib, json, pathlib
    evidence = json.loads(pathlib.Path("run.json").read_text())["evidence"]
    text = json.dumps(evidence, sort_keys=True, separators=(",", ":"))
    print(hashlib.sha256(text.encode()).hexdigest())

The objectives and what counts as history (`verdict.objectives_sha256`), with these in place of the second line:

    plan = json.loads(pathlib.Path("run.json").read_text())["plan"]
    evidence = [{key: each[key] for key in ("name", "objectives", "relative")} for each in plan["scenarios"]]
    evidence = {"scenarios": evidence, "baseline": plan["baseline"]}
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from bot.core.evidence import Evidence
from bot.core.loadplan import LoadPlan
from bot.core.reasons import Reason
from bot.core.record import SCHEMA_VERSION, RunRecord
from bot.errors import BotError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

# (name, value) pairs that are an object in the document, because people and jq read them by name.
_PAIRS: Final = ("timings", "versions")
# Beyond this a whole float has no exact integer text of its own.
_EXACT: Final = 2.0**53
_SHOWN: Final = 3


class Sha256Digests:
    """The two digests of a verdict."""

    def evidence(self, evidence: Evidence) -> str:
        """See `evidence_sha256`."""
        return evidence_sha256(evidence)

    def objectives(self, plan: LoadPlan) -> str:
        """See `objectives_sha256`."""
        return objectives_sha256(plan)


def evidence_sha256(evidence: Evidence) -> str:
    """SHA-256 (hex) over the canonical JSON of the evidence; see the module on how to check it from run.json."""
    return _digest(to_json(evidence))


def objectives_sha256(plan: LoadPlan) -> str:
    """SHA-256 (hex) over the canonical JSON of every scenario's objectives, in order, and of what counts as history."""
    keys = ("name", "objectives", "relative")
    scenarios = [{key: to_json(getattr(each, key)) for key in keys} for each in plan.scenarios]
    return _digest({"scenarios": scenarios, "baseline": to_json(plan.baseline)})


def encode(record: RunRecord) -> bytes:
    """The document of run.json: one top-level key a line, `schema_version` first, plain ASCII.

    Raises:
        BotError: a number that must be one is NaN or infinite, so that the document could not be read again.
    """
    whole = document(record)
    # Commits hold no number that could be NaN, and there may be tens of thousands: the rest is read back as a proof.
    decode(_one_key_a_line({**whole, "candidate": None}), source=f"run {record.run_id}")
    return _one_key_a_line(whole)


def document(record: RunRecord) -> dict[str, Any]:
    """The record as the JSON document of run.json."""
    whole: dict[str, Any] = to_json(record)
    for key in _PAIRS:
        whole[key] = _as_object(whole[key])
    return whole


def decode(text: bytes, *, source: str) -> RunRecord:
    """Read run.json strictly; `source` names it in errors.

    Raises:
        BotError: STATE_UNUSABLE: it is damaged, or written by a newer version.
    """
    whole = _parse(text, source)
    version = whole.get("schema_version")
    if isinstance(version, int) and version > SCHEMA_VERSION:
        sentence = f"{source} has schema version {version}; this version of the bot reads up to {SCHEMA_VERSION}."
        raise BotError(Reason.STATE_UNUSABLE, sentence, "Upgrade promotion-bot to read this run.")
    for key in _PAIRS:
        if isinstance(whole.get(key), dict):
            whole[key] = [[name, value] for name, value in whole[key].items()]
    if isinstance(whole.get("evidence"), dict):
        # Written before evidence had a version: the first one.
        whole["evidence"] = {"schema": 1} | whole["evidence"]
    return _validate(whole, source)


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


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _one_key_a_line(whole: dict[str, Any]) -> bytes:
    lines = (f"  {json.dumps(key)}: {json.dumps(value, allow_nan=False)}" for key, value in whole.items())
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("ascii")


def _parse(text: bytes, source: str) -> dict[str, Any]:
    try:
        whole = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise _damaged(source, "it is not a JSON document") from error
    if not isinstance(whole, dict):
        raise _damaged(source, "it is not a JSON object")
    return whole


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _validate(whole: dict[str, Any], source: str) -> RunRecord:
    from pydantic import ValidationError  # noqa: PLC0415 - imported only where a record is read

    try:
        return _adapter().validate_json(json.dumps(whole), strict=True, extra="forbid")
    except ValidationError as error:
        problems = [f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors()]
        raise _damaged(source, "; ".join(problems[:_SHOWN])) from None


@cache
def _adapter() -> "TypeAdapter[RunRecord]":
    from pydantic import TypeAdapter  # noqa: PLC0415 - imported only where a record is read

    return TypeAdapter(RunRecord)


def _damaged(source: str, why: str) -> BotError:
    return BotError(
        Reason.STATE_UNUSABLE,
        f"{source} is damaged: {why}.",
        "Restore the file, or move its folder away; promotions are kept in the ledger.",
    )
