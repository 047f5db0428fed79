"""The last words of the load process in locust.log."""

import os
from pathlib import Path
from typing import Final

from bot.adapters.locust_child import HEADING

_TAIL: Final = 64 * 1024
_LINES: Final = 3
_ANY_HEADING: Final = "\n" + HEADING.partition("{")[0]


def last_words(log: Path, scenario: str) -> str:
    """The last lines that were logged under that scenario's heading; empty when there is none near the end."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
            text = file.read(_TAIL).decode("utf-8", "replace")
    except OSError:
        return ""
    _, heading, own = text.rpartition(HEADING.format(scenario) + "\n")
    if not heading and _ANY_HEADING in text:
        return ""
    lines = [line.strip() for line in own.partition(_ANY_HEADING)[0].splitlines() if line.strip()]
    return " | ".join(lines[-_LINES:])
