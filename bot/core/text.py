"""Hostile text made harmless for one line of words: names and errors that came from a server or a locustfile."""

import unicodedata
from typing import Final

LONGEST: Final = 120

# Control, format (direction marks, zero-width), surrogate, private and unassigned characters, line and paragraph ends.
_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def plain(text: str, longest: int = LONGEST) -> str:
    """One printable line of at most `longest` characters: unprintable ones become spaces, runs of space become one.

    Markup is left as it is: escaping belongs to each renderer.
    """
    # Only the beginning can survive the cut; a megabyte of error text must not cost a megabyte of work.
    beginning = text[: longest * 8]
    printable = "".join(" " if unicodedata.category(sign) in _UNPRINTABLE else sign for sign in beginning)
    line = " ".join(printable.split())
    return line if len(line) <= longest else line[: max(0, longest - 1)].rstrip() + "…"
