"""Turns Locust's events into records."""

from time import monotonic
from typing import Any, Protocol

from loadtests.failures import describe, kind_of
from loadtests.recorder import Recorder


class Window:
    """The measured window on the clock of `time.monotonic`; nothing is in it before it was opened, or once closed."""

    def __init__(self, duration: float) -> None:
        self.duration = duration
        self.t0: float | None = None
        self.closed = False

    def holds(self, moment: float) -> bool:
        """Whether that moment counts."""
        return self.t0 is not None and not self.closed and 0 <= moment - self.t0 < self.duration


class _Arrival(Protocol):
    measured: bool
    reported: bool

    @property
    def lateness(self) -> float: ...


class _Arrivals(Protocol):
    def current(self) -> _Arrival | None: ...


class NoArrivals:
    """The closed model has none."""

    def current(self) -> None:
        """None."""
        return


class Listener:
    """Hands every request to the recorder, the first one of an arrival with the lateness of that arrival.

    A request outside any arrival (closed model, `on_start` of a replaced user) counts by the moment it ended.
    """

    def __init__(self, recorder: Recorder, window: Window, arrivals: _Arrivals) -> None:
        self._recorder = recorder
        self._window = window
        self._arrivals = arrivals

    def on_request(  # the hottest call of the process
        self,
        request_type: str,
        name: str,
        response_time: float,
        exception: object = None,
        response: Any = None,
        **_: Any,
    ) -> None:
        """Locust's `request` event."""
        service = int(response_time * 1000) if response_time and response_time > 0 else 0
        waited, arrival = service, self._arrivals.current()
        if arrival is None:
            measured = self._window.holds(monotonic())
        else:
            measured = arrival.measured and not self._window.closed
            if not arrival.reported:
                arrival.reported = True
                waited += int(arrival.lateness * 1e6)
        failure = kind_of(exception, response)
        self._recorder.request(request_type, name, waited, service, failure, measured=measured)

    def on_user_error(self, exception: BaseException, **_: Any) -> None:
        """Locust's `user_error` event."""
        self._recorder.user_error(describe(exception))
