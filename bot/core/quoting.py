"""Foreign text inside our own sentences: a few harmless characters on one line (invariant I21)."""

import re
from typing import Final

_HARMFUL: Final = re.compile(r"[^A-Za-z0-9 _.+-]")
# A dot may make a link (`www.example.com`); between digits, as in a version or a number, it cannot.
_LINKING_DOT: Final = re.compile(r"(?<![0-9])\.|\.(?![0-9])")


def quote(text: str, limit: int = 60) -> str:
    """Hostile text as plain letters, digits and spaces, at most `limit` characters; all else becomes `?`.

    No control character, markup, mention, closing keyword's `#` or link survives.
    """
    plain = _LINKING_DOT.sub("?", _HARMFUL.sub("?", text[: limit + 1]))
    return plain if len(plain) <= limit else plain[: max(limit - 3, 0)] + "..."
