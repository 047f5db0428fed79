"""The first configuration of a repository: the starter file with some of its values filled in, comments and all."""

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Final

from bot.settings import toml

Place = tuple[str, str]

_HEADING: Final = re.compile(r"\[+([A-Za-z.]+)\]+\s*(?:#.*)?").fullmatch
# A value of the starter holds no `#`, so that the first one begins the comment.
_VALUE: Final = re.compile(r"([a-z_]+) = ([^#]*?)(\s*#.*)?").fullmatch


def starter() -> str:
    """The file as it ships."""
    return files("bot.settings").joinpath("starter.toml").read_text("utf-8")


def filled_in(values: Mapping[Place, str], more: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """The file with other values at (table, key), and with `more` tables at its end.

    Raises:
        KeyError: the file has no such key.
    """
    missing = dict(values)
    lines = [_line(*placed, missing) for placed in _placed(starter().splitlines())]
    if missing:
        raise KeyError(*missing)
    return "\n".join(lines) + "\n" + (f"\n{toml.dumps(more)}" if more else "")


def _placed(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Every line with the table that it stands in."""
    table = ""
    for line in lines:
        found = _HEADING(line)
        table = found[1] if found else table
        yield table, line


def _line(table: str, line: str, missing: dict[Place, str]) -> str:
    found = _VALUE(line)
    value = missing.pop((table, found[1]), None) if found else None
    if found is None or value is None:
        return line
    text, comment = f"{found[1]} = {toml.inline(value)}", (found[3] or "").lstrip()
    width = len(line) - len(comment)
    return f"{text:<{width}}{'' if len(text) < width else ' '}{comment}".rstrip()
