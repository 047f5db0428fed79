"""What the master makes of what workers say before and during a run, whoever they are."""

import json

import pytest

from loadtests.merging import Merger
from loadtests.messages import Kind, closing_data
from loadtests.reception import Desk, Reception
from loadtests.report import Closing, Ending
from loadtests.roster import Roster

NAN = float("nan")


class Sink:
    def __init__(self):
        self.ended = False
        self.lines = []

    def worker(self, name, event, detail):
        self.lines.append((name, str(event), detail))


class Run:
    """A master that waits for one worker of another machine."""

    def __init__(self):
        self.roster, self.merger, self.sink, self.sent = Roster(0, 1, 20.0), Merger(), Sink(), []
        desk = Desk(
            lambda kind, data, _: self.sent.append((kind, data)), lambda w: {"name": w.name}, lambda: "here", "c"
        )
        self.reception = Reception(self.roster, self.merger, self.sink, desk)

    def say(self, kind, **data):
        self.reception.listeners[kind](data, "client")
        return self

    def hello(self, **other):
        return self.say(Kind.HELLO, **({"code": "c", "host": "far", "slot": None, "incarnation": "i"} | other))

    def joined(self):
        return self.hello().say(Kind.JOINED, incarnation="i")

    @property
    def worker(self):
        return next(iter(self.roster))

    @property
    def events(self):
        return [event for _, event, _ in self.sink.lines]


def test_a_healthy_worker_is_welcome_joins_and_is_ready():
    run = Run().joined().say(Kind.READY, incarnation="i", skew=0.01, rtt=0.002)
    assert run.sent == [(Kind.WELCOME, {"name": "far:worker-1"})]
    assert (run.worker.ready, run.worker.skew, run.worker.rtt, run.reception.over) == (True, 0.01, 0.002, None)


def test_the_name_of_a_worker_is_short_and_commands_no_terminal():
    run = Run().hello(host="\x1b[31mEVIL\n" + "h" * 100_000)
    assert run.worker.name.startswith("EVIL hhh")
    assert run.worker.name.endswith(":worker-1")
    assert len(run.worker.name) < 100
    assert run.worker.name.isprintable()


def test_a_life_with_a_name_without_end_is_refused():
    run = Run().hello(incarnation="i" * 10_000)
    assert list(run.roster) == []
    assert [kind for kind, _ in run.sent] == [Kind.REFUSED]


@pytest.mark.parametrize("slot", [True, 1.0, "1", -1, [1]])
def test_a_place_that_is_no_number_is_nobodys(slot):
    run = Run()
    with pytest.raises(ValueError, match="count"):
        run.hello(slot=slot)
    assert list(run.roster) == []


@pytest.mark.parametrize(
    ("skew", "rtt"),
    [
        (NAN, NAN),
        (NAN, 0.001),
        (0.0, NAN),
        (0.0, float("inf")),
        (10**400, 0.0),
        ("0", 0.0),
        (0.0, -1e9),
        (5.0, 1e9),
        (0.0, 1e9),
    ],
)
def test_a_clock_that_nobody_can_trust_ends_the_run_and_does_not_break_its_record(skew, rtt):
    run = Run().joined().say(Kind.READY, incarnation="i", skew=skew, rtt=rtt)
    assert run.events[-1] == "skew"
    assert run.reception.over.ending is Ending.CRASHED
    json.dumps(run.worker.facts(0, 0), allow_nan=False)


@pytest.mark.parametrize("number", [60_000_000, 2**53, -1, True, None])
def test_an_interval_with_a_number_that_cannot_be_is_a_gap(number):
    run = Run().joined().say(Kind.INTERVAL, worker="far:worker-1", incarnation="i", number=number, report={})
    assert run.events[-1] == "gap"
    assert run.merger.expected("far:worker-1") == 0


@pytest.mark.parametrize("flaw", [{"sent": 2**52}, {"sent": NAN}, {"closing": {"measured": NAN}}])
def test_a_closing_that_cannot_be_is_not_taken(flaw):
    sound = {"incarnation": "i", "sent": 0, "closing": closing_data(Closing(Ending.COMPLETED))}
    run = Run().joined().say(Kind.END, **(sound | flaw))
    assert run.worker.closing is None
    assert run.events[-1] == "gap"
    assert Run().joined().say(Kind.END, **sound).worker is not None
