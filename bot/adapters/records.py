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
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from bot.core.document import COMMIT_TIMES, PAIRS, commits, document, to_json
from bot.core.evidence import Evidence
from bot.core.loadplan import LoadPlan
from bot.core.moments import parse_iso
from bot.core.reasons import Reason
from bot.core.record import SCHEMA_VERSION, RunRecord
from bot.errors import BotError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_SHOWN: Final = 3
# What a push may do without.
_OPTIONAL: Final = ("tag", "tag_oid", "ledger_oid")


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


def decode(text: bytes, *, source: str) -> RunRecord:
    """Read run.json strictly, also one of an earlier version; `source` names it in errors.

    Raises:
        BotError: STATE_UNUSABLE: it is damaged, or written by a newer version.
    """
    whole = _parse(text, source)
    version = whole.get("schema_version")
    if isinstance(version, int) and version > SCHEMA_VERSION:
        sentence = f"{source} has schema version {version}; this version of the bot reads up to {SCHEMA_VERSION}."
        raise BotError(Reason.STATE_UNUSABLE, sentence, "Upgrade promotion-bot to read this run.")
    for key in PAIRS:
        if isinstance(whole.get(key), dict):
            whole[key] = [[name, value] for name, value in whole[key].items()]
    if isinstance(whole.get("evidence"), dict):
        # Written before evidence had a version: the first one.
        whole["evidence"] = {"schema": 1} | whole["evidence"]
    for commit in commits(whole):
        _read_times(commit, source)
    if version == 1:
        _upgrade(whole)
    return _validate(whole, source)


def _upgrade(whole: dict[str, Any]) -> None:
    """Version 1 had seconds for the times of commits, as the record has, and empty texts for what no push wrote."""
    promotion = whole.get("promotion")
    if isinstance(promotion, dict):
        whole["promotion"] = promotion | {name: promotion[name] or None for name in _OPTIONAL if name in promotion}
    whole["schema_version"] = SCHEMA_VERSION


def _read_times(commit: dict[str, Any], source: str) -> None:
    for key in COMMIT_TIMES:
        told = commit.get(key)
        if isinstance(told, str):
            try:
                commit[key] = int(parse_iso(told).timestamp())
            except ValueError as error:
                raise _damaged(source, f"{key} of a commit is no time") from error


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
