"""Runs of several real workers: what they send together is counted exactly, and whoever is missing is named."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from support.server import serve

from bot.adapters.locust import LocustLoad, Timing
from bot.core.evidence import Abort, Ending
from bot.core.limits import Comparison, Limit, Unit
from bot.core.loadplan import ClosedModel, LoadPlan, Objective, OpenModel, ScenarioKind, ScenarioPlan, Workers
from bot.core.orders import Extend, Stop
from bot.core.verdict import Result
from bot.core.workers import judge_workers

ROOT = Path(__file__).parents[2]
FILES = Path(__file__).parents[1] / "support" / "locustfiles"
PAYLOAD = ROOT / "loadtests" / "payload.py"
PATIENT = Timing(startup=30, drain=5, allowance=30, poll=0.05)
TWO = Workers(local=2)
# What a worker on another machine is, with a clock of its own.
SKEWED = "import time; real = time.time; time.time = lambda: real() + {skew}; "
WORKER = "{skewed}import sys; from loadtests.worker import main; main(sys.argv[1:])"


class Eyes:
    """Keeps every line, and does something once at the first one that fits."""

    def __init__(self, fits=lambda _line: False, act=lambda _line: None):
        self.lines = []
        self._fits = fits
        self._act = act

    def second(self, line):
        self.lines.append(line)
        if self._fits(line):
            self._fits = lambda _line: False
            self._act(line)

    def events(self):
        return [(line["worker"], line["event"]) for line in self.lines if line["kind"] == "worker"]


def measured(line):
    return line["kind"] == "second" and line["phase"] == "measured"


@pytest.fixture
def server():
    with serve() as running:
        yield running


def scenario(model=None, *, file=PAYLOAD, duration=2.0, workers=TWO, objectives=(), **options):
    model = model or OpenModel(rate=100, pool=20)
    path = str(file)
    return ScenarioPlan(
        "load", ScenarioKind.LOAD, path, model, duration, 0.0, objectives, options, workers=workers, abort=False
    )


def run(plan, url, folder, *, eyes=None, timing=PATIENT):
    load = LocustLoad((), timing=timing)
    load.run(LoadPlan(url, (), (plan,), proof=False), plan, "c" * 40, folder, eyes or Eyes())
    assert_all_gone(folder)
    return load.read(plan, folder)


def alive(folder):
    """Load processes of that run which are still there; all of them have its folder as their working directory."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cwd() == str(folder.resolve()) and process.status() != "zombie":
                found.append(process.cmdline())
    return found


def assert_all_gone(folder):
    """The kernel may need a moment for what was killed."""
    deadline = time.monotonic() + 10
    while (left := alive(folder)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []


def workers_of(folder):
    """Workers of this machine, by their number."""
    found = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            line = process.cmdline()
            if process.cwd() == str(folder.resolve()) and "loadtests.worker" in line and "--slot" in line:
                found[int(line[line.index("--slot") + 1])] = process
    return found


def kill_master(folder):
    os.kill(workers_of(folder)[1].ppid(), signal.SIGKILL)


def limit(seconds):
    return Limit(Comparison.BELOW, seconds, Unit.SECONDS, f"< {seconds:g}s")


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@contextlib.contextmanager
def joining(port, folder, *, skew=0, name="far", wait=30):
    """A worker as another machine would start it."""
    code = WORKER.format(skewed=SKEWED.format(skew=skew) if skew else "")
    command = [sys.executable, "-P", "-c", code, "--master", f"127.0.0.1:{port}", "--name", name, "--wait", str(wait)]
    with (folder / f"{name}.log").open("wb") as log:
        child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL)
        try:
            yield child
        finally:
            child.kill()
            child.communicate()


def test_workers_send_the_planned_load_together_and_every_request_is_counted_once(server, tmp_path):
    limits = (Objective("p95", limit(2.0)), Objective("p99", limit(1e-6), "POST /echo"))
    eyes = Eyes()
    # An odd number, so that the shares of the two differ.
    plan = scenario(OpenModel(rate=100.5, pool=20), objectives=limits, payload="1KiB", expect="echo")
    evidence = run(plan, server.url, tmp_path, eyes=eyes)
    assert (evidence.ending, evidence.ending_detail, evidence.truncated) == (Ending.COMPLETED, "", ())
    assert (evidence.arrivals.due, evidence.arrivals.started, evidence.arrivals.unsent) == (201, 201, 0)
    assert evidence.arrivals.lateness.total == 201
    assert evidence.arrivals.pool_size == 20
    (echo,) = evidence.endpoints
    assert echo.ok == echo.response.total == echo.service.total == server.echoed() == 201
    seconds = [line for line in eyes.lines if line["kind"] == "second"]
    assert sum(line["ok"] for line in seconds) == 201
    assert [sum(counts) for counts in zip(*(line["over"] for line in seconds), strict=True)] == [0, 201]
    assert sum(line["endpoints"]["POST /echo"]["ok"] for line in seconds) == 201
    assert {line["process"] for line in eyes.lines if line["kind"] == "health"} == {"worker-1", "worker-2"}
    assert sorted(eyes.events()) == [(f"worker-{n}", event) for n in (1, 2) for event in ("joined", "left")]
    found = judge_workers(evidence)
    assert (found.result, [each.trouble for each in evidence.workers]) == (Result.PASS, [(), ()])
    assert all(abs(each.skew) < 0.5 and each.intervals == each.expected for each in evidence.workers)


def test_the_users_of_the_closed_model_are_shared_out(server, tmp_path):
    plan = scenario(ClosedModel(users=5), file=FILES / "ordinary.py")
    evidence = run(plan, server.url, tmp_path)
    assert (evidence.ending, evidence.truncated, evidence.users_lowest) == (Ending.COMPLETED, (), 5)
    assert sum(each.ok for each in evidence.endpoints) > 5
    assert sum(each.failed for each in evidence.endpoints) == 0


def test_a_killed_worker_ends_the_run_and_is_named(server, tmp_path):
    eyes = Eyes(measured, lambda _line: workers_of(tmp_path)[2].kill())
    evidence = run(scenario(duration=30.0), server.url, tmp_path, eyes=eyes)
    assert evidence.ending is Ending.CRASHED
    assert "worker-2" in evidence.ending_detail
    found = judge_workers(evidence)
    assert found.result is Result.INVALID
    assert "worker-2 lost: its process ended with code -9" in found.words
    # what was counted until then is whole
    assert evidence.truncated == ()
    assert 0 < sum(each.ok for each in evidence.endpoints) <= server.echoed()


def test_all_workers_killed_is_never_a_completed_run(server, tmp_path):
    eyes = Eyes(measured, lambda _line: [each.kill() for each in workers_of(tmp_path).values()])
    evidence = run(scenario(duration=30.0), server.url, tmp_path, eyes=eyes)
    assert evidence.ending is Ending.CRASHED
    assert judge_workers(evidence).result is Result.INVALID


def test_a_killed_master_takes_its_workers_with_it(server, tmp_path):
    evidence = run(
        scenario(duration=30.0), server.url, tmp_path, eyes=Eyes(measured, lambda _line: kill_master(tmp_path))
    )
    assert evidence.ending is Ending.CRASHED
    assert judge_workers(evidence).result is Result.INVALID


def test_a_worker_that_stands_still_is_lost_after_three_seconds(server, tmp_path):
    eyes = Eyes(measured, lambda _line: workers_of(tmp_path)[1].suspend())
    evidence = run(scenario(duration=30.0), server.url, tmp_path, eyes=eyes)
    assert evidence.ending is Ending.CRASHED
    assert "worker-1 lost: " in judge_workers(evidence).words


def test_workers_that_do_not_come_in_time_are_named(server, tmp_path):
    workers = Workers(local=1, remote=2, port=free_port(), deadline=8.0)
    evidence = run(scenario(workers=workers), server.url, tmp_path)
    words = "Only 1 of 3 workers joined within 8 s; missing worker-2, worker-3."
    assert (evidence.ending, evidence.ending_detail) == (Ending.CRASHED, words)
    assert server.echoed() == 0
    assert "worker-2 lost: it did not join" in judge_workers(evidence).words


def test_a_worker_joins_from_elsewhere(server, tmp_path):
    port = free_port()
    with joining(port, tmp_path) as far:
        evidence = run(scenario(workers=Workers(remote=1, port=port)), server.url, tmp_path)
        assert b'"done"' in far.communicate(timeout=20)[0]
    assert (evidence.ending, evidence.truncated) == (Ending.COMPLETED, ())
    assert evidence.endpoints[0].ok == server.echoed() == 200
    assert [each.name for each in evidence.workers] == ["worker-1", "far:worker-2"]


@pytest.mark.parametrize(("skew", "words"), [(5, "ahead of"), (-3, "behind")])
def test_clocks_that_are_apart_make_the_run_invalid_by_name(server, tmp_path, skew, words):
    port = free_port()
    with joining(port, tmp_path, skew=skew):
        evidence = run(scenario(workers=Workers(remote=1, port=port)), server.url, tmp_path)
    assert evidence.ending is Ending.CRASHED
    assert f"far:worker-2 skew: its clock is {abs(skew)}.00 s {words} the master's" in judge_workers(evidence).words
    assert server.echoed() == 0


def test_a_small_difference_of_clocks_is_harmless(server, tmp_path):
    port = free_port()
    with joining(port, tmp_path, skew=0.6):
        evidence = run(scenario(workers=Workers(remote=1, port=port)), server.url, tmp_path)
    assert evidence.ending is Ending.COMPLETED
    assert evidence.workers[1].skew == pytest.approx(0.6, abs=0.1)
    assert sum(second.due for second in evidence.timeline) == pytest.approx(200, abs=3)
    assert judge_workers(evidence).result is Result.PASS


def test_a_worker_that_starts_again_makes_the_run_invalid(server, tmp_path):
    port = free_port()
    with contextlib.ExitStack() as started:
        first = started.enter_context(joining(port, tmp_path))

        def again(_line):
            first.kill()
            started.enter_context(joining(port, tmp_path))

        plan = scenario(duration=30.0, workers=Workers(remote=1, port=port))
        evidence = run(plan, server.url, tmp_path, eyes=Eyes(measured, again))
    assert evidence.ending is Ending.CRASHED
    assert "far:worker-2 " in judge_workers(evidence).words


def test_a_worker_with_another_load_file_may_not_take_part(server, tmp_path):
    port = free_port()
    file = tmp_path / "only-here.py"
    file.write_text((FILES / "ordinary.py").read_text())
    with contextlib.ExitStack() as started:
        far = []

        def change(_line):
            file.write_text(file.read_text() + "# another one\n")
            far.append(started.enter_context(joining(port, tmp_path)))

        eyes = Eyes(lambda line: line.get("event") == "joined", change)
        plan = scenario(ClosedModel(users=2), file=file, workers=Workers(remote=1, port=port, deadline=8))
        evidence = run(plan, server.url, tmp_path, eyes=eyes)
        told = far[0].communicate(timeout=20)[0]
    assert b'"refused"' in told
    assert b"No only-here.py here is the master's" in told
    assert evidence.ending is Ending.CRASHED
    assert "far:worker-2 left: No only-here.py here is the master's" in evidence.ending_detail
    assert server.echoed() == 0


def test_workers_do_not_outlive_a_master_of_another_machine(server, tmp_path):
    port = free_port()

    with joining(port, tmp_path) as far:
        plan = scenario(duration=30.0, workers=Workers(remote=1, port=port))
        run(plan, server.url, tmp_path, eyes=Eyes(measured, lambda _line: kill_master(tmp_path)))
        began = time.monotonic()
        told = far.communicate(timeout=30)[0]
    assert b'"no-master"' in told
    assert time.monotonic() - began < 30


def test_a_worker_without_a_master_says_so(tmp_path):
    with joining(free_port(), tmp_path, wait=1) as far:
        assert b'"no-master"' in far.communicate(timeout=20)[0]
    assert far.returncode == 1


def test_orders_reach_every_worker(server, tmp_path):
    plan = scenario(duration=3.0)
    load = LocustLoad((), timing=PATIENT)
    eyes = Eyes()
    steered = Steering([Extend(1.0), Stop(Abort(0.0, "p95", None, "certain", "it can no longer pass"))])
    load.run(LoadPlan(server.url, (), (plan,), proof=False), plan, "c" * 40, tmp_path, eyes, pilot=steered)
    evidence = load.read(plan, tmp_path)
    assert (evidence.ending, evidence.ending_detail) == (Ending.ABORTED, "it can no longer pass")
    assert (evidence.extended, evidence.truncated) == (1.0, ())
    assert 1.0 <= evidence.measured < 4.0
    assert evidence.arrivals.due == evidence.arrivals.started == evidence.endpoints[0].ok
    assert judge_workers(evidence).result is Result.PASS


class Steering:
    """Gives one order at each measured second."""

    def __init__(self, orders):
        self._orders = iter(orders)

    def line(self, line):
        return next(self._orders, None) if measured(line) else None


def test_a_shape_is_followed_by_all_workers_together(server, tmp_path):
    plan = scenario(ClosedModel(users=4), file=FILES / "shaped.py", duration=3.0, end=99)
    eyes = Eyes()
    evidence = run(plan, server.url, tmp_path, eyes=eyes)
    assert (evidence.ending, evidence.ending_detail, evidence.truncated) == (Ending.COMPLETED, "", ())
    assert evidence.users_missing == 0
    assert sum(each.ok for each in evidence.endpoints) > 0


def test_a_port_that_is_taken_is_named(server, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        workers = Workers(local=1, remote=1, port=taken.getsockname()[1])
        evidence = run(scenario(workers=workers), server.url, tmp_path)
    assert evidence.ending is not Ending.COMPLETED
    assert "already in use" in evidence.ending_detail


def test_fewer_users_than_workers_are_refused_before_anything_is_sent(server, tmp_path):
    evidence = run(scenario(ClosedModel(users=1), file=FILES / "ordinary.py"), server.url, tmp_path)
    assert evidence.ending is Ending.LOCUSTFILE_ERROR
    assert "1 users cannot be shared among 2 workers" in evidence.ending_detail


@pytest.mark.parametrize("bind", ["0.0.0.0", "127.0.0.2", "::1"])
def test_workers_of_this_machine_find_a_master_wherever_it_listens(server, tmp_path, bind):
    workers = Workers(local=1, remote=1, bind=bind, port=free_port(), deadline=30.0)
    # The other one never comes, and nobody waits for it: all was seen once this one is there.
    eyes = Eyes(lambda line: line.get("event") == "joined", lambda _line: kill_master(tmp_path))
    evidence = run(scenario(workers=workers), server.url, tmp_path, eyes=eyes)
    assert evidence.ending is Ending.CRASHED
    assert eyes.events()[0] == ("worker-1", "joined")
