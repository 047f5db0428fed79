"""The last words of the load process in locust.log."""

import os
import re
from pathlib import Path
from typing import Final

from bot.adapters.locust_child import HEADING

_TAIL: Final = 64 * 1024
_LINES: Final = 3
_ANY_HEADING: Final = "\n" + HEADING.partition("{")[0]
# What goes on as it should is no cause: a load that was killed says nothing, and its last ordinary line would look like
# the reason.
_ORDINARY: Final = re.compile(r"\S+ \S+ (?:INFO|DEBUG) ")


def last_words(log: Path, scenario: str) -> str:
    """The last lines under that scenario's heading that tell of trouble; empty when there is none near the end."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
            text = file.read(_TAIL).decode("utf-8", "replace")
    except OSError:
        return ""
    _, heading, own = text.rpartition(HEADING.format(scenario) + "\n")
    if not heading and _ANY_HEADING in text:
        return ""
    said = (line.strip() for line in own.partition(_ANY_HEADING)[0].splitlines())
    lines = [line for line in said if line and not _ORDINARY.match(line)]
    return " | ".join(lines[-_LINES:])
