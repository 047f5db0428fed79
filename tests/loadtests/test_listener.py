import math
from decimal import Decimal
from time import monotonic
from types import SimpleNamespace

import pytest

from loadtests.histograms import HIGHEST
from loadtests.interval import Interval, Pacing, Phase
from loadtests.listener import Listener, Window, microseconds
from loadtests.outputs import second
from loadtests.recorder import Recorder

T0 = 1_700_000_000.0


class NoArrivals:
    """Nobody asks for requests."""

    def current(self) -> None:
        """None."""
        return

    def told(self) -> None:
        """Nobody wants to know."""


class Unspeakable:
    """Cannot be asked for anything."""

    @property
    def status_code(self):
        raise RuntimeError("no status")

    def __str__(self):
        raise RuntimeError("no words")


class Heard:
    """A listener whose window is open, and what its recorder took down."""

    def __init__(self, arrivals):
        self.recorder = Recorder(Pacing.OPEN)
        self.window = Window(3600.0)
        self.window.t0 = 0.0
        self.window.meets = lambda _began, _ended: True
        self.listener = Listener(self.recorder, self.window, arrivals)

    def endpoint(self):
        """What was recorded of the only endpoint."""
        self.line = second(self.recorder.take(Interval(Phase.MEASURED, 0.0, 1.0, T0 + 1), 0, lambda: None))
        (found,) = self.recorder.endpoints()
        return found


@pytest.fixture
def heard():
    return Heard(NoArrivals())


NO_TIMES = [
    *(math.nan, math.inf, -math.inf, -5, -0.001, 1e308, None, "12", b"1", 1j, [], {}, object()),
    *(Decimal("NaN"), Decimal(-1)),
]


@pytest.mark.parametrize("time", NO_TIMES, ids=lambda time: type(time).__name__ if type(time) is object else repr(time))
def test_a_request_without_a_time_is_a_failure_that_took_longest_and_is_never_lost(heard, time):
    heard.listener.on_request(request_type="GET", name="x", response_time=time, exception=None, context={})
    found = heard.endpoint()
    assert (found["ok"], found["failures"], found["response_total"]) == (0, {"no-time": 1}, 1)
    assert heard.line["p50"] == HIGHEST / 1e6


@pytest.mark.parametrize(
    ("given", "found"),
    [(0, 0), (0.0, 0), (1, 1_000), (1.5, 1_500), (Decimal("2.5"), 2_500), (1e12, HIGHEST), (10**400, HIGHEST)],
)
def test_a_time_of_any_numeric_kind_is_taken(given, found):
    assert microseconds(given) == found


def test_a_failure_keeps_its_own_kind_when_it_has_no_time(heard):
    heard.listener.on_request("GET", "x", None, exception=ConnectionError("gone"))
    assert heard.endpoint()["failures"] == {"ConnectionError": 1}


def test_without_a_time_an_arrival_took_no_longer_than_since_its_start():
    arrival = SimpleNamespace(measured=True, reported=False, start=monotonic() - 2, lateness=0.0)
    heard = Heard(SimpleNamespace(current=lambda: arrival))
    heard.listener.on_request("GET", "x", math.nan)
    heard.endpoint()
    assert 2.0 <= heard.line["p50"] < 60
    assert arrival.reported


@pytest.mark.parametrize(
    "facts",
    [
        {"response": Unspeakable(), "response_time": 1},
        {"exception": type("ResponseError", (Unspeakable, Exception), {})(), "response_time": 1},
        {"request_type": [], "name": {}, "response_time": math.nan},
        {"name": Unspeakable()},
        {},
    ],
)
def test_whatever_a_client_reports_is_counted(heard, facts):
    heard.listener.on_request(**facts)
    found = heard.endpoint()
    assert (found["ok"], found["failed"]) == (0, 1)


@pytest.mark.parametrize(
    ("began", "ended", "counts"),
    [(1, 2, True), (9, 14, True), (-3, 1, True), (-3, 14, True), (-3, -1, False), (10, 11, False)],
)
def test_what_a_stall_at_either_end_of_the_window_held_back_counts(began, ended, counts):
    window = Window(10.0)
    window.t0 = 100.0
    assert window.meets(100.0 + began, 100.0 + ended) is counts


def test_a_request_of_the_window_that_is_answered_after_it_counts():
    heard = Heard(NoArrivals())
    heard.window = Window(5.0)
    heard.window.t0 = monotonic() - 9
    heard.listener = Listener(heard.recorder, heard.window, NoArrivals())
    heard.listener.on_request("GRPC", "held back", 6000)
    heard.listener.on_request("GRPC", "sent afterwards", 1)
    assert heard.endpoint()["endpoint"] == "GRPC held back"
