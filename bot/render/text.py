"""The door through which foreign text enters a report: one line, no control characters, bounded (invariant I21)."""

from typing import Final

from bot.core.text import short
from bot.render.escape import plain

__all__ = ["NAME", "SENTENCE", "SUBJECT", "line", "short"]

SUBJECT: Final = 120
NAME: Final = 60
SENTENCE: Final = 400


def line(text: str, longest: int = SENTENCE) -> str:
    """The text as one plain line of at most that many characters; every renderer escapes its own markup on top."""
    return plain(text, limit=longest)
