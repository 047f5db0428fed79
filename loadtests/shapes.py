"""Following a load file's LoadTestShape: its clock starts with the measured window, and who is missing is counted."""

from time import monotonic
from typing import Any, Final

from loadtests.conductor import UnableError
from loadtests.failures import describe
from loadtests.follower import Follower

# A shape as long as the window may be asked for the last time a moment before the window ends.
_TOLERANCE_S: Final = 0.1


class Shape:
    """Stands between Locust and the shape; `duration` is the planned one of the window, in seconds.

    Until the window begins the shape is held at its beginning: its clock is reset before each question. `wanted` are
    the users of its last answer. An answer of None, or an exception, is kept as `error`, and the last answer goes on;
    so it does, without an error, once the planned time is over.
    """

    def __init__(self, shape: Any, duration: float) -> None:
        self._shape = shape
        self._duration = duration
        self._tick = shape.tick
        self._last: Any = (0, 1)
        self._t0: float | None = None
        self._started = False
        self._expected = Follower()
        self.wanted = 0
        self.error: UnableError | None = None
        shape.tick = self._watched_tick

    def begin(self, t0: float) -> None:
        """The window begins at `t0` of `time.monotonic`."""
        self._t0 = t0

    def look(self, now: float, users: int) -> None:
        """Hold the users that live now against what the shape wants; once a second, within the window."""
        self._expected.look(now, users)

    def missing(self, begun: int) -> int:
        """The largest shortfall; users that never began a task are as good as missing."""
        return max(self._expected.shortfall, self._expected.peak - begun)

    def _watched_tick(self) -> Any:
        self._set_clock()
        try:
            answer = self._tick()
            if answer is None:
                self._fail(f"The LoadTestShape ended after {self._elapsed():.1f} s, before the measured time did.")
            else:
                wanted, rate = int(answer[0]), float(answer[1])
                self._expected.steer(monotonic(), wanted, rate)
                self.wanted, self._last = wanted, answer
        except Exception as error:  # noqa: BLE001 - Locust would end the run without a word
            self._fail(f"The LoadTestShape failed after {self._elapsed():.1f} s: {describe(error)}.")
        return self._last

    def _set_clock(self) -> None:
        if self._started:
            return
        self._shape.reset_time()
        self._started = self._elapsed() > 0
        if self._started and hasattr(self._shape, "start_time"):
            self._shape.start_time -= self._elapsed()

    def _elapsed(self) -> float:
        """Seconds since the window began, 0 before."""
        return 0.0 if self._t0 is None else max(0.0, monotonic() - self._t0)

    def _fail(self, words: str) -> None:
        if self.error is None and self._elapsed() < self._duration - _TOLERANCE_S:
            self.error = UnableError(words)
