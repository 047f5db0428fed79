"""Turns Locust's events into records."""

import math
from time import monotonic
from typing import Any, Final, Protocol

from loadtests.failures import NO_TIME, describe, kind_of
from loadtests.histograms import HIGHEST
from loadtests.recorder import Recorder


class Window:
    """The measured window on the clock of `time.monotonic`; nothing is in it before it was opened, or once closed."""

    def __init__(self, duration: float) -> None:
        self.duration = duration
        self.t0: float | None = None
        self.closed = False

    def holds(self, moment: float) -> bool:
        """Whether that moment counts."""
        return self.reaches(moment) and moment >= (self.t0 or 0.0)

    def reaches(self, began: float) -> bool:
        """Whether what began at that moment, and is not over yet, counts."""
        return self.t0 is not None and not self.closed and began - self.t0 < self.duration

    def meets(self, began: float, ended: float) -> bool:
        """Whether what lasted from the one moment to the other counts: any part of it was within the window."""
        return self.reaches(began) and ended >= (self.t0 or 0.0)


class _Arrival(Protocol):
    measured: bool
    reported: bool
    start: float

    @property
    def lateness(self) -> float: ...


class _Arrivals(Protocol):
    def current(self) -> _Arrival | None: ...

    def told(self) -> None: ...


class _Flights(Protocol):
    def told(self, response: object) -> float | None: ...


class NoFlights:
    """Nobody sees requests leave."""

    def told(self, _response: object) -> None:
        """Unknown."""
        return


_NO_FLIGHTS: Final = NoFlights()


class Listener:
    """Hands every request to the recorder, the first one of an arrival with the lateness of that arrival.

    A request outside any arrival (closed model, `on_start` of a replaced user) counts when it was under way at any
    moment of the window: what a stall held back, at either end, would otherwise be nobody's. Where a client of the load
    file's own sent it, that was as long before its end as it says that it took.
    """

    def __init__(
        self, recorder: Recorder, window: Window, arrivals: _Arrivals, flights: _Flights = _NO_FLIGHTS
    ) -> None:
        self._recorder = recorder
        self._window = window
        self._arrivals = arrivals
        self._flights = flights

    def on_request(  # the hottest call of the process
        self,
        request_type: Any = "",
        name: Any = "",
        response_time: Any = None,
        exception: object = None,
        response: Any = None,
        **_: Any,
    ) -> None:
        """Locust's `request` event; never raises, because Locust would log that and the request would be lost.

        A request without a time is a failure, and took as long as it can have taken.
        """
        arrival = self._arrivals.current()
        failure = _failure(exception, response)
        service = microseconds(response_time)
        if service is None:
            failure, service = failure or NO_TIME, _longest(arrival)
        waited = service
        sent = self._sent(response)
        if arrival is None:
            self._arrivals.told()
            now = monotonic()
            measured = self._window.meets(now - service / 1e6 if sent is None else sent, now)
        else:
            measured = arrival.measured and not self._window.closed
            if not arrival.reported:
                arrival.reported = True
                waited += int(arrival.lateness * 1e6)
        self._recorder.request(_text(request_type), _text(name), waited, service, failure, measured=measured)

    def _sent(self, response: object) -> float | None:
        try:
            return self._flights.told(response)
        except Exception:  # noqa: BLE001 - a client of the load file's own may hand over anything
            return None

    def on_user_error(self, exception: BaseException, **_: Any) -> None:
        """Locust's `user_error` event."""
        self._recorder.user_error(describe(exception))


def microseconds(time: Any) -> int | None:
    """Whole microseconds of a time in milliseconds, an hour at most; None when it is no time at all."""
    try:
        return min(int(time * 1000), HIGHEST) if 0 <= time < math.inf else None
    except Exception:  # noqa: BLE001 - a client of the load file's own may hand over anything
        return None


def _longest(arrival: _Arrival | None) -> int:
    """The longest that a request of that arrival can have taken."""
    return HIGHEST if arrival is None else max(1, int((monotonic() - arrival.start) * 1e6))


def _failure(exception: object, response: Any) -> str | None:
    try:
        return kind_of(exception, response)
    except Exception:  # noqa: BLE001 - what cannot even be asked how it went has failed
        return type(response if exception is None else exception).__name__


def _text(name: Any) -> str:
    if isinstance(name, str):
        return name
    try:
        return str(name)
    except Exception:  # noqa: BLE001 - as above
        return type(name).__name__
