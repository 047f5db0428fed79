"""What one HTTP answer of GitHub means: a reply that can be worked with, or which kind of trouble it is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, Final

from bot.adapters.github.failures import message_of
from bot.adapters.github.limits import asked_wait
from bot.adapters.http import Answer, Failure


class Trouble(Enum):
    """Why there is no reply to work with; what follows from it depends on whether the request would write."""

    UNSENT = auto()  # the other side never saw it
    LOST = auto()  # no complete answer came
    FAILED = auto()  # 5xx, or GraphQL's own way to say so
    GARBLED = auto()  # an answer that GitHub would not give: HTML, half a document
    LATER = auto()  # 202 to a question: not ready yet
    LIMITED = auto()  # refused for now; not done
    EXPIRED = auto()  # 401; not done
    ELSEWHERE = auto()  # a redirect that is not followed; not done


@dataclass(frozen=True, slots=True)
class Fault:
    """No reply; `wait` are the seconds that the other side asked for, None where it named none."""

    trouble: Trouble
    sentence: str
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of GitHub itself: 2xx, or a clear 4xx; `text` is JSON or empty."""

    status: int
    headers: Mapping[str, str]
    text: str


# What PyGithub and the modules here read; whatever else a server sends never gets into an object or an exception.
_KEPT: Final = (
    "content-type",
    "date",
    "github-authentication-token-expiration",
    "link",
    "x-accepted-github-permissions",
    "x-accepted-oauth-scopes",
    "x-github-enterprise-version",
    "x-github-sso",
    "x-oauth-scopes",
)
_NUMBERS: Final = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
_EMPTY: Final = (HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT)
_LIMIT_WORDS: Final = (
    "rate limit",
    "please wait a few minutes",
    "please retry your request again later",
    "abuse detection",
)
_ANSWERED: Final = range(HTTPStatus.OK, HTTPStatus.MULTIPLE_CHOICES)
_REDIRECTED: Final = range(HTTPStatus.MULTIPLE_CHOICES, HTTPStatus.BAD_REQUEST)


def broken(failure: Failure) -> Fault:
    """No answer at all."""
    trouble = Trouble.UNSENT if failure.unsent else Trouble.LOST
    return Fault(trouble, f"GitHub could not be asked: {failure.text}.")


def judge(answer: Answer, verb: str, now: datetime) -> Reply | Fault:
    """The reply that an answer is, or the trouble; `now` stands in for a host that does not tell the time."""
    status = answer.status
    if status in _REDIRECTED:
        return Fault(Trouble.ELSEWHERE, f"GitHub sends the bot elsewhere ({status}), which it does not follow.")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Fault(Trouble.FAILED, f"GitHub failed with {status}.", _named_wait(answer, now))
    document = _parsed(answer)
    if limited := _limited(answer, document, now):
        return limited
    if status == HTTPStatus.UNAUTHORIZED:
        return Fault(Trouble.EXPIRED, _refused_login(document))
    if status == HTTPStatus.ACCEPTED and verb in ("GET", "HEAD"):
        return Fault(Trouble.LATER, "GitHub has no answer yet (202).")
    return _readable(answer, document, verb)


def _readable(answer: Answer, document: Any, verb: str) -> Reply | Fault:
    empty = not answer.body.strip()
    may_be_empty = verb in ("HEAD", "DELETE") or answer.status in _EMPTY
    if not (isinstance(document, dict | list) or (empty and may_be_empty)):
        return Fault(Trouble.GARBLED, f"What came from GitHub ({answer.status}) is no complete document.")
    if answer.status not in _ANSWERED and not isinstance(document, dict | None):
        return Fault(Trouble.GARBLED, f"What came from GitHub ({answer.status}) is no answer that it would give.")
    if _graphql_failed(document):
        return Fault(Trouble.FAILED, "GitHub failed while it worked on a query.")
    return Reply(answer.status, _kept(answer.headers), answer.body.decode())


def _parsed(answer: Answer) -> Any:
    """The document, None where there is none."""
    try:
        return json.loads(answer.body.decode("utf-8", "strict"))
    except (ValueError, RecursionError):
        return None


def _limited(answer: Answer, document: Any, now: datetime) -> Fault | None:
    headers = answer.headers
    said = message_of(document).lower()
    refused = answer.status == HTTPStatus.FORBIDDEN and (
        "retry-after" in headers
        or headers.get("x-ratelimit-remaining") == "0"
        or any(words in said for words in _LIMIT_WORDS)
    )
    if not (refused or answer.status == HTTPStatus.TOO_MANY_REQUESTS or _has_type(document, "RATE_LIMITED")):
        return None
    wait = asked_wait(headers, now)
    return Fault(Trouble.LIMITED, f"GitHub holds the bot off for its limits ({answer.status}, {wait:.0f} s).", wait)


def _named_wait(answer: Answer, now: datetime) -> float | None:
    return asked_wait(answer.headers, now) if "retry-after" in answer.headers else None


def _errors(document: Any) -> list[dict[str, Any]]:
    """The errors of a GraphQL document; REST documents with errors have no `data`, or are none."""
    entries = document.get("errors") if isinstance(document, dict) else None
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _has_type(document: Any, kind: str) -> bool:
    return any(entry.get("type") == kind for entry in _errors(document))


def _graphql_failed(document: Any) -> bool:
    """GraphQL's 500 comes as 200: an error without a type that says nothing but that something went wrong."""
    return any(
        "type" not in entry and str(entry.get("message", "")).startswith("Something went wrong")
        for entry in _errors(document)
    )


def _refused_login(document: Any) -> str:
    said = message_of(document)
    return f'GitHub does not accept the login: "{said}" (401).' if said else "GitHub does not accept the login (401)."


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    found = {name: headers[name] for name in _KEPT if name in headers}
    numbers = {name: headers[name] for name in _NUMBERS if headers.get(name, "").isdigit()}
    return {**found, **numbers}
