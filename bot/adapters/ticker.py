"""Doing something every few seconds in a thread of its own, on a grid that never catches up."""

import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

_JOIN_S: Final = 2.0


class Ticker:
    """Calls `tick` in a daemon thread every `interval` seconds, `first_in` seconds from now, until it is stopped.

    Ticks lie on a fixed monotonic grid: a tick that takes too long makes the next ones be left out, never caught up.
    """

    def __init__(self, name: str, tick: Callable[[], None], *, interval: float, first_in: float = 0.0) -> None:
        self._tick = tick
        self._interval = interval
        self._first = time.monotonic() + first_in
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Let no further tick begin; returns at once."""
        self._stopping.set()

    def wait(self, until: float) -> None:
        """Wait for the tick under way, at most until that monotonic moment; its own deadlines end it after that."""
        self._thread.join(max(0.0, until - time.monotonic()))

    def _run(self) -> None:
        due = self._first
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            self._tick()
            due = next_due(self._first, time.monotonic(), self._interval)


def next_due(first: float, now: float, interval: float) -> float:
    """The first moment of the grid `first + k * interval` (k >= 1) that lies after `now`."""
    return first + (math.floor(max(0.0, now - first) / interval) + 1) * interval


def stop(tickers: Sequence[Ticker]) -> None:
    """Stop them all, waiting at most about two seconds for ticks under way."""
    until = time.monotonic() + _JOIN_S
    for ticker in tickers:
        ticker.ask_to_stop()
    for ticker in tickers:
        ticker.wait(until)
