"""git's own words made fit for people: no terminal control, no secret, and the one line that tells most."""

import re
from typing import Final

from bot.core.text import plain

_LONGEST_LINE: Final = 300
_MOST_LINES: Final = 100

_SECRETS: Final = (
    (re.compile(r"(\w+://)[^/\s@]+@"), r"\1***@"),
    (re.compile(r"(?i)((?:authorization|private-token|job-token)\s*[:=]\s*)[^\r\n]+"), r"\1***"),
    (re.compile(r"(?i)([?&;](?:[\w-]*token|password|secret|key|sig(?:nature)?)=)[^&;\s'\"]+"), r"\1***"),
    (re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-)[A-Za-z0-9_-]+"), "***"),
)

# These follow the line that says what happened.
_EMPTY_PHRASES: Final = (
    "could not read from remote repository",
    "please make sure you have the correct access rights",
    "and the repository exists",
    "the remote end hung up",
    "failed to push some refs",
)
_ORDER: Final = ("fatal:", "error:", "ssh:", "remote:")


def redact(text: str) -> str:
    """The text without credentials in addresses, headers, query strings and well-known token forms."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def clean_lines(text: str) -> tuple[str, ...]:
    """The first and last hundred lines, each printable, redacted and of bounded length, empty ones left out."""
    found = re.split(r"[\r\n]+", text)
    if len(found) > 2 * _MOST_LINES:
        found = [*found[:_MOST_LINES], *found[-_MOST_LINES:]]
    lines = (plain(redact(line), _LONGEST_LINE) for line in found)
    return tuple(line for line in lines if line)


def telling_line(text: str) -> str:
    """The line of git's stderr that says what went wrong; empty when it said nothing."""
    lines = [line for line in clean_lines(text) if not line.startswith(("hint:", "warning:"))]
    telling = [line for line in lines if not any(phrase in line.lower() for phrase in _EMPTY_PHRASES)]
    for start in _ORDER:
        for line in telling:
            if line.startswith(start):
                return line
    return (telling or lines or [""])[-1]
