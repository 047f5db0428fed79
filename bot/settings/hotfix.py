"""How a hotfix is shipped: what its expedited gate measures, and what its notes are called."""

from collections.abc import Iterator
from typing import Annotated, Any, Final

from pydantic import Field

from bot.settings import kinds
from bot.settings.findings import Finding, entries
from bot.settings.leaf import Document, Leaf
from bot.settings.table import Table
from bot.settings.words import listing, quote, suggestion, wrong_type


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise wrong_type(value, "a list")
    if not value:
        raise ValueError("is empty: nothing would be measured")
    names = tuple(map(kinds.text_of, value))
    if len(set(names)) < len(names):
        raise ValueError("names a scenario twice")
    return names


_SCENARIOS: Final = Leaf(
    _names,
    "names of configured scenarios, each once",
    {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1, "uniqueItems": True},
    list,
)


class Hotfix(Table):
    """How `promote hotfix` ships a branch straight to the target."""

    scenarios: Annotated[tuple[str, ...] | None, _SCENARIOS] = Field(
        None,
        description="What a hotfix is measured by before it is shipped. Without it: every scenario of kind load, and "
        "no soak.",
        examples=[["load-1k"]],
    )
    title: Annotated[str, kinds.TITLE] = Field(
        "Hotfix Release: {date}", description="The title of its release notes and tag.", examples=["Hotfix {tag}"]
    )


def unknown_scenarios(document: Document) -> Iterator[Finding]:
    """Every name of the hotfix gate that no scenario has."""
    table = document.get("hotfix")
    named = table.get("scenarios") if isinstance(table, dict) else None
    known = [name for _, entry in entries(document, "scenario") if isinstance(name := entry.get("name"), str)]
    for place, name in enumerate(named if isinstance(named, list) else []):
        if isinstance(name, str) and name.strip() and name not in known:
            wrong = f"{quote(name)} is not configured{suggestion(name, known)}"
            yield Finding(("hotfix", "scenarios", place), wrong, listing(known))
