"""Asking GitHub's REST interface and writing there, with answers taken only in the shape that they must have.

PyGithub alone reads a page of HTML as an object without fields, an empty answer as a list with nothing in it, and a 307
as success: each of them would turn "I could not see" into "there is none", and so into a second one.
"""

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from github.Repository import Repository

from bot.adapters.github.client import Client
from bot.adapters.github.failures import Rejected

Item: TypeAlias = dict[str, Any]
PAGE: Final = 100
MOST_PAGES: Final = 10


class UnreadableError(ValueError):
    """An answer that is not what was asked for, whatever its status: it says nothing about the world."""


def find(client: Client, path: str, **parameters: str) -> Item | None:
    """One object below the repository's own path; None where GitHub says that there is none (yet)."""
    return client.find(lambda repository: _object(_exchange(repository, "GET", path, parameters=parameters)[1]))


def listed(
    client: Client, path: str, key: str | None = None, most: int = MOST_PAGES, **parameters: str
) -> Iterator[Item]:
    """Every object of a list, page after page as they are needed, each page a read of its own; at most `most` pages.

    `key` is the field that holds the list where the answer is an object.
    """
    for number in range(1, most + 1):
        numbered = parameters | {"per_page": str(PAGE)} | ({"page": str(number)} if number > 1 else {})
        items, is_last = client.read(_page(path, key, numbered))
        yield from items
        if is_last:
            return


def below(client: Client, path: str) -> list[Item]:
    """Every object of a list that belongs to something which is there: a 404 then says that reads lag behind."""
    try:
        return list(listed(client, path))
    except Rejected as no:
        if no.status != HTTPStatus.NOT_FOUND:
            raise
        return []


def _page(path: str, key: str | None, parameters: Mapping[str, str]) -> Callable[[Repository], tuple[list[Item], bool]]:
    def ask(repository: Repository) -> tuple[list[Item], bool]:
        headers, answer = _exchange(repository, "GET", path, parameters=parameters)
        items = answer if key is None else _object(answer).get(key)
        if not isinstance(items, list):
            raise UnreadableError(f"GitHub answered {path} without a list")
        link = str(headers.get("link", ""))
        return [made(item) for item in items], 'rel="next"' not in link

    return ask


def sent(repository: Repository, verb: str, path: str, body: Mapping[str, Any] | None = None) -> Item:
    """Write once; the answer is the object that came of it, with its number."""
    return made(_exchange(repository, verb, path, body=body)[1])


def posted(repository: Repository, path: str, body: Mapping[str, Any]) -> Item:
    """Have something made, once, that GitHub knows by another name than a number, such as an object of git's."""
    return _object(_exchange(repository, "POST", path, body=body)[1])


def deleted(repository: Repository, path: str) -> None:
    """Delete once."""
    _exchange(repository, "DELETE", path)


def made(answer: object) -> Item:
    """An object that GitHub keeps, so that it has a number; raises UnreadableError for anything else."""
    item = _object(answer)
    if not isinstance(item.get("id"), int):
        raise UnreadableError("GitHub answered with an object that has no number")
    return item


def _exchange(
    repository: Repository,
    verb: str,
    path: str,
    *,
    parameters: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], object]:
    return repository.requester.requestJsonAndCheck(
        verb, f"{repository.url}{path}", parameters=dict(parameters or {}), input=None if body is None else dict(body)
    )


def _object(answer: object) -> Item:
    if not isinstance(answer, dict):
        raise UnreadableError("GitHub answered with something that is no object")
    return answer


def number(item: Item) -> int:
    """What GitHub knows an object by; it only grows, while times may be told by whoever made something."""
    return int(item["id"])


def address(item: Item) -> str | None:
    """Where people see an object; None where GitHub does not say."""
    url = item.get("html_url")
    return url if isinstance(url, str) and url.startswith(("https://", "http://")) else None


def web(client: Client) -> str:
    """Where people see the repository: the API's address without what makes it the API's."""
    api = urlsplit(client.address)
    place = api.path.rstrip("/").removesuffix("/api/v3")
    return f"{api.scheme}://{api.netloc.removeprefix('api.')}{place}/{client.repository}"
