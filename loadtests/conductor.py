"""The course of one run: users ready, warm-up, measured window, drain, closing line."""

import gc
import logging
from collections.abc import Callable
from time import monotonic
from typing import Any, Final

import gevent
from gevent.event import Event

from loadtests.failures import describe
from loadtests.interval import Interval, Phase
from loadtests.listener import Window
from loadtests.outputs import Sink
from loadtests.parts import HealthProbe, Model, OwnStart, Start, unobserved
from loadtests.plan import Plan
from loadtests.recorder import Recorder
from loadtests.report import Closing, Ending
from loadtests.schedule import next_mark

_log = logging.getLogger(__name__)

_POLL_S: Final = 0.05
_SHORTEST_LOOK_S: Final = 0.5
# Whoever stops a load early does not wait for its slowest answers.
_SHORT_DRAIN_S: Final = 2.0
# Two intervals, so that one may fall between a user's end and its replacement.
_EMPTY_INTERVALS: Final = 2
_GC_THRESHOLDS: Final = (100_000, 50, 100)


class UnableError(Exception):
    """The load file makes it impossible to begin or to go on; its text is the closing line's detail."""


class _StoppedError(Exception):
    """The run was told to end."""


class Conductor:
    """Leads a run through its phases and closes it, whatever happens; then tells Locust to leave.

    `extend` and `stop` are orders from outside, and may come from any greenlet at any time.
    """

    def __init__(
        self,
        plan: Plan,
        recorder: Recorder,
        sink: Sink,
        window: Window,
        model: Model,
        *,
        start: Start | None = None,
        health: HealthProbe = unobserved,
    ) -> None:
        self._plan = plan
        self._recorder = recorder
        self._sink = sink
        self._window = window
        self._model = model
        self._start = start or OwnStart()
        self._health = health
        self._duration = plan.duration
        self._epoch = 0.0
        self._mark = 0.0
        self._empty = 0
        self._ending = False
        self._stopped = Event()
        self._stop_words = ""

    # --- orders

    def extend(self, seconds: float) -> None:
        """Measure that many seconds more; too late once the window has ended."""
        if self._elapsed() >= self._duration or self._ending:
            return
        self._duration += seconds
        self._window.duration = self._duration
        self._model.extend(seconds)
        self._sink.extended(seconds, self._duration)

    def stop(self, words: str) -> None:
        """Measure no further; the closing line repeats those words."""
        self._stop_words = words
        self._stopped.set()

    # --- phases

    def conduct(self, leave: Callable[[], None]) -> None:
        """Run from users ready to the closing line."""
        try:
            self._await_users()
            self._begin()
            self._run()
        except UnableError as reason:
            self._end(Ending.LOCUSTFILE_ERROR, str(reason))
        except Exception as error:  # noqa: BLE001 - whatever it is, the closing line names it
            _log.exception("The load generator has failed.")
            self._end(Ending.CRASHED, describe(error))
        finally:
            leave()

    def cut_short(self, **_: Any) -> None:
        """Locust ends without being asked to: say so, unless the run is over."""
        self._end(Ending.CRASHED, f"The load was stopped before its end, {self._where()}.")
        while not self._sink.ended:  # the conductor is just writing it
            gevent.sleep(_POLL_S)

    def _run(self) -> None:
        try:
            self._record()
        except _StoppedError:
            self._duration = self._window.duration = max(0.0, self._elapsed())
            self._model.stop_now()
            self._drain(min(_SHORT_DRAIN_S, self._plan.drain))
            # The order cut them off: what a completed run would have waited for has not failed.
            self._end(Ending.ABORTED, self._stop_words, patience=self._plan.drain)
        else:
            self._model.stop()
            self._drain(self._plan.drain)
            self._end(Ending.COMPLETED)

    def _await_users(self) -> None:
        deadline = monotonic() + self._plan.startup
        while not (self._start.possible() and self._model.ready()):
            if monotonic() > deadline:
                raise UnableError(f"The users were not ready within {self._plan.startup:g} s{self._first_error()}.")
            gevent.sleep(_POLL_S)
        if self._model.deserted:
            raise UnableError(f"Every user ended at its start{self._first_error()}.")

    def _begin(self) -> None:
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_GC_THRESHOLDS)
        moment = self._start.agree(self._plan.warmup)
        self._epoch = moment.epoch
        self._mark = -self._plan.warmup
        self._window.t0 = moment.monotonic
        self._sink.start(moment.epoch)
        self._health()  # from here on
        self._model.begin(moment.monotonic)

    def _record(self) -> None:
        mark = -self._plan.warmup
        while mark < self._duration:
            mark = next_mark(mark, self._duration)
            if self._stopped.wait(max(0.0, mark - self._elapsed())):
                raise _StoppedError
            self._close_interval(Phase.WARMUP if mark <= 0 else Phase.MEASURED)
            self._check()

    def _drain(self, seconds: float) -> None:
        deadline = self._duration + seconds
        while not self._model.quiet and self._elapsed() < deadline:
            gevent.sleep(_POLL_S)
            self._raise_error()
            if self._elapsed() - self._mark >= 1:
                self._close_interval(self._phase())

    def _end(self, ending: Ending, detail: str = "", patience: float = 0.0) -> None:
        if self._ending:
            return
        self._ending = True
        measured = max(0.0, min(self._elapsed(), self._duration))
        if self._window.t0 is not None:
            self._model.abandon(patience)
            self._window.closed = True  # what is answered from now on is already counted as unfinished
            self._close_interval(self._phase())
        self._sink.end(
            Closing(
                ending,
                detail,
                measured=measured,
                arrivals=self._model.arrivals(),
                users_lowest=self._model.users_lowest,
                users_missing=self._model.users_missing,
                endpoints=self._recorder.endpoints(),
                flights=self._model.flights(),
            )
        )

    # --- parts

    def _elapsed(self) -> float:
        """Seconds since the measured window began, negative during the warm-up."""
        t0 = self._window.t0
        return -self._plan.warmup if t0 is None else monotonic() - t0

    def _phase(self) -> Phase:
        if self._mark < 0:
            return Phase.WARMUP
        return Phase.MEASURED if self._mark < self._duration else Phase.DRAIN

    def _close_interval(self, phase: Phase) -> None:
        now = self._elapsed()
        interval = Interval(phase, self._mark, now, self._epoch + now)
        self._mark = now
        # Shares of a few milliseconds say nothing.
        health = self._health() if interval.end - interval.start >= _SHORTEST_LOOK_S else None
        report = self._recorder.take(interval, self._model.queued, _breathe, health, self._model.occupancy())
        self._sink.interval(report, _breathe)

    def _check(self) -> None:
        self._raise_error()
        self._model.each_second()
        self._empty = self._empty + 1 if self._model.deserted else 0
        if self._empty >= _EMPTY_INTERVALS:
            raise UnableError(f"Every user has ended, {self._where()}{self._first_error()}.")

    def _raise_error(self) -> None:
        if self._model.error is not None:
            raise self._model.error

    def _where(self) -> str:
        if self._window.t0 is None:
            return "before the warm-up"
        return f"{max(0.0, self._elapsed()):.1f} s into {self._duration:g} s"

    def _first_error(self) -> str:
        return next((f": {text}" for text in self._recorder.known_errors), "")


def _breathe() -> None:
    """Let the load go on between two dear steps."""
    gevent.sleep(0)
