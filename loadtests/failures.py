"""Whether a request failed, and the short name under which its failure is counted."""

from typing import Any, Final

from bot.core.text import plain

NO_TIME: Final = "no-time"
SUCCESS_ON_ERROR: Final = "success-on-error"
UNFINISHED: Final = "unfinished"

_LONGEST: Final = 60
_STATUS_ERRORS: Final = frozenset({"HTTPError", "LocustBadStatusCode"})
_SERVER_ERRORS: Final = range(500, 600)
_SPOKEN_ERRORS: Final = frozenset({"CatchResponseError", "ResponseError"})
_ABSENT: Final = object()


def kind_of(exception: object, response: Any) -> str | None:
    """The kind of failure, None when the request succeeded.

    A load file may call an answer a success, a 404 for instance; where there was no answer at all, or the server itself
    says that it failed (5xx), it may not (`success-on-error`). Kinds are `HTTP <status>`, the load file's own words, or
    the name of the exception's class.
    """
    status = getattr(response, "status_code", _ABSENT)
    if exception is None:
        return SUCCESS_ON_ERROR if response is not None and (not status or status in _SERVER_ERRORS) else None
    name = type(exception).__name__
    if name in _STATUS_ERRORS and isinstance(status, int) and status:
        return f"HTTP {status}"
    if name in _SPOKEN_ERRORS or isinstance(exception, str):
        return plain(str(exception), _LONGEST) or name
    return name


def describe(error: BaseException, longest: int = 200) -> str:
    """`ValueError: its first words`, fit for one line."""
    words = plain(str(error), longest)
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
