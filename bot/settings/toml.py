"""Writing TOML: the few forms that the configuration needs, read back by tomllib to the same values."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}

_FREE: Final = ("options", "mix", "config_users")

Table = Mapping[str, Any]


def dumps(document: Table) -> str:
    """The document as TOML text: plain values first, then tables and lists of tables in their order."""
    return "\n".join(_lines(document, "")).strip() + "\n"


def inline(value: Any) -> str:
    """One value on one line; TypeError for a type that the configuration does not know."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return f'"{"".join(_escape(char) for char in value)}"'
        case Mapping():
            inside = ", ".join(f"{key(name)} = {inline(each)}" for name, each in value.items())
            return f"{{ {inside} }}" if inside else "{}"
        case list() | tuple():
            return f"[{', '.join(inline(each) for each in value)}]"
        case _:
            raise TypeError(f"{type(value).__name__} is no value of the configuration")


def key(name: str) -> str:
    """A key, in quotes where it needs them."""
    return name if _BARE.fullmatch(name) else inline(name)


def _escape(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    return char if char.isprintable() else f"\\U{ord(char):08X}"


def _lines(table: Table, path: str) -> Iterator[str]:
    for name, value in table.items():
        if not _is_section(name, value):
            yield f"{key(name)} = {inline(value)}"
    for name, value in table.items():
        if _is_section(name, value):
            yield from _section(f"{path}{key(name)}", value)


def _is_section(name: str, value: Any) -> bool:
    """Tables and lists of tables have a heading; free tables such as `options` stay on their line."""
    if name in _FREE:
        return False
    if isinstance(value, Mapping):
        return True
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(each, Mapping) for each in value)


def _section(path: str, value: Any) -> Iterator[str]:
    tables, heading = ([value], f"[{path}]") if isinstance(value, Mapping) else (value, f"[[{path}]]")
    for table in tables:
        yield from ("", heading, *_lines(table, f"{path}."))
