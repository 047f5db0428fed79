"""The door through which foreign text enters a report: one line, no control characters, bounded (invariant I21)."""

from typing import Final

from bot.render.escape import plain

SUBJECT: Final = 120
NAME: Final = 60
SENTENCE: Final = 400


def line(text: str, longest: int = SENTENCE) -> str:
    """The text as one plain line of at most that many characters; every renderer escapes its own markup on top."""
    return plain(text, limit=longest)


def short(sha: str) -> str:
    """The first twelve characters of an object id."""
    return line(sha, NAME)[:12]
