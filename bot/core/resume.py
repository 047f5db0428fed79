"""A promotion plan as a document and back: what the journal needs so that another process can send the same bytes."""

from dataclasses import asdict
from typing import Any, Final

from bot.core.promotion import LedgerEntry, PromotionPlan, TagPlan

# Every other field of plan and entry is text, but for the schema's number.
_OPTIONAL: Final = ("ledger_before", "slot")


def plan_document(plan: PromotionPlan) -> dict[str, Any]:
    """The whole plan as plain values."""
    return asdict(plan)


def plan_from(document: Any) -> PromotionPlan:
    """The plan of such a document, equal to the one it was made from; ValueError when it is none."""
    try:
        tag, entry = dict(document["tag"]), dict(document["entry"])
        flat = {key: value for key, value in document.items() if key not in ("tag", "entry")}
        plan = PromotionPlan(**flat, tag=TagPlan(**tag), entry=LedgerEntry(**entry))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"it is no promotion plan: {error}") from None
    typed = all(_is_typed(key, value) for part in (flat, entry) for key, value in part.items())
    if not (typed and isinstance(tag.pop("at"), int) and all(isinstance(value, str) for value in tag.values())):
        raise ValueError("it is no promotion plan: a value has the wrong type")
    return plan


def _is_typed(key: str, value: object) -> bool:
    if key == "schema":
        return isinstance(value, int)
    return isinstance(value, str) or (key in _OPTIONAL and value is None)
