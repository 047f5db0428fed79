"""The real clock."""

import time
from datetime import UTC, datetime


class SystemClock:
    """The machine's own time; satisfies `bot.flows.ports.Clock`."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(tz=UTC)

    def monotonic(self) -> float:
        """Seconds that never jump."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let that much time pass; an interrupt ends it at once."""
        time.sleep(seconds)
