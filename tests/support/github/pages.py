"""Lists in pages, with the `Link` header that leads from one to the next."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from support.github.answers import Answer, Json
from support.github.routing import Ask

_MOST, _USUAL = 100, 30


def paged(ask: Ask, path: str, items: Sequence[Any], wrap: Callable[[list[Any]], Json] | None = None) -> Answer:
    """The page that was asked for; `path` is the list's own address below the API, `wrap` makes an object of it."""
    size = min(_number(ask, "per_page", _USUAL), _MOST)
    page = max(_number(ask, "page", 1), 1)
    last = max(-(-len(items) // size), 1)
    shown = list(items[(page - 1) * size : page * size])
    steps = _steps(page, last)
    link = ", ".join(f'<{ask.hub.api_url}{path}?{_query(ask, number)}>; rel="{rel}"' for rel, number in steps)
    return Answer(200, wrap(shown) if wrap else shown, {"Link": link} if link else {})


def _number(ask: Ask, name: str, usual: int) -> int:
    text = ask.query.get(name, "")
    return int(text) if text.isdecimal() and int(text) else usual


def _steps(page: int, last: int) -> list[tuple[str, int]]:
    steps = []
    if page > 1:
        steps += [("prev", page - 1), ("first", 1)]
    if page < last:
        steps += [("next", page + 1), ("last", last)]
    return steps


def _query(ask: Ask, page: int) -> str:
    return urlencode({**ask.query, "page": page})
