"""Real Locust runs through the adapter: what went in must come out, whatever the load file does."""

import contextlib
import os
import signal
import socket

import pytest
from support import loadruns
from support.loadruns import PAYLOAD, Eyes, endpoints, generators, run, slower_than
from support.server import serve

from bot.adapters.locust import LocustLoad, Timing
from bot.core.evidence import Ending
from bot.core.loadplan import ClosedModel, OpenModel
from bot.core.validity import judge_completion, judge_tasks
from bot.core.verdict import Result
from bot.errors import BotError, Reason

HASTY_DRAIN = Timing(startup=30, drain=1, allowance=30, poll=0.05)
HASTY = Timing(startup=1, drain=1, allowance=1, poll=0.05)


@pytest.fixture
def server():
    with serve() as running:
        yield running


def scenario(file, model, *, duration=2.0, warmup=0.5, **options):
    return loadruns.scenario(file, model, duration=duration, warmup=warmup, options=options)


def test_every_arrival_of_the_open_model_is_sent_once_and_answered(server, tmp_path):
    eyes = Eyes()
    plan = scenario(PAYLOAD, OpenModel(rate=150, pool=20), payload="2KiB", expect="echo")
    evidence = run(plan, server.url, tmp_path, eyes=eyes)
    assert (evidence.ending, evidence.ending_detail, evidence.truncated) == (Ending.COMPLETED, "", ())
    assert (evidence.arrivals.due, evidence.arrivals.started, evidence.arrivals.unsent) == (300, 300, 0)
    echo = endpoints(evidence)["POST /echo"]
    assert (echo.ok, echo.failed, echo.response.total, echo.service.total) == (300, 0, 300, 300)
    assert evidence.arrivals.lateness.total == 300
    assert evidence.arrivals.pool_size == 20
    assert sum(second.due for second in evidence.timeline) == pytest.approx(300, abs=3)
    assert eyes.lines[0]["kind"] == "start"
    assert eyes.lines[-1]["kind"] == "end"
    assert evidence.refused_connects == evidence.user_errors == ()


def test_an_ordinary_file_runs_unchanged_at_its_own_pace(server, tmp_path):
    evidence = run(scenario("ordinary.py", ClosedModel(users=4), warmup=1), server.url, tmp_path)
    assert (evidence.ending, evidence.truncated, evidence.arrivals) == (Ending.COMPLETED, (), None)
    found = endpoints(evidence)
    assert set(found) == {"GET read", "POST write"}  # the logins were before the window
    # 4 users with 0.1 s between their requests, for 2 s: never more than 80, and 4 for what was under way
    assert 8 <= sum(each.ok for each in found.values()) <= 84
    assert sum(each.failed for each in found.values()) == 0
    assert sum(second.sent for second in evidence.timeline) > 0


def test_a_pool_that_is_too_small_shows_as_waiting_and_nothing_is_dropped(server, tmp_path):
    plan = scenario("path.py", OpenModel(rate=20, pool=2), duration=1.5, warmup=0, path="/slow/0.2")
    evidence = run(plan, server.url, tmp_path)
    arrivals, visit = evidence.arrivals, endpoints(evidence)["GET visit"]
    assert (arrivals.due, arrivals.started, arrivals.unsent) == (30, 30, 0)
    assert (arrivals.pool_size, arrivals.pool_peak) == (2, 2)
    assert arrivals.late > 20
    assert visit.response.total == visit.ok == 30
    # 30 arrivals at 10 a second take 3 s, so the last ones waited for more than a second
    assert slower_than(visit.response, 1.0) >= 5
    assert slower_than(visit.service, 0.19) == 30


def test_arrivals_that_never_got_a_user_are_told(server, tmp_path):
    plan = scenario("path.py", OpenModel(rate=10, pool=2), duration=1, warmup=0, path="/never")
    evidence = run(plan, server.url, tmp_path, timing=Timing(startup=30, drain=1, allowance=30, poll=0.05))
    assert evidence.truncated == ()
    assert (evidence.arrivals.due, evidence.arrivals.started, evidence.arrivals.unsent) == (10, 2, 8)
    assert endpoints(evidence)["GET visit"].failures == (("unfinished", 2),)


def test_a_rate_beyond_the_generator_shows_as_unsent(server, tmp_path):
    plan = scenario("path.py", OpenModel(rate=20_000, pool=4), duration=1, warmup=0, path="/echo")
    evidence = run(plan, server.url, tmp_path, timing=Timing(startup=30, drain=0.5, allowance=30, poll=0.05))
    assert (evidence.ending, evidence.truncated) == (Ending.COMPLETED, ())
    assert evidence.arrivals.due == 20_000
    assert 0 < evidence.arrivals.started < 20_000


def test_a_frozen_service_is_seen_by_every_arrival_that_fell_into_the_freeze(server, tmp_path):
    plan = scenario("path.py", OpenModel(rate=100, pool=2), duration=2.5, warmup=0, path="/stall/1/0.5")
    visit = endpoints(run(plan, server.url, tmp_path))["GET visit"]
    assert visit.ok == 250
    assert slower_than(visit.response, 0.2) >= 20  # of the 50 that were due meanwhile
    assert slower_than(visit.service, 0.4) <= 4  # the two that were on their way, and what the machine does


@pytest.mark.parametrize("model", [OpenModel(rate=60, pool=8), ClosedModel(users=2)])
def test_every_failure_is_counted_as_what_it_was(server, tmp_path, model):
    with socket.socket() as unused, serve() as elsewhere:
        unused.bind(("127.0.0.1", 0))
        options = {"dead": unused.getsockname()[1], "elsewhere": elsewhere.port}
        evidence = run(scenario("everything.py", model, **options), server.url, tmp_path)
        assert elsewhere.connections() == 0
    assert (evidence.ending, evidence.truncated) == (Ending.COMPLETED, ())
    found = endpoints(evidence)
    assert found["GET fine"].failed == 0 < found["GET fine"].ok
    assert found["GET forgiven"].failed == 0 < found["GET forgiven"].ok
    assert found["GET 503"].ok == 0
    assert [kind for kind, _ in found["GET 503"].failures] == ["HTTP 503"]
    assert [kind for kind, _ in found["GET praised"].failures] == ["success-on-error"]
    assert [kind for kind, _ in found["GET astray"].failures] == ["AddressNotAllowedError"]
    assert found["GET before the error"].ok > 0
    assert {text for text, _ in evidence.user_errors} == {
        "ValueError: a task that fails",
        "TaskExitError: SystemExit: 0",
    }
    assert f"127.0.0.1:{elsewhere.port}" in dict(evidence.refused_connects)


def test_task_sets_are_walked_through_one_task_an_arrival(server, tmp_path):
    evidence = run(scenario("nested.py", OpenModel(rate=80, pool=6)), server.url, tmp_path)
    assert (evidence.ending, evidence.truncated, evidence.user_errors) == (Ending.COMPLETED, (), ())
    found = {name: each.ok for name, each in endpoints(evidence).items()}
    assert evidence.arrivals.unsent == 0
    assert sum(found.values()) - found["GET second b"] == evidence.arrivals.due == 160
    assert found["GET once"] == 40  # a quarter by weight, though each user leaves after one
    assert all(found[f"GET {name}"] for name in ("first", "second a", "third", "back"))


def test_arrivals_that_send_nothing_are_counted_and_those_that_raise_are_not(server, tmp_path):
    evidence = run(scenario("silent.py", OpenModel(rate=80, pool=8), duration=1), server.url, tmp_path)
    assert (evidence.ending, evidence.truncated) == (Ending.COMPLETED, ())
    assert evidence.arrivals.started == 80
    # One in four sends at once, one sends from a greenlet that outlives its task, one raises, one does nothing.
    assert evidence.arrivals.empty == pytest.approx(20, abs=2)
    assert dict(evidence.user_errors)["ValueError: before any request"] >= 19
    found = {name: each.ok for name, each in endpoints(evidence).items()}
    assert found == {"GET at once": pytest.approx(20, abs=2), "GET afterwards": pytest.approx(20, abs=2)}


@pytest.mark.parametrize("client", ["plain", "fast"])
def test_requests_that_outlive_their_task_and_are_never_answered_are_failures(server, tmp_path, client):
    plan = scenario("spawns.py", OpenModel(rate=40, pool=8), duration=1, warmup=0.2, client=client)
    evidence = run(plan, server.url, tmp_path, timing=Timing(startup=30, drain=1, allowance=30, poll=0.05))
    assert (evidence.ending, evidence.truncated, evidence.arrivals.empty) == (Ending.COMPLETED, (), 0)
    found = endpoints(evidence)
    assert sum(each.ok + each.failed for each in found.values()) == 40
    assert found["GET never"].ok == 0 < found["GET answered"].ok
    assert dict(found["GET never"].failures)["unfinished"] == pytest.approx(20, abs=1)


@pytest.mark.parametrize("how", ["leave", "raise at start", "raise at task set start"])
def test_users_of_the_closed_model_that_are_gone_are_told(server, tmp_path, how):
    evidence = run(scenario("leaves.py", ClosedModel(users=5), duration=1, how=how), server.url, tmp_path)
    assert (evidence.ending, evidence.truncated) == (Ending.COMPLETED, ())
    assert evidence.users_lowest == 1
    assert judge_completion(evidence).result is Result.INVALID


@pytest.mark.parametrize("model", [OpenModel(rate=40, pool=4), ClosedModel(users=3)])
@pytest.mark.parametrize("duration", [0.4, 1.0, 1.6])
def test_an_honest_run_of_any_length_is_complete(server, tmp_path, model, duration):
    evidence = run(scenario(PAYLOAD, model, duration=duration, warmup=0.3), server.url, tmp_path)
    assert judge_completion(evidence).result is Result.PASS
    assert judge_tasks(evidence) is None


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("raises_at_import.py", "ValueError: no such luck"),
        ("raises_at_start.py", "Every user ended at its start: RuntimeError: cannot log in."),
        ("raises_at_init.py", "init refused"),
        ("missing.py", "There is no load file missing.py."),
    ],
)
def test_a_load_file_that_cannot_begin_is_named(tmp_path, file, words):
    evidence = run(scenario(file, OpenModel(rate=10, pool=2)), "http://127.0.0.1:1", tmp_path)
    assert evidence.ending is Ending.LOCUSTFILE_ERROR
    assert words in evidence.ending_detail
    assert evidence.endpoints == ()


def test_a_load_file_that_hangs_is_ended_at_the_deadline(tmp_path):
    evidence = run(scenario("hangs.py", OpenModel(rate=10, pool=2)), "http://127.0.0.1:1", tmp_path, timing=HASTY)
    assert (evidence.ending, evidence.ending_detail) == (Ending.DEADLINE, "The load did not begin within 2 s.")
    assert "the closing line is missing" in evidence.truncated


def test_a_killed_load_process_loses_at_most_one_interval(server, tmp_path):
    def kill_in_the_third_second(line):
        if line["phase"] == "measured" and len([each for each in eyes.lines if each.get("phase") == "measured"]) == 2:
            os.kill(generators(tmp_path)[0], signal.SIGKILL)

    eyes = Eyes("second", kill_in_the_third_second)
    plan = scenario(PAYLOAD, OpenModel(rate=50, pool=5), duration=20, warmup=0)
    evidence = run(plan, server.url, tmp_path, eyes=eyes)
    assert evidence.ending is Ending.CRASHED
    assert "the closing line is missing" in evidence.truncated
    assert 95 <= endpoints(evidence)["POST /echo"].ok == endpoints(evidence)["POST /echo"].response.total <= 150
    assert 1.9 < evidence.measured < 3.5


def test_an_interrupt_ends_the_load_and_goes_on(server, tmp_path):
    def interrupt(_line):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(scenario(PAYLOAD, OpenModel(rate=10, pool=2)), server.url, tmp_path, eyes=Eyes("start", interrupt))
    assert generators(tmp_path) == []
    evidence = LocustLoad().read(scenario(PAYLOAD, OpenModel(rate=10, pool=2)), tmp_path)
    assert (evidence.ending, evidence.ending_detail) == (Ending.CRASHED, "The load was cut off by KeyboardInterrupt.")


class FullDisk:
    """An observer that puts a full disk where the histograms belong."""

    @contextlib.contextmanager
    def observe(self, _plan, _scenario, _sha, ndjson):
        ndjson.with_suffix(".hlog").symlink_to("/dev/full")
        yield


def test_a_full_disk_is_told_as_such(server, tmp_path):
    with pytest.raises(BotError) as failure:
        run(scenario(PAYLOAD, OpenModel(rate=10, pool=2)), server.url, tmp_path, observers=[FullDisk()])
    assert failure.value.reason is Reason.DISK_FULL


def test_a_target_that_does_not_resolve_is_named(tmp_path):
    evidence = run(scenario(PAYLOAD, OpenModel(rate=10, pool=2)), "http://staging.invalid", tmp_path)
    assert evidence.ending is Ending.CRASHED
    assert evidence.ending_detail.startswith("The target cannot be resolved: gaierror")


def test_a_client_of_the_files_own_that_hangs_in_the_closed_model_is_unfinished(server, tmp_path):
    evidence = run(scenario("hanging.py", ClosedModel(users=3)), server.url, tmp_path, timing=HASTY_DRAIN)
    assert endpoints(evidence)["(no request)"].failures == (("unfinished", 3),)


def test_requests_that_locust_never_reports_are_counted(server, tmp_path):
    evidence = run(scenario("forgotten.py", OpenModel(rate=20, pool=6), duration=1), server.url, tmp_path)
    assert (evidence.ending, evidence.truncated) == (Ending.COMPLETED, ())
    assert (evidence.flights.sent, evidence.flights.reported) == (40, 20)
    assert judge_tasks(evidence).result is Result.INVALID


def test_requests_that_a_freeze_holds_back_beyond_the_window_count_in_the_closed_model(server, tmp_path):
    plan = scenario("held.py", ClosedModel(users=3), duration=1.0, warmup=0, path="/slow/2")
    evidence = run(plan, server.url, tmp_path)
    assert (evidence.ending, evidence.truncated) == (Ending.COMPLETED, ())
    assert slower_than(endpoints(evidence)["GET visit"].service, 1.5) == 3
