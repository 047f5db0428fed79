"""Hidden marks in texts on GitHub by which the bot finds its own again: comments that no page shows."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

_SAFE: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./")
_MARKER: Final = re.compile(r"<!-- promote:([a-z]+)((?: [a-z]+=[A-Za-z0-9_./%]*)*) -->")


def marker(name: str, **fields: str) -> str:
    """`<!-- promote:name field=value … -->`; no value can end the comment: only plain letters are left."""
    said = "".join(f" {field}={encoded(value)}" for field, value in fields.items())
    return f"<!-- promote:{name}{said} -->"


def starts_with(text: str | None, mark: str) -> bool:
    """Whether a text is one of ours: its very first words are the mark, whatever may be quoted further down."""
    return (text or "").lstrip().startswith(mark)


def marked(text: str | None, name: str) -> Mapping[str, str] | None:
    """The fields of the mark of that name among those a text starts with, still encoded; None where there is none."""
    rest = (text or "").lstrip()
    while found := _MARKER.match(rest):
        if found[1] == name:
            return dict(pair.split("=", 1) for pair in found[2].split())
        rest = rest[found.end() :].lstrip()
    return None


def encoded(value: str) -> str:
    """A value as it stands in a mark."""
    return "".join(chr(byte) if byte in _SAFE else f"%{byte:02X}" for byte in value.encode(errors="replace"))


def decoded(value: str) -> str:
    """A value as it was before it was encoded; people may have edited it, so it is foreign text."""
    return unquote(value, errors="replace")
