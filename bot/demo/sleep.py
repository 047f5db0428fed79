"""Sleeping to within a tenth of a millisecond on an event loop.

Event loops count in whole milliseconds: a delay of 2.3 ms would become 3 ms, and every latency that a service is told
to have a staircase. A timerfd of the kernel wakes the loop on time; elsewhere the loop's own timers must do.
"""

import asyncio
import contextlib
import ctypes
import heapq
import itertools
import os
import sys
import time
from typing import Final

_CLOCK_MONOTONIC: Final = 1
_FLAGS: Final = os.O_NONBLOCK | os.O_CLOEXEC
_ABSOLUTE: Final = 1


class _Moment(ctypes.Structure):
    _fields_ = (
        ("interval_s", ctypes.c_long),
        ("interval_ns", ctypes.c_long),
        ("s", ctypes.c_long),
        ("ns", ctypes.c_long),
    )


class Sleeper:
    """Any number of sleeps on one kernel timer; belongs to the loop on which it first sleeps."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()
        self._fd: int | None = None
        self._libc = ctypes.CDLL(None, use_errno=True)

    async def sleep(self, seconds: float) -> None:
        """Return after that time."""
        if sys.platform != "linux":
            await asyncio.sleep(seconds)
            return
        loop = asyncio.get_running_loop()
        if self._fd is None:
            self._fd = self._open(loop)
        woken: asyncio.Future[None] = loop.create_future()
        entry = (time.monotonic() + seconds, next(self._count), woken)
        heapq.heappush(self._waiting, entry)
        if self._waiting[0] is entry:
            self._arm()
        await woken

    def _open(self, loop: asyncio.AbstractEventLoop) -> int:
        fd = self._libc.timerfd_create(_CLOCK_MONOTONIC, _FLAGS)
        if fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        loop.add_reader(fd, self._ring, fd)
        return int(fd)

    def _arm(self) -> None:
        """Set the timer to the first who waits."""
        at = self._waiting[0][0]
        moment = _Moment(s=int(at), ns=max(1, int(at % 1 * 1e9)))
        self._libc.timerfd_settime(self._fd, _ABSOLUTE, ctypes.byref(moment), None)

    def _ring(self, fd: int) -> None:
        with contextlib.suppress(BlockingIOError):  # set anew since it rang
            os.read(fd, 8)
        now = time.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            woken = heapq.heappop(self._waiting)[2]
            if not woken.done():
                woken.set_result(None)
        if self._waiting:
            self._arm()
