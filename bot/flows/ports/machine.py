"""This machine, as flows need it: time, the lock, and the points of a run."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from bot.core.promotion import LockProof


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let that much time pass."""
        ...


class Points(Protocol):
    """Told before and after every effect; tests end the process there, everybody else does nothing."""

    def reached(self, name: str) -> None:
        """A point was reached: an effect's name, and whether it is before or after it."""
        ...


class Lock(Protocol):
    """Keeps two runs on one machine apart."""

    def hold(self) -> AbstractContextManager[LockProof]:
        """Hold the lock; raises BotError(LOCKED) when another run has it."""
        ...
