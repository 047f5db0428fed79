"""A push plan as a document and back: what the journal needs so that another process can send the same bytes."""

import json
from dataclasses import asdict
from typing import Any

from bot.core.promotion import PushPlan


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
