"""Signals and the deadline of a whole command, both as exceptions in the main thread (invariant I13)."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from bot.errors import BotError, Reason


@contextmanager
def guarded(deadline: float, what: str = "The whole run") -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into KeyboardInterrupt, and the passing of `deadline` seconds into DEADLINE_EXCEEDED.

    A cron job and a terminal are ended by different signals; the run that ends cleans up the same way.
    """

    def out_of_time(number: int, frame: FrameType | None) -> NoReturn:
        del number, frame
        raise BotError(Reason.DEADLINE_EXCEEDED, f"{what} did not end within {deadline:.0f} s.")

    before = {
        signal.SIGTERM: signal.signal(signal.SIGTERM, _interrupt),
        signal.SIGHUP: signal.signal(signal.SIGHUP, _interrupt),
        signal.SIGALRM: signal.signal(signal.SIGALRM, out_of_time),
    }
    signal.setitimer(signal.ITIMER_REAL, deadline)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    raise KeyboardInterrupt
