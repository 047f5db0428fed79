"""Real loads that are steered while they run: stopped, extended, starved of CPU; and what the files then say."""

import os
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from support.evidence import at_most, below, evidence
from support.server import serve
from support.service import running_service

from bot.adapters.locust import LocustLoad, Timing
from bot.core.evidence import Abort, Ending
from bot.core.judge import judge
from bot.core.limits import Unit
from bot.core.loadplan import (
    ClosedModel,
    GeneratorLimits,
    LoadPlan,
    Objective,
    OpenModel,
    ScenarioKind,
    ScenarioPlan,
    Workers,
)
from bot.core.orders import Extend, Stop
from bot.core.undecided import undecided
from bot.core.verdict import Result
from bot.flows.steer import Pilot

ORDINARY = Path(__file__).parents[1] / "support" / "locustfiles" / "ordinary.py"
PAYLOAD = Path(__file__).parents[2] / "loadtests" / "payload.py"
PATIENT = Timing(startup=30, drain=5, allowance=30, poll=0.05)
ERRORS = Objective("error_rate", below(0.02, Unit.SHARE))
# The machine that runs the tests is busy with others of them.
WIDE = GeneratorLimits(sent=0.5, lateness=5, cpu=10, wait=1, throttled=1, lag=60)
BUSY_MACHINE = GeneratorLimits(cpu=10, wait=1, throttled=1, lag=60)
STOP = Stop(Abort(1.0, "error_rate", None, "certain", "it was enough"))


class Eyes:
    """Keeps every line, and does something once at a given second of the window."""

    def __init__(self, at=0, act=lambda: None):
        self.lines = []
        self._at = at
        self._act = act

    def second(self, line):
        self.lines.append(line)
        if line["kind"] == "second" and line["phase"] == "measured":
            self._at -= 1
            if self._at == 0:
                self._act()

    def kinds(self, kind):
        return [line for line in self.lines if line["kind"] == kind]


class Orders:
    """A pilot that gives one order at a given second of the window."""

    def __init__(self, order, at=1):
        self._order = order
        self._at = at

    def line(self, line):
        if line["kind"] == "second" and line["phase"] == "measured":
            self._at -= 1
            return self._order if self._at == 0 else None
        return None


def scenario(model=None, *, file=PAYLOAD, duration=3.0, objectives=(ERRORS,), generator=WIDE, **facts):
    return ScenarioPlan(
        "load",
        ScenarioKind.LOAD,
        str(file),
        model or OpenModel(rate=100, pool=20),
        duration,
        0.3,
        objectives,
        generator=generator,
        **facts,
    )


def run(plan, url, folder, pilot=None, eyes=None):
    load = LocustLoad(timing=PATIENT)
    began = time.monotonic()
    load.run(LoadPlan(url, (), (plan,), proof=False), plan, "c" * 40, folder, eyes or Eyes(), pilot=pilot)
    assert generators(folder) == []
    return load.read(plan, folder), time.monotonic() - began


def generators(folder):
    """Load processes of that folder that are still alive."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if any(str(folder) in part for part in process.info["cmdline"] or ()) and process.status() != "zombie"
    ]


def results(seen):
    return {check.objective: check for check in judge(evidence(seen, proof=False))}


def pilot_of(plan, folder):
    return Pilot(
        plan,
        read=lambda: LocustLoad().read(plan, folder),
        undecided=lambda seen: undecided(seen, ()),
        proof=False,
    )


@pytest.fixture
def server():
    with serve() as running:
        yield running


def test_a_build_that_breaks_midway_is_stopped_long_before_its_end(tmp_path):
    with running_service() as service:
        plan = scenario(duration=60.0)
        eyes = Eyes(2, lambda: service.control(error_rate=1.0))
        seen, took = run(plan, service.url, tmp_path, pilot_of(plan, tmp_path), eyes)
    assert took < 30
    assert (seen.ending, seen.truncated) == (Ending.ABORTED, ())
    assert 2 <= seen.measured < 30
    assert seen.abort.rule == "certain"
    assert sum(each.ok + each.failed for each in seen.endpoints) == seen.arrivals.started
    checks = results(seen)
    assert checks["abort"].result is Result.FAIL
    assert checks["error_rate"].result is Result.FAIL
    assert checks["completion"].result is Result.INCONCLUSIVE
    assert "error_rate < 2%" in checks["abort"].reason


def test_a_build_so_slow_that_its_whole_pool_waits_is_stopped_and_fails_by_service_time(tmp_path):
    limits = (Objective("p95", below(0.2)),)
    plan = scenario(OpenModel(rate=40, pool=20), objectives=limits, duration=45.0, generator=BUSY_MACHINE)
    with running_service(delay_ms=1000) as service:
        seen, took = run(plan, service.url, tmp_path, pilot_of(plan, tmp_path))
    assert took < 40
    assert (seen.ending, seen.abort.objective, seen.truncated) == (Ending.ABORTED, "p95", ())
    assert seen.arrivals.unsent > 0
    assert seen.arrivals.pool_peak == seen.arrivals.pool_size
    checks = results(seen)
    assert {name: checks[name].result for name in ("abort", "generator", "p95")} == {
        "abort": Result.FAIL,
        "generator": Result.INVALID,
        "p95": Result.FAIL,
    }
    assert "by service time alone" in checks["p95"].reason


def test_an_undecided_load_goes_on_once_without_a_gap(server, tmp_path):
    # 200 requests without a failure leave the bounds of a limit of 1 % undecided
    plan = scenario(duration=2.0, objectives=(Objective("error_rate", at_most(0.01, Unit.SHARE)),), extend=1.0)
    eyes = Eyes()
    seen, _ = run(plan, server.url, tmp_path, pilot_of(plan, tmp_path), eyes)
    assert [line["seconds"] for line in eyes.kinds("extended")] == [2.0]
    assert (seen.ending, seen.truncated) == (Ending.COMPLETED, ())
    assert (seen.extended, seen.measured) == (2.0, 4.0)
    assert (seen.arrivals.due, seen.arrivals.unsent) == (400, 0)
    assert min(second.due for second in seen.timeline) > 50
    assert results(seen)["completion"].result is Result.PASS


def test_two_workers_go_on_together_without_a_gap(server, tmp_path):
    undecided_yet = (Objective("error_rate", at_most(0.01, Unit.SHARE)),)
    plan = scenario(duration=3.0, objectives=undecided_yet, extend=1.0, workers=Workers(local=2))
    eyes = Eyes()
    seen, _ = run(plan, server.url, tmp_path, pilot_of(plan, tmp_path), eyes)
    assert [line["duration"] for line in eyes.kinds("extended")] == [6.0]
    assert (seen.ending, seen.ending_detail, seen.truncated) == (Ending.COMPLETED, "", ())
    assert (seen.extended, seen.measured) == (3.0, 6.0)
    assert (seen.arrivals.due, seen.arrivals.unsent, server.echoed()) == (600, 0, 630)
    assert min(second.due for second in seen.timeline) > 50
    checks = results(seen)
    assert (checks["completion"].result, checks["workers"].result) == (Result.PASS, Result.PASS)


def test_two_workers_of_a_broken_build_are_stopped_together(tmp_path):
    plan = scenario(duration=60.0, workers=Workers(local=2))
    with running_service() as service:
        eyes = Eyes(2, lambda: service.control(error_rate=1.0))
        seen, took = run(plan, service.url, tmp_path, pilot_of(plan, tmp_path), eyes)
    assert took < 40
    assert (seen.ending, seen.truncated, seen.abort.rule) == (Ending.ABORTED, (), "certain")
    assert seen.ending_detail == seen.abort.words
    assert sum(each.ok + each.failed for each in seen.endpoints) == seen.arrivals.started
    checks = results(seen)
    assert (checks["abort"].result, checks["error_rate"].result) == (Result.FAIL, Result.FAIL)
    assert (checks["workers"].result, checks["completion"].result) == (Result.PASS, Result.INCONCLUSIVE)


def test_a_decided_load_is_not_extended(server, tmp_path):
    plan = scenario(duration=2.0, objectives=(Objective("error_rate", below(0.5, Unit.SHARE)),), extend=1.0)
    seen, _ = run(plan, server.url, tmp_path, pilot_of(plan, tmp_path))
    assert (seen.extended, seen.measured) == (0.0, 2.0)


@pytest.mark.parametrize("model", [OpenModel(rate=50, pool=10), ClosedModel(users=3)], ids=["open", "closed"])
def test_a_stop_ends_the_window_at_once_and_counts_what_was_in_flight(server, tmp_path, model):
    file = ORDINARY if isinstance(model, ClosedModel) else PAYLOAD
    seen, took = run(scenario(model, file=file, duration=60.0), server.url, tmp_path, Orders(STOP))
    assert took < 30
    assert (seen.ending, seen.ending_detail, seen.truncated) == (Ending.ABORTED, "it was enough", ())
    assert 1 <= seen.measured < 30
    assert seen.abort == STOP.abort
    assert results(seen)["error_rate"].result is Result.INCONCLUSIVE


def test_a_service_that_never_answers_does_not_hold_up_the_stop(server, tmp_path):
    file = ORDINARY.with_name("path.py")
    plan = scenario(OpenModel(rate=10, pool=40), file=file, duration=60.0, options={"path": "/never"})
    seen, took = run(plan, server.url, tmp_path, Orders(STOP))
    assert took < 30
    assert (seen.ending, seen.truncated) == (Ending.ABORTED, ())
    # They were younger than the drain of a completed run, so nobody knows whether they would have failed.
    assert seen.endpoints == ()
    assert seen.flights.cut_off == seen.arrivals.started > 0


def test_a_closed_model_is_simply_longer(server, tmp_path):
    plan = scenario(ClosedModel(users=3), file=ORDINARY, duration=2.0)
    seen, _ = run(plan, server.url, tmp_path, Orders(Extend(1.0)))
    assert (seen.ending, seen.extended, seen.measured, seen.truncated) == (Ending.COMPLETED, 1.0, 3.0, ())


def test_an_order_that_comes_too_late_changes_nothing(server, tmp_path):
    class Late:
        def line(self, line):
            return {"end": Extend(5.0)}.get(line["kind"])

    seen, _ = run(scenario(duration=1.0), server.url, tmp_path, Late())
    assert (seen.ending, seen.extended, seen.measured) == (Ending.COMPLETED, 0.0, 1.0)


def test_every_second_tells_how_the_load_process_fared(server, tmp_path):
    seen, _ = run(scenario(), server.url, tmp_path)
    (main,) = seen.health
    assert (main.process, len(main.samples)) == ("main", 3)
    for sample in main.samples:
        assert 0 < sample.cpu < 1.5
        assert sample.lag >= 0
        assert 0 < sample.files < 0.5
        assert 1 <= sample.sockets <= 200
        assert sample.wait is None or 0 <= sample.wait < 10
        assert sample.throttled is None or sample.throttled >= 0
    assert results(seen)["generator"].result is Result.PASS


def load_process(folder):
    while not (found := generators(folder)):
        time.sleep(0.05)
    return found[0]


@contextmanager
def starving(folder):
    """Stops the load process for three quarters of every fifth of a second, as a machine without a core for it does."""
    over = threading.Event()

    def bursts():
        pid = load_process(folder)
        time.sleep(1.5)  # so that it gets to begin
        while not over.wait(0.05):
            try:
                os.kill(pid, signal.SIGSTOP)
                time.sleep(0.15)
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                return

    thread = threading.Thread(target=bursts, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize("model", [OpenModel(rate=100, pool=20), ClosedModel(users=3)], ids=["open", "closed"])
def test_what_a_starved_generator_measured_is_invalid_but_errors_are_errors(tmp_path, model):
    file = ORDINARY if isinstance(model, ClosedModel) else PAYLOAD
    objectives = (ERRORS, Objective("p95", below(5)))
    plan = scenario(model, file=file, objectives=objectives, duration=5.0, generator=GeneratorLimits(), abort=False)
    with running_service(error_rate=1.0) as service, starving(tmp_path):
        seen, _ = run(plan, service.url, tmp_path)
    checks = results(replace(seen, truncated=()))
    assert checks["generator"].result is Result.INVALID
    assert checks["p95"].result is Result.INVALID
    assert checks["error_rate"].result is Result.FAIL
