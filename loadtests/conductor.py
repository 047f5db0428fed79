"""The course of one run: users ready, warm-up, measured window, drain, closing line."""

import gc
import logging
from collections.abc import Callable
from time import monotonic, time
from typing import Any, Final, Protocol

import gevent

from loadtests.failures import describe
from loadtests.listener import Window
from loadtests.plan import Plan
from loadtests.recorder import Interval, Phase, Recorder
from loadtests.report import Ending, Report
from loadtests.schedule import marks

_log = logging.getLogger(__name__)

_LEAD_S: Final = 0.1
_POLL_S: Final = 0.05
# Two intervals, so that one may fall between a user's end and its replacement.
_EMPTY_INTERVALS: Final = 2
_GC_THRESHOLDS: Final = (100_000, 50, 100)


class UnableError(Exception):
    """The load file makes it impossible to begin or to go on; its text is the closing line's detail."""


class Model(Protocol):
    """What differs between the open and the closed model."""

    @property
    def error(self) -> Exception | None:
        """What broke it, None while it works."""
        ...

    @property
    def queued(self) -> int:
        """Arrivals that wait for a user."""
        ...

    @property
    def quiet(self) -> bool:
        """Whether nothing is under way and nothing more will begin."""
        ...

    @property
    def users(self) -> int:
        """Users alive."""
        ...

    @property
    def users_lowest(self) -> int | None:
        """The fewest users alive in the measured window (closed model)."""
        ...

    def ready(self) -> bool:
        """Whether every user that lives is ready to work."""
        ...

    def begin(self, t0: float) -> None:
        """The measured window begins at `t0` (`time.monotonic`)."""
        ...

    def each_second(self) -> None:
        """Look after the users."""
        ...

    def stop(self) -> None:
        """The window has ended: begin nothing that did not fall due in it."""
        ...

    def abandon(self) -> None:
        """Record what is still under way as unfinished, and begin nothing any more."""
        ...

    def arrivals(self) -> dict[str, int] | None:
        """Totals of the arrivals, None in the closed model."""
        ...


class Conductor:
    """Leads a run through its phases and writes its closing line, whatever happens; then tells Locust to leave."""

    def __init__(self, plan: Plan, recorder: Recorder, report: Report, window: Window, model: Model) -> None:
        self._plan = plan
        self._recorder = recorder
        self._report = report
        self._window = window
        self._model = model
        self._epoch = 0.0
        self._mark = 0.0
        self._empty = 0
        self._ending = False

    def conduct(self, leave: Callable[[], None], begin_log: Callable[[float], None]) -> None:
        """Run from users ready to the closing line; `begin_log` is told when the window begins (epoch seconds)."""
        try:
            self._await_users()
            self._begin(begin_log)
            self._record()
            self._drain()
            self._end(Ending.COMPLETED)
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
        while not self._report.ended:  # the conductor is just writing it
            gevent.sleep(_POLL_S)

    # --- phases

    def _await_users(self) -> None:
        deadline = monotonic() + self._plan.startup
        while not self._model.ready():
            if monotonic() > deadline:
                raise UnableError(f"The users were not ready within {self._plan.startup:g} s{self._first_error()}.")
            gevent.sleep(_POLL_S)
        if not self._model.users:
            raise UnableError(f"Every user ended at its start{self._first_error()}.")

    def _begin(self, begin_log: Callable[[float], None]) -> None:
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_GC_THRESHOLDS)
        t0 = monotonic() + _LEAD_S + self._plan.warmup
        self._epoch = time() + (t0 - monotonic())
        self._mark = -self._plan.warmup
        self._window.t0 = t0
        begin_log(self._epoch)
        self._report.start(self._epoch)
        self._model.begin(t0)

    def _record(self) -> None:
        for mark in marks(self._plan.warmup, self._plan.duration):
            gevent.sleep(max(0.0, mark - self._elapsed()))
            self._close_interval(Phase.WARMUP if mark <= 0 else Phase.MEASURED)
            self._check()

    def _drain(self) -> None:
        self._model.stop()
        deadline = self._plan.duration + self._plan.drain
        while not self._model.quiet and self._elapsed() < deadline:
            gevent.sleep(_POLL_S)
            self._raise_error()
            if self._elapsed() - self._mark >= 1:
                self._close_interval(Phase.DRAIN)

    def _end(self, ending: Ending, detail: str = "") -> None:
        if self._ending:
            return
        self._ending = True
        measured = max(0.0, min(self._elapsed(), self._plan.duration))
        if self._window.t0 is not None:
            self._model.abandon()
            self._window.closed = True  # what is answered from now on is already counted as unfinished
            self._close_interval(self._phase())
        self._recorder.sync()
        self._report.end(
            ending,
            detail,
            measured=measured,
            arrivals=self._model.arrivals(),
            users_lowest=self._model.users_lowest,
            endpoints=self._recorder.endpoints(),
        )

    # --- parts

    def _elapsed(self) -> float:
        """Seconds since the measured window began, negative during the warm-up."""
        t0 = self._window.t0
        return -self._plan.warmup if t0 is None else monotonic() - t0

    def _phase(self) -> Phase:
        if self._mark < 0:
            return Phase.WARMUP
        return Phase.MEASURED if self._mark < self._plan.duration else Phase.DRAIN

    def _close_interval(self, phase: Phase) -> None:
        now = self._elapsed()
        interval = Interval(phase, self._mark, now, self._epoch + now)
        self._mark = now
        self._recorder.close_interval(interval, self._model.queued, lambda: gevent.sleep(0))

    def _check(self) -> None:
        self._raise_error()
        self._model.each_second()
        self._empty = 0 if self._model.users else self._empty + 1
        if self._empty >= _EMPTY_INTERVALS:
            raise UnableError(f"Every user has ended, {self._where()}{self._first_error()}.")

    def _raise_error(self) -> None:
        if self._model.error is not None:
            raise self._model.error

    def _where(self) -> str:
        if self._window.t0 is None:
            return "before the warm-up"
        return f"{max(0.0, self._elapsed()):.1f} s into {self._plan.duration:g} s"

    def _first_error(self) -> str:
        return next((f": {text}" for text in self._recorder.known_errors), "")
