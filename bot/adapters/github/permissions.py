"""Who the bot is on GitHub and what it may do there, as far as reading tells; no token is ever said (I19, I27)."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from github.Repository import Repository

from bot.adapters.github.app import AppLogin
from bot.adapters.github.client import Client, Rejected
from bot.core.doctor_fix import Actor
from bot.core.doctor_rights import Rights, TokenKind
from bot.errors import BotError, Reason

_VIEWER: Final = "query { viewer { login } }"
_PREFIXES: Final = {
    "ghp_": TokenKind.CLASSIC,
    "github_pat_": TokenKind.FINE_GRAINED,
    "gho_": TokenKind.OAUTH,
    "ghu_": TokenKind.OAUTH,
    "ghs_": TokenKind.INSTALLATION,
}
_WORKFLOW: Final = "github-actions[bot]"
_BOT: Final = "[bot]"
_SCOPES: Final = "x-oauth-scopes"
_EXPIRES: Final = "github-authentication-token-expiration"
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (?:UTC|\+0000)")
_SCOPE: Final = re.compile(r"[a-z_:]{1,40}")
_REFUSED: Final = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


def rights(client: Client, sha: str | None) -> Rights:
    """What the login may do; `sha` is a commit to ask for, None where none is known.

    Raises:
        BotError: GitHub cannot be asked, does not accept the login, or shows it no such repository.
    """
    headers, document = client.read(_repository)
    login = _login(client)
    kind = _kind(client, headers, login)
    granted = client.login.permissions if isinstance(client.login, AppLogin) else None
    return Rights(
        kind,
        login,
        granted,
        _scopes(headers) if granted is None else None,
        tuple(_refused(client, sha)) if granted is None else (),
        _told(document, "push"),
        _told(document, "admin"),
        document.get("private") is False,
        _moment(str(headers.get(_EXPIRES, ""))),
    )


def actor(client: Client) -> Actor:
    """Who the bot is for the bypass list of a ruleset: its App, or the account of its token.

    Raises:
        BotError: HOST_REFUSED, where it is neither: nobody can be let past the rules for it.
    """
    if isinstance(client.login, AppLogin):
        return Actor("Integration", client.login.app.id)
    try:
        person = client.read(lambda repository: repository.requester.requestJsonAndCheck("GET", "/user")[1])
    except Rejected as no:
        action = "Have the bot log in as a GitHub App ([host] app_id), or by the token of an account of its own."
        raise BotError(Reason.HOST_REFUSED, f"The bot's token belongs to nobody: {no.sentence}", action) from None
    number = person.get("id") if isinstance(person, Mapping) else None
    if not isinstance(number, int):
        raise BotError(Reason.HOST_FAILED, "GitHub does not say whose token the bot's is.")
    return Actor("User", number)


def _repository(repository: Repository) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    headers, document = repository.requester.requestJsonAndCheck("GET", repository.url)
    if not isinstance(document, dict):
        raise ValueError("no repository")  # noqa: TRY004 - an answer of a shape that says nothing
    return headers, document


def _login(client: Client) -> str:
    """The name of the account that asks; empty where GitHub does not say."""
    try:
        viewer = client.graphql(_VIEWER, {}).get("viewer")
    except Rejected:
        return ""
    name = viewer.get("login") if isinstance(viewer, Mapping) else None
    return name if isinstance(name, str) else ""


def _kind(client: Client, headers: Mapping[str, Any], login: str) -> TokenKind:
    """By the login, else by how the token begins, else by what GitHub says beside its answer."""
    if isinstance(client.login, AppLogin):
        return TokenKind.APP
    if login == _WORKFLOW:
        return TokenKind.WORKFLOW
    token = client.login.token()
    for prefix, kind in _PREFIXES.items():
        if token.startswith(prefix):
            return kind
    if _SCOPES in headers:
        return TokenKind.CLASSIC
    return TokenKind.INSTALLATION if login.endswith(_BOT) else TokenKind.FINE_GRAINED


def _scopes(headers: Mapping[str, Any]) -> frozenset[str] | None:
    """The scopes of a classic token; None where there is no such thing."""
    if _SCOPES not in headers:
        return None
    named = (scope.strip() for scope in str(headers[_SCOPES]).split(","))
    return frozenset(scope for scope in named if _SCOPE.fullmatch(scope))


def _refused(client: Client, sha: str | None) -> Iterator[str]:
    """The permissions without which GitHub refused to show something; what may be read may still not be written."""
    paths = {"issues": "/issues", "deployments": "/deployments"}
    if sha is not None:
        paths |= {"statuses": f"/commits/{sha}/statuses", "checks": f"/commits/{sha}/check-runs"}
    for name, path in paths.items():
        try:
            client.get(path, {"per_page": 1})
        except Rejected as no:
            if no.status in _REFUSED:
                yield name


def _told(document: Mapping[str, Any], name: str) -> bool | None:
    """What the account may do in the repository; None where GitHub does not say."""
    permissions = document.get("permissions")
    value = permissions.get(name) if isinstance(permissions, Mapping) else None
    return value if isinstance(value, bool) else None


def _moment(text: str) -> datetime | None:
    """The end of the token, such as `2026-11-28 02:00:00 UTC`; None where none is told."""
    found = _MOMENT.fullmatch(text.strip())
    try:
        return datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=UTC) if found else None
    except ValueError:
        return None
