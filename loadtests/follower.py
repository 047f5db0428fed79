"""How many users there should be under a shape that changes its mind, and how many were missing: pure arithmetic."""

from collections import deque
from math import floor
from typing import Final

# Locust asks a shape once a second, and spawns once a second: so long may users be behind what the shape says.
_SETTLING_SAMPLES: Final = 3


class Follower:
    """How many users there must be at least while Locust follows a shape at its spawn rate.

    `shortfall` is the largest number that was missing, `peak` the largest that had to be there.
    """

    def __init__(self) -> None:
        self._at = 0.0
        self._users = 0.0
        self._target = 0
        self._rate = 1.0
        self._recent: deque[float] = deque(maxlen=_SETTLING_SAMPLES)
        self.shortfall = 0
        self.peak = 0

    def steer(self, now: float, target: int, rate: float) -> None:
        """The shape wants so many users, to come and go at `rate` per second."""
        self._move(now)
        self._target, self._rate = target, rate

    def look(self, now: float, users: int) -> None:
        """Compare; what was expected at any of the last moments is enough."""
        self._move(now)
        self._recent.append(self._users)
        if len(self._recent) == _SETTLING_SAMPLES:
            least = floor(min(self._recent))
            self.peak = max(self.peak, least)
            self.shortfall = max(self.shortfall, least - users)

    def _move(self, now: float) -> None:
        grown = self._users + self._rate * (now - self._at)
        self._at = now
        self._users = min(float(self._target), grown)
