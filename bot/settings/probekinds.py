"""The kinds of values that say where memory and CPU of the service come from."""

import re
from collections.abc import Callable
from typing import Any, Final

from bot.settings import addresses
from bot.settings.kinds import check_path, duration, number, text, text_of, whole
from bot.settings.leaf import Leaf
from bot.settings.words import quote, wrong_type

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_LABEL: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,127}")
_MOST_PAGES: Final = 50
_MOST_ARGUMENTS: Final = 100
_PAGE: Final = {"type": "string", "minLength": 1, "pattern": "^(/|https?://)"}


def _pages(value: Any) -> tuple[str, ...]:
    entries = _some(value, _MOST_PAGES) if isinstance(value, list) else [value]
    pages = tuple(addresses.check_path_or_url(text_of(each)) for each in entries)
    if len(set(pages)) < len(pages):
        raise ValueError("holds one page twice")
    return pages


def _some(value: list[Any], most: int) -> list[Any]:
    if not value:
        raise ValueError("is empty")
    if len(value) > most:
        raise ValueError("has too many entries")
    return value


def _as_written(pages: tuple[str, ...]) -> str | list[str]:
    return pages[0] if len(pages) == 1 else list(pages)


def _argv(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise wrong_type(value, "a list")
    arguments = tuple(text_of(each) for each in _some(value, _MOST_ARGUMENTS))
    check_path(arguments[0])
    return arguments


def _server(url: str) -> str:
    if "?" in url or "#" in url:
        raise ValueError("has a query or a fragment")
    return addresses.check_path_or_url(url).rstrip("/") or "/"


def _named(form: re.Pattern[str], what: str) -> Callable[[str], str]:
    def check(name: str) -> str:
        if form.fullmatch(name) is None:
            raise ValueError(f"{quote(name)} is not the name of {what}")
        return name

    return check


INTERVAL: Final = duration("100ms", "1h")
CORES: Final = number(0, 4096, "cores")
PID: Final = whole(1, 4_194_304, "a process id")
PAGES: Final = Leaf(
    _pages,
    f"{addresses.PATH_OR_URL_FORM}; or a list of these, one for each process of the service",
    {"anyOf": [_PAGE, {"type": "array", "minItems": 1, "uniqueItems": True, "items": _PAGE}]},
    _as_written,
)
ARGV: Final = Leaf(
    _argv,
    "a list of strings: the program and its arguments, as they are and without a shell",
    {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}},
    list,
)
SERVER: Final = text(
    _server, 'the server\'s base URL, or a path such as "/prometheus" under [staging] url', pattern="^(/|https?://)"
)
PROMQL: Final = text(str, 'PromQL, a plain selector such as name{label="value"}')
LABEL: Final = text(_named(_LABEL, "a label"), "the name of a Prometheus label", pattern=f"^{_LABEL.pattern}$")
VARIABLE: Final = text(
    _named(_VARIABLE, "an environment variable"),
    "the name of an environment variable, never its content",
    pattern=f"^{_VARIABLE.pattern}$",
)
