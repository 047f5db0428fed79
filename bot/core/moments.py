"""Moments as text: UTC, ISO 8601, whole seconds or milliseconds, always with Z."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from bot.core.units import parse_duration

FUTURE_FORM: Final = "a duration (36h, 2d), a date (2026-11-24, its midnight in UTC), or 2026-11-24T08:00:00Z"


def iso(moment: datetime) -> str:
    """The moment in UTC to the second, such as `2026-11-21T02:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_at(seconds: float) -> str:
    """The same of a moment that is given in seconds since the epoch."""
    return iso(datetime.fromtimestamp(seconds, tz=UTC))


def parse_iso(text: str) -> datetime:
    """The aware moment that such a text names; ValueError when it is none."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone; write it as 2026-11-21T02:00:00Z")
    return moment.astimezone(UTC)


def parse_future(text: str, now: datetime) -> datetime:
    """The aware moment after `now` that a duration, a date or a moment with its zone names; ValueError with words."""
    try:
        moment = _moment(text, now).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        raise ValueError(f"is not {FUTURE_FORM}") from None
    if moment <= now:
        raise ValueError(f"is {iso(moment)}, which is past")
    return moment


def _moment(text: str, now: datetime) -> datetime:
    try:
        return now + timedelta(seconds=parse_duration(text))
    except ValueError:
        pass
    try:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=UTC)
    except ValueError:
        return parse_iso(text)
