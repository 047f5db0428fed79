"""A push plan as a document and back: what the journal needs so that another process can send the same bytes."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bot.core.promotion import Prepared, PushPlan


def plan_document(plan: PushPlan) -> dict[str, Any]:
    """The whole plan as plain values."""
    return asdict(plan)


def plan_from(document: Any) -> PushPlan:
    """The plan of such a document, equal to the one it was made from; ValueError when it is none."""
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - heavy, and only a crash needs it

    try:
        return TypeAdapter(PushPlan).validate_json(json.dumps(document), strict=True, extra="forbid")
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"it is no push plan: {where or 'the document'}: {first['msg']}") from None


def prepared_document(prepared: Prepared) -> dict[str, Any]:
    """A plan with the ids of the objects that were made for it."""
    made = {"tag_oid": prepared.tag_oid, "ledger_oid": prepared.ledger_oid}
    return {"plan": plan_document(prepared.plan), **made}


def prepared_from(document: Mapping[str, Any]) -> Prepared:
    """What that document holds, whatever else stands in it; ValueError when it is none."""
    ids = (document.get("tag_oid"), document.get("ledger_oid"))
    if not all(oid is None or isinstance(oid, str) for oid in ids):
        raise ValueError("an object id is no text")
    plan = plan_from(document.get("plan"))
    if (plan.tag is None) != (ids[0] is None) or plan.has_ledger != (ids[1] is not None):
        raise ValueError("the ids of its objects are missing")
    return Prepared(plan, *ids)
