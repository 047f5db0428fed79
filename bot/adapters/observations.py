"""The lines of a scenario's ndjson file, sorted by kind, with whatever cannot be believed left out and counted."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bot.adapters.tail import as_object

Line = dict[str, Any]

_KINDS: Final = frozenset(
    {
        "start",
        "second",
        "user-error",
        "refused",
        "end",
        "resource",
        "probe",
        "probe-cost",
        "deployed",
        "ended-by-bot",
        "health",
        "extended",
        "aborted",
        "worker",
    }
)
_MOST: Final = 2**53


@dataclass(slots=True)
class Observations:
    """Lines by kind in the order of the file; `broken` lines were no such thing, `cut` is whether the last one is."""

    lines: dict[str, list[Line]] = field(default_factory=lambda: {kind: [] for kind in _KINDS})
    broken: int = 0
    cut: bool = False


def read_observations(path: Path) -> Observations:
    """Sort every line; OSError when the file cannot be read. Kinds that are not known are passed over."""
    found = Observations()
    with path.open("rb") as file:
        for raw in file:
            if not raw.strip():
                continue
            if not raw.endswith(b"\n"):
                found.cut = True
                break
            _sort(found, raw)
    return found


def _sort(found: Observations, raw: bytes) -> None:
    line = as_object(raw)
    if line is None or not isinstance(line.get("kind"), str) or number(line.get("t")) is None:
        found.broken += 1
    elif line["kind"] in _KINDS:
        found.lines[line["kind"]].append(line)


def number(value: Any) -> float | None:
    """That value as a finite float, None when it is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_MOST <= value <= _MOST:
        return None
    return float(value) if math.isfinite(value) else None


def whole(value: Any) -> int | None:
    """That value as a count, None when it is none."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
        return None
    return value


def words(value: Any) -> str:
    """That value when it is text, else nothing."""
    return value if isinstance(value, str) else ""
