"""What went wrong between the bot and GitHub, in our own words: server text is data that gets out inert (I21)."""

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from bot.adapters.git_text import redact
from bot.core.quoting import quote
from bot.errors import BotError, Reason

_LONGEST: Final = 200
_LONGEST_WORDS: Final = 4000
_MOST_CODES: Final = 10
_PERMISSIONS: Final = re.compile(r"[a-z_]+=[a-z]+(?:[,;] ?[a-z_]+=[a-z]+)*")
_SCOPES: Final = re.compile(r"[a-z:_]+(?:, ?[a-z:_]+)*")
_CODE: Final = re.compile(r"[A-Za-z_]{1,60}")
_DENIED: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


class Rejected(BotError):  # noqa: N818 - said as a sentence: the write was rejected
    """GitHub answered a request with a clear no (4xx, or the errors of a GraphQL document): nothing was done.

    `codes` are the machine-readable parts of that no, such as `already_exists` or `NOT_FOUND`; `said` its message,
    made inert; `words` all that it said, as it came: to recognise something in, never to show.
    """

    def __init__(self, sentence: str, status: int, codes: tuple[str, ...], said: str, words: str = "") -> None:
        super().__init__(Reason.HOST_REFUSED, sentence)
        self.status = status
        self.codes = codes
        self.said = said
        self.words = words


class Unsure(BotError):  # noqa: N818 - said as a sentence: the bot is unsure
    """A write whose answer was lost, broken or a server's failure: it may have been done; only looking tells (I10)."""

    def __init__(self, sentence: str) -> None:
        super().__init__(Reason.HOST_FAILED, sentence)


def rejected(status: int, headers: Mapping[str, Any], document: Any) -> Rejected:
    """The no that a status of 400 to 499 is, with the permission that is missing where GitHub tells it."""
    said, codes = message_of(document), tuple(_codes(document))[:_MOST_CODES]
    words = f' with "{said}"' if said else ""
    named = f" ({', '.join(codes)})" if codes else ""
    sentence = f"GitHub answered {status}{words}{named}.{_needs(status, headers)}"
    return Rejected(sentence, status, codes, said, "\n".join(_messages(document))[:_LONGEST_WORDS])


def message_of(document: Any) -> str:
    """What an error document says, as one inert line; empty when it says nothing."""
    found = _messages(document)
    return quote(redact(found[0]), _LONGEST) if found else ""


def _messages(document: Any) -> list[str]:
    if not isinstance(document, Mapping):
        return []
    listed = [entry.get("message") for entry in _entries(document)]
    return [text for text in (document.get("message"), *listed) if isinstance(text, str) and text]


def _codes(document: Any) -> Iterator[str]:
    """Each `code` of a REST answer and each `type` of a GraphQL one."""
    for entry in _entries(document):
        for key in ("code", "type"):
            value = entry.get(key)
            if isinstance(value, str) and _CODE.fullmatch(value):
                yield value


def _entries(document: Any) -> list[Mapping[str, Any]]:
    entries = document.get("errors") if isinstance(document, Mapping) else None
    return [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []


def _needs(status: int, headers: Mapping[str, Any]) -> str:
    """What would have to be granted; GitHub hides what may not be seen behind a 404."""
    if status not in _DENIED:
        return ""
    if "required" in str(headers.get("x-github-sso", "")):
        return " The token must be authorized for the single sign-on of the organization."
    for name, pattern, words in _HINTS:
        wanted = str(headers.get(name, "")).strip()
        if len(wanted) <= _LONGEST and pattern.fullmatch(wanted):
            return f" {words} {wanted.replace(';', ' or')}."
    return ""


_HINTS: Final = (
    ("x-accepted-github-permissions", _PERMISSIONS, "It needs the permission"),
    ("x-accepted-oauth-scopes", _SCOPES, "It needs a token with the scope"),
)
