"""The pilot: what it sees line by line, and what it orders."""

from dataclasses import replace

import pytest
from support.evidence import load, load_plan

from bot.core.orders import Extend, Stop
from bot.flows.steer import Pilot

T0 = 1_700_000_000.0
START = {"kind": "start", "t": T0}
OPEN = ("something",)


class Reader:
    """Counts how often the evidence was read."""

    def __init__(self):
        self.times = 0

    def __call__(self):
        self.times += 1
        return load()


def pilot(*, undecided=(), proof=False, read=None, duration=20.0, **plan):
    scenario = replace(load_plan(duration=duration), **plan)
    return Pilot(scenario, read=read or Reader(), undecided=lambda _seen: undecided, proof=proof)


def second(at, *, failed=0, over=(0, 0), phase="measured"):
    failures = {"POST /echo": {"HTTP 500": failed}} if failed else {}
    counts = {"due": 1000, "sent": 1000, "ok": 1000 - failed, "failed": failed, "late": 0}
    return {"kind": "second", "t": T0 + at, "phase": phase, **counts, "over": list(over), "failures": failures}


def orders(steered, lines):
    return [order for line in lines if (order := steered.line(line))]


def course(seconds=20, **facts):
    return [START, *(second(at, **facts) for at in range(1, seconds + 1))]


def test_a_broken_build_is_stopped_once():
    (order,) = orders(pilot(), course(failed=1000))
    assert isinstance(order, Stop)
    assert (order.abort.rule, order.abort.at) == ("certain", 1.0)


def test_a_healthy_build_is_told_nothing():
    assert orders(pilot(extend=0.5), course()) == []


def test_a_plan_may_forbid_stopping():
    assert orders(pilot(abort=False), course(failed=1000)) == []


def test_the_warm_up_never_counts():
    assert orders(pilot(), [START, *(second(at - 10, failed=1000, phase="warmup") for at in range(10))]) == []
    assert orders(pilot(), course(failed=1000)[1:]) == []  # before the opening line nobody knows when it was


def test_nothing_is_stopped_before_staging_has_said_which_commit_it_runs():
    cautious = pilot(proof=True)
    before = {"kind": "deployed", "t": T0 - 5, "phase": "before", "sha": "c" * 40}
    none = {"kind": "deployed", "t": T0 + 1, "phase": "during", "sha": None}
    during = {"kind": "deployed", "t": T0 + 3, "phase": "during", "sha": "c" * 40}
    assert orders(cautious, [before, *course(3, failed=1000), none]) == []
    (order,) = orders(cautious, [during, second(4, failed=1000)])
    assert order.abort.at == 4.0


def test_undecided_at_the_end_it_goes_on_once():
    read = Reader()
    found = orders(pilot(undecided=OPEN, extend=0.5, read=read), course(30))
    assert found == [Extend(10.0)]
    assert read.times == 1


def test_decided_or_not_to_be_extended_it_ends_as_planned():
    assert orders(pilot(undecided=(), extend=0.5), course(30)) == []
    assert orders(pilot(undecided=OPEN), course(30)) == []


@pytest.mark.parametrize(("duration", "asked"), [(20.0, 19.0), (2.0, 1.0), (600.0, 594.0)])
def test_there_is_time_to_read_before_the_window_ends(duration, asked):
    steered = pilot(undecided=OPEN, extend=0.5, duration=duration)
    lines = course(int(duration))
    first = next(line for line in lines if steered.line(line))
    assert first["t"] - T0 == asked


def test_what_a_strained_process_measured_is_not_held_against_the_service():
    slow = [second(at, over=(1000, 1000)) for at in range(1, 16)]
    ill = [{"kind": "health", "t": each["t"], "process": "main", "cpu": 0.99} for each in slow]
    lines = [START, *(line for pair in zip(ill, slow, strict=True) for line in pair)]
    assert orders(pilot(), lines) == []
    assert len(orders(pilot(), [START, *slow])) == 1


@pytest.mark.parametrize("line", [{}, {"kind": "start"}, {"kind": "second"}, {"kind": "deployed", "t": "x"}])
def test_odd_lines_are_passed_over(line):
    steered = pilot(proof=True)
    assert steered.line(line) is None
    steered.line(START)
    assert steered.line(line) is None
