"""Signals and the deadline of a whole command, both as exceptions in the main thread (invariant I13)."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

from bot.errors import OutOfTime

# Longer than one look at a remote that hangs may take.
_GRACE_S: Final = 300.0


@contextmanager
def guarded(deadline: float, what: str = "The whole run") -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into KeyboardInterrupt, and the passing of `deadline` seconds into OutOfTime.

    A cron job and a terminal are ended by different signals; the run that ends cleans up the same way. It is given some
    time for that, again and again, so that whatever hangs then does not hang for good.

    Raises:
        BotError: DEADLINE_EXCEEDED, where nobody in between has made an ending of it.
    """

    def out_of_time(number: int, frame: FrameType | None) -> NoReturn:
        del number, frame
        raise OutOfTime(f"{what} did not end within {deadline:.0f} s.")

    before = {
        signal.SIGTERM: signal.signal(signal.SIGTERM, _interrupt),
        signal.SIGHUP: signal.signal(signal.SIGHUP, _interrupt),
        signal.SIGALRM: signal.signal(signal.SIGALRM, out_of_time),
    }
    signal.setitimer(signal.ITIMER_REAL, deadline, _GRACE_S)
    try:
        yield
    except OutOfTime as over:
        raise over.error from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    raise KeyboardInterrupt
