"""A wake-up call at an exact moment, on the event loop.

The loop's own timers come a millisecond late as a rule: epoll counts in whole milliseconds. A timerfd of the kernel
comes within some 0.1 ms and costs nothing while it waits.
"""

import ctypes
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any, Final, Protocol

from gevent import get_hub

_CLOCK_MONOTONIC: Final = 1
_FLAGS: Final = os.O_NONBLOCK | os.O_CLOEXEC
_ABSOLUTE: Final = 1
_READ: Final = 1
_FIRST: Final = 2


class Alarm(Protocol):
    """Calls back, in the hub, at the moment it was last set to."""

    def set(self, at: float) -> None:
        """Ring at that moment of `time.monotonic`; at once when it has passed."""
        ...

    def stop(self) -> None:
        """Never ring again."""
        ...


class _Spec(ctypes.Structure):
    _fields_ = (
        ("interval_s", ctypes.c_long),
        ("interval_ns", ctypes.c_long),
        ("value_s", ctypes.c_long),
        ("value_ns", ctypes.c_long),
    )


class KernelAlarm:
    """By a timerfd; its events come before all others that are ready at the same time."""

    def __init__(self, callback: Callable[[], None]) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = self._libc.timerfd_create(_CLOCK_MONOTONIC, _FLAGS)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        self._callback = callback
        self._armed = False
        self._spec = _Spec()
        # Made ready once: taking the call apart costs more than the kernel's part of it.
        self._arm = partial(
            self._libc.timerfd_settime,
            ctypes.c_int(self._fd),
            ctypes.c_int(_ABSOLUTE),
            ctypes.byref(self._spec),
            None,
        )
        self._watcher = get_hub().loop.io(self._fd, _READ)
        self._watcher.priority = _FIRST
        self._watcher.start(self._ring)

    def set(self, at: float) -> None:
        """Ring at that moment of `time.monotonic`; at once when it has passed."""
        seconds = int(at)
        self._spec.value_s = seconds
        self._spec.value_ns = max(1, int((at - seconds) * 1e9))
        self._armed = True
        self._arm()

    def stop(self) -> None:
        """Never ring again."""
        self._armed = True  # nothing of it may be read any more: the number can mean another file
        self._watcher.stop()
        self._watcher.close()
        os.close(self._fd)

    def _ring(self) -> None:
        self._armed = False
        self._callback()
        if not self._armed:  # setting it anew has silenced it already
            with suppress(BlockingIOError):
                os.read(self._fd, 8)


class LoopAlarm:
    """By the loop's own timer, where there is no timerfd."""

    def __init__(self, callback: Callable[[], None]) -> None:
        self._callback = callback
        self._timer: Any = None

    def set(self, at: float) -> None:
        """Ring at that moment of `time.monotonic`; at once when it has passed."""
        self.stop()
        self._timer = get_hub().loop.timer(max(0.0, at - monotonic()))
        self._timer.start(self._callback)

    def stop(self) -> None:
        """Never ring again."""
        if self._timer is not None:
            self._timer.close()
            self._timer = None


def make_alarm(callback: Callable[[], None]) -> Alarm:
    """The most exact alarm of this system."""
    return KernelAlarm(callback) if sys.platform == "linux" else LoopAlarm(callback)
