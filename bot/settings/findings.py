"""Findings: what is wrong at one place of the document, before it becomes a Problem for people."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from bot.errors import Problem
from bot.settings.leaf import Document
from bot.settings.words import printable, quote

Loc = tuple[str | int, ...]

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,60}")
_NICE_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong at a place, and what is allowed there; `loc` holds the keys and list positions down to it."""

    loc: Loc
    wrong: str
    allowed: str


def value_at(document: Any, loc: Loc) -> Any:
    """What the document holds at that place, None where it holds nothing."""
    value = document
    for step in loc:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def entries(document: Document, section: str) -> Iterator[tuple[Loc, dict[str, Any]]]:
    """Place and content of every table in a list of tables; whatever is none is left out."""
    listed = document.get(section)
    for number, entry in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(entry, dict):
            yield (section, number), entry


def key_path(document: Document, loc: Loc) -> str:
    """The place for people, such as `scenario "soak".slo."GET /".p95`; entries without a good name by number."""
    path = ""
    for depth, step in enumerate(loc):
        if isinstance(step, int):
            path += _entry(document, loc[: depth + 1])
        else:
            shown = step if _BARE_KEY.fullmatch(step) else quote(step)
            path += f".{shown}" if path else shown
    return path or "(file)"


def _entry(document: Document, loc: Loc) -> str:
    entries = value_at(document, loc[:-1])
    names = [each.get("name") if isinstance(each, dict) else None for each in entries]
    name = value_at(document, (*loc, "name"))
    unique = isinstance(name, str) and names.count(name) == 1 and _NICE_NAME.fullmatch(name) is not None
    return f" {quote(name)}" if unique else f"[{loc[-1]}]"


def to_problems(document: Document, findings: Iterable[Finding]) -> tuple[Problem, ...]:
    """One problem a place, in the order of the file's sections and their entries."""
    first: dict[Loc, Finding] = {}
    for finding in findings:
        first.setdefault(finding.loc, finding)
    return tuple(
        Problem(key_path(document, each.loc), printable(each.wrong), each.allowed)
        for each in sorted(first.values(), key=lambda each: _rank(document, each.loc))
    )


def _rank(document: Document, loc: Loc) -> tuple[int, int]:
    """The section's place in the file (missing ones last), and the entry's place in a list."""
    keys: Iterator[str] = iter(document)
    section = next((place for place, key in enumerate(keys) if loc and key == loc[0]), len(document))
    entry = next((step for step in loc if isinstance(step, int)), -1)
    return section, entry
