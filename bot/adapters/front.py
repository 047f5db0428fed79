"""The front door of staging: whether it answers, and what time it is there."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.adapters.http import Answer, Failure, get
from bot.core.doctor import Reached

_LARGEST = 4 * 1024 * 1024


class Front:
    """Asks for one address; `now` is the clock, `timeout` the deadline of the ask in seconds."""

    def __init__(self, url: str, now: Callable[[], datetime], timeout: float = 10.0) -> None:
        self._url = url
        self._now = now
        self._timeout = timeout

    def reach(self) -> Reached:
        """What it answers, whatever that is; the body is not looked at."""
        began = self._now()
        match get(self._url, deadline=self._timeout, max_bytes=_LARGEST):
            case Failure(text):
                return Reached(None, text)
            case Answer(status=status, headers=headers):
                return Reached(status, ahead=_ahead(headers.get("date", ""), began, self._now()))


def _ahead(date: str, began: datetime, ended: datetime) -> float | None:
    """By how many seconds that clock is ahead of ours, at least; 0 where it agrees with any moment of the exchange.

    The header has whole seconds, so that it stands for any moment of that second.
    """
    try:
        told = parsedate_to_datetime(date)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    told = told.replace(tzinfo=UTC) if told.tzinfo is None else told
    if told > ended:
        return (told - ended).total_seconds()
    last = told + timedelta(seconds=1)
    return -(began - last).total_seconds() if last < began else 0.0
