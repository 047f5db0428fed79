"""Checks of [host] and of what needs a host, on the document itself."""

from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from bot.core.hostplace import api_of, names_github, repository_of
from bot.settings.addresses import is_loopback
from bot.settings.findings import Finding, Loc
from bot.settings.host import HostKind
from bot.settings.leaf import Document

_LOGINS: Final = ("token_env", "token_file", "app_id")
_KEYS: Final = ("app_key_file", "app_key_env")
# What says where or who; the rest of the section has defaults that do no harm.
_OF_GITHUB: Final = ("api_url", "repository", *_LOGINS, *_KEYS)
_GITHUB: Final = 'kind = "github" in [host], and a GitHub that is named there or by the remote'


def _table(document: Document, section: str) -> dict[str, Any]:
    found = document.get(section)
    return found if isinstance(found, dict) else {}


def _kind(document: Document) -> str:
    return str(_table(document, "host").get("kind", HostKind.AUTO.value))


def _remote(document: Document) -> str:
    """The remote's address; empty where that is wrong already."""
    remote = _table(document, "repository").get("remote")
    return remote if isinstance(remote, str) else ""


def one_login(document: Document) -> Iterator[Finding]:
    """The bot is one account: a token from one place, or an App."""
    given = [key for key in _LOGINS if key in _table(document, "host")]
    for key in given[1:]:
        yield Finding(("host", key), f"stands beside {given[0]}", "one of token_env, token_file and app_id")


def one_app_key(document: Document) -> Iterator[Finding]:
    """An App has one key, and a key has an App."""
    host = _table(document, "host")
    given = [key for key in _KEYS if key in host]
    allowed = "app_id together with one of app_key_file and app_key_env"
    if "app_id" not in host:
        for key in given:
            yield Finding(("host", key), "has no app_id to go with", allowed)
    elif not given:
        yield Finding(("host", _KEYS[0]), f"is missing, and so is {_KEYS[1]}", allowed)
    for key in given[1:]:
        yield Finding(("host", key), f"stands beside {given[0]}", allowed)


def no_secret_in_the_clear(document: Document) -> Iterator[Finding]:
    """A token goes over plain http to no other machine."""
    url = _table(document, "host").get("api_url")
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
    except ValueError:
        return
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        yield Finding(("host", "api_url"), "is plain http to another machine", "an https address")


def place_is_known(document: Document) -> Iterator[Finding]:
    """GitHub by name must be found somewhere: its API, and the repository there."""
    remote, host = _remote(document), _table(document, "host")
    if _kind(document) != HostKind.GITHUB.value or not remote:
        return
    if "api_url" not in host and api_of(remote) is None:
        wrong = "is missing, and the remote's address names no host"
        yield Finding(("host", "api_url"), wrong, 'such as "https://api.github.com"')
    if "repository" not in host and repository_of(remote) is None:
        wrong = "is missing, and the remote's address does not hold it"
        yield Finding(("host", "repository"), wrong, '"owner/name"')


def keys_have_a_use(document: Document) -> Iterator[Finding]:
    """No key of GitHub's where nothing is asked of GitHub: whoever wrote it believes otherwise."""
    host, kind = _table(document, "host"), _kind(document)
    if kind == HostKind.NONE.value:
        for key in (key for key in host if key != "kind"):
            yield Finding(("host", key), 'is not used: kind is "none"', "this key together with another kind")
    elif kind == HostKind.AUTO.value and _is_elsewhere(document):
        for key in (key for key in _OF_GITHUB if key in host):
            wrong = "is not used: the remote's address does not tell that it is on GitHub"
            yield Finding(("host", key), wrong, 'this key together with kind = "github"')


def _is_elsewhere(document: Document) -> bool:
    remote = _remote(document)
    return bool(remote) and not names_github(remote)


def host_for_what_needs_one(document: Document) -> Iterator[Finding]:
    """Required checks and pushes through an API come from a host, and there is one."""
    for loc in _needing(document):
        if _kind(document) == HostKind.NONE.value:
            yield Finding(loc, 'needs a host, and [host] kind is "none"', _GITHUB)
        elif _kind(document) == HostKind.AUTO.value and _is_elsewhere(document):
            yield Finding(loc, "needs a host, and the remote's address names none that the bot knows", _GITHUB)


def _needing(document: Document) -> Iterator[Loc]:
    if _table(document, "gate").get("required_checks"):
        yield "gate", "required_checks"
    if _table(document, "repository").get("transport") == "api":
        yield "repository", "transport"


HOST_CHECKS: Final[tuple[Callable[[Document], Iterator[Finding]], ...]] = (
    one_login,
    one_app_key,
    no_secret_in_the_clear,
    place_is_known,
    keys_have_a_use,
    host_for_what_needs_one,
)
