"""Moments as text: UTC, ISO 8601, whole seconds or milliseconds, always with Z."""

from datetime import UTC, datetime


def iso(moment: datetime) -> str:
    """The moment in UTC to the second, such as `2026-11-21T02:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_iso(text: str) -> datetime:
    """The aware moment that such a text names; ValueError when it is none."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone; write it as 2026-11-21T02:00:00Z")
    return moment.astimezone(UTC)
