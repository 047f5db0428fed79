"""A clock that a test moves, ears for what the scheduler says, and jobs whose nights are harmless commands."""

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.core.calendar import Schedule, parse_zone
from bot.core.cron import parse_cron
from bot.daemon.night import Job


class FakeClock:
    """Stands still until it is moved; `monotonic` follows forward moves only."""

    def __init__(self, text: str) -> None:
        self._now = datetime.fromisoformat(text).replace(tzinfo=UTC)
        self._monotonic = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def pass_time(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds

    def sleep(self, seconds: float) -> None:
        self.pass_time(seconds)

    def set(self, text: str) -> None:
        """The wall clock jumps; no time passes."""
        self._now = datetime.fromisoformat(text).replace(tzinfo=UTC)


class Ears:
    """Keeps what was said."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, object]]] = []

    def __call__(self, event: str, **facts: object) -> None:
        self.heard.append((event, facts))

    def events(self, *names: str) -> list[dict[str, object]]:
        return [facts for event, facts in self.heard if event in names]


def job(folder: Path, code: str = "", *, cron: str = "0 2 * * *", zone: str = "UTC", **changes: object) -> Job:
    """A job whose night runs that Python code, in `folder`."""
    values: dict[str, object] = {
        "name": "shop.toml",
        "command": (sys.executable, "-c", code),
        "folder": folder,
        "state_dir": folder / "state",
        "schedule": Schedule(parse_cron(cron), parse_zone(zone)),
        "late": 6 * 3600.0,
        "deadline": 3600.0,
    }
    return Job(**{**values, **changes})  # type: ignore[arg-type]  # values are keyed by field


def until(condition, what: str, seconds: float = 60.0) -> None:
    """Wait for a condition, bounded."""
    last = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > last:
            raise AssertionError(f"never: {what}")
        time.sleep(0.02)
