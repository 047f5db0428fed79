"""How values of a configuration are spoken of: quoted safely, never a secret, never a control character."""

import re
from collections.abc import Iterable
from datetime import date, time
from difflib import get_close_matches
from typing import Any, Final

_LONGEST: Final = 60
_TOKENS: Final = re.compile(
    r"gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}|glpat-[\w-]{16,}|xox[abeoprs]-[\w-]{8,}"
    r"|AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.|[a-z][a-z0-9+.-]*://[^/\s]*:[^/\s]*@"
)
_TYPES: Final = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number"),
    (str, "a string"),
    (list, "a list"),
    (dict, "a table"),
    ((date, time), "a date or time"),
)


def looks_secret(text: str) -> bool:
    """Whether the text holds the form of a known token, a private key, or a password in a URL."""
    return _TOKENS.search(text) is not None


def printable(text: str) -> str:
    """The text with everything that is not plainly visible escaped, so that no terminal or log can be fooled."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def quote(text: str) -> str:
    """The text between quotation marks, escaped and shortened; hidden altogether when it looks like a secret."""
    if looks_secret(text):
        return "(not shown: it looks like a secret)"
    shown = printable(text[: _LONGEST + 1])
    return f'"{shown}"' if len(shown) <= _LONGEST else f'"{shown[:_LONGEST]}…"'


def toml_type(value: Any) -> str:
    """What TOML calls a value of that type, with its article."""
    return next((words for kind, words in _TYPES if isinstance(value, kind)), "of an unknown type")


def wrong_type(value: Any, wanted: str) -> ValueError:
    """The error of a value whose type is not the wanted one; pydantic gathers ValueError only."""
    return ValueError(f"is {toml_type(value)}, not {wanted}")


def listing(words: Iterable[str]) -> str:
    """The words, separated by commas."""
    return ", ".join(words)


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean "x"?` for the known word nearest to this one, or nothing."""
    near = get_close_matches(word[:_LONGEST], list(known), n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""
