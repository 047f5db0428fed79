"""How much is asked of GitHub, how fast, and how long the bot waits for it: all of it counted and bounded (I13)."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, Protocol

from bot.errors import BotError, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
# GitHub asks for a minute at least where it names no time.
_UNNAMED_S: Final = 60.0


class Clock(Protocol):
    """The part of the clock port that is needed here."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let that much time pass."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one run; times in seconds.

    `timeout` is what one exchange may take, to which an upload adds its size divided by `upload_rate` (bytes per
    second); `patience` is what all waits and failed exchanges of the run may take together; `attempts` counts the
    exchanges of one question; `calls` those of the run. GitHub allows 80 content writes a minute and 500 an hour.
    """

    timeout: float = 20.0
    upload_rate: float = 50_000.0
    patience: float = 120.0
    attempts: int = 7
    calls: int = 1000
    largest: int = 16 * 1024 * 1024
    writes_a_minute: int = 80
    writes_an_hour: int = 500

    def deadline(self, body: bytes | None, *, patient: bool = True) -> float:
        """Seconds that one exchange with that body may take; less once the run has lost all that it may lose."""
        return (self.timeout if patient else self.timeout / 4) + len(body or b"") / self.upload_rate


class Patience:
    """What is left of the time that a run may lose to a host that fails or holds it off."""

    def __init__(self, clock: Clock, most: float) -> None:
        self._clock = clock
        self._most = most
        self.waited = 0.0

    @property
    def left(self) -> float:
        """Seconds."""
        return max(0.0, self._most - self.waited)

    def lost(self, seconds: float) -> None:
        """That much time went into an exchange that failed."""
        self.waited += seconds

    def wait(self, seconds: float) -> bool:
        """Wait so long where there is that much left; whether it was waited."""
        if seconds > self.left:
            return False
        self.waited += seconds
        self._clock.sleep(seconds)
        return True


class Pace:
    """Keeps the content writes of the last minute and of the last hour under what GitHub allows."""

    def __init__(self, clock: Clock, limits: Limits, patience: Patience) -> None:
        self._clock = clock
        self._patience = patience
        self._windows = ((limits.writes_a_minute, _MINUTE), (limits.writes_an_hour, _HOUR))
        self._times: deque[float] = deque(maxlen=limits.writes_an_hour)

    def write(self) -> None:
        """Wait until one more write is allowed, and count it.

        Raises:
            BotError: HOST_LIMITED, when that would take more than the patience that is left.
        """
        pause = max(self._pause(most, window) for most, window in self._windows)
        if pause > 0 and not self._patience.wait(pause):
            raise BotError(Reason.HOST_LIMITED, f"GitHub allows no more writes for {pause:.0f} s.")
        self._times.append(self._clock.monotonic())

    def _pause(self, most: int, window: float) -> float:
        if len(self._times) < most:
            return 0.0
        return self._times[-most] + window - self._clock.monotonic()


def backoff(attempt: int) -> float:
    """Seconds before the next exchange, after `attempt` of them failed: 0.5, 1, 2, 4, … up to 30."""
    return float(min(30.0, 0.5 * 2 ** (attempt - 1)))


def asked_wait(headers: "Mapping[str, str]", now: datetime) -> float:
    """How many seconds a host that refuses for its limits wants to be left alone, by its own headers.

    The reset time is held against the host's own `Date`, so that a wrong clock here does no harm; `now` stands in.
    """
    named = _retry_after(headers.get("retry-after", ""), http_date(headers.get("date", "")) or now)
    if named is not None:
        return named
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and _is_number(reset):
        # One more second: nobody says when in that second it is over.
        return max(1.0, int(reset) - (http_date(headers.get("date", "")) or now).timestamp() + 1)
    return _UNNAMED_S


def _retry_after(text: str, now: datetime) -> float | None:
    if _is_number(text.strip()):
        return max(1.0, float(text))
    until = http_date(text)
    return None if until is None else max(1.0, (until - now).total_seconds())


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12  # noqa: PLR2004 - seconds since 1970 have ten digits


def http_date(text: str) -> datetime | None:
    """The time of an HTTP header, aware; None where it holds none."""
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo is not None else None
