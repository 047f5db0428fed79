import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
import requests
from support.service import SHA, running_service

from bot.errors import BotError

OTHER = "f00dface" * 5


@pytest.fixture
def service():
    with running_service() as running:
        yield running


@pytest.fixture
def http():
    with requests.Session() as session:
        session.trust_env = False
        yield session


def echo(http, service, body=b"x", **options):
    return http.post(f"{service.url}/echo", data=body, timeout=20, **options)


@pytest.mark.parametrize("size", [0, 1, 1024, 64 * 1024, 3_000_000])
def test_echo_gives_the_same_bytes_back(service, http, size):
    body = os.urandom(size)
    answer = echo(http, service, body)
    assert answer.status_code == 200
    assert answer.content == body


def test_a_body_in_chunks_is_echoed_whole(service, http):
    assert echo(http, service, iter([b"a" * 70_000, b"b"])).content == b"a" * 70_000 + b"b"


def test_the_version_changes_with_the_build_and_needs_no_restart(service, http):
    assert http.get(f"{service.url}/version", timeout=20).json() == {"sha": SHA}
    service.control(sha=OTHER)
    assert http.get(f"{service.url}/version", timeout=20).json() == {"sha": OTHER}
    service.control(version_status=503)
    assert http.get(f"{service.url}/version", timeout=20).status_code == 503
    assert service.child.poll() is None


def test_errors_fall_on_every_nth_request(service, http):
    service.control(error_rate=0.25)
    assert [echo(http, service).status_code for _ in range(8)] == [200, 200, 200, 500] * 2


def test_redirects_point_where_they_are_told_to(service, http):
    service.control(redirect_to="http://elsewhere.example/")
    answer = echo(http, service, allow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "http://elsewhere.example/")


def test_a_delay_is_waited_and_told_as_truth_in_seconds(service, http):
    service.control(delay_ms=30)
    for _ in range(5):
        echo(http, service)
    truth = service.truth()
    assert truth["count"] == 5
    assert 0.03 <= truth["p50"] <= truth["p95"] <= truth["p99"]
    service.reset_truth()
    assert service.truth() == {"count": 0, "p50": None, "p95": None, "p99": None}


def test_requests_wait_beside_each_other_not_behind_each_other(service, http):
    service.control(tail_rate=1.0, tail_ms=600_000)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(requests.post, f"{service.url}/echo", data=b"x", timeout=30)
        while "demo_waiting 1" not in http.get(f"{service.url}/metrics", timeout=20).text:
            assert not waiting.done()
        service.control(tail_rate=0.0)
        assert echo(http, service).status_code == 200
        assert not waiting.done()
        service.stop()


def test_a_leak_makes_resident_memory_grow_until_the_next_build(service, http):
    process = psutil.Process(service.pid)
    service.control(leak_bytes=2_000_000)
    before = process.memory_info().rss
    for _ in range(20):
        echo(http, service)
    leaked = process.memory_info().rss
    assert leaked - before > 35_000_000
    service.control(sha=OTHER, leak_bytes=0)
    for _ in range(20):
        echo(http, service)
    assert process.memory_info().rss <= leaked


def test_a_freeze_stops_every_answer_once_and_control_still_works(service, http):
    service.control(freeze_s=600)
    for path in ("/version", "/healthz", "/metrics"):
        with pytest.raises(requests.Timeout):
            http.get(service.url + path, timeout=0.2)
    service.control(freeze_s=0.1)
    assert http.get(f"{service.url}/healthz", timeout=20).text == "ok\n"
    assert echo(http, service).status_code == 200


def test_metrics_and_stats_tell_the_truth_about_the_process(service, http):
    echo(http, service)
    page = http.get(f"{service.url}/metrics", timeout=20).text
    values = dict(line.rsplit(" ", 1) for line in page.splitlines() if not line.startswith("#"))
    stats = http.get(f"{service.url}/json-stats", timeout=20).json()["process"]
    process = psutil.Process(service.pid)
    assert float(values["process_resident_memory_bytes"]) == pytest.approx(process.memory_info().rss, rel=0.2)
    assert float(values["process_start_time_seconds"]) == pytest.approx(process.create_time(), abs=0.1)
    assert 0 < float(values["process_cpu_seconds_total"]) <= stats["cpu_seconds"]
    assert values['demo_requests_total{path="/echo",status="200"}'] == "1"


def test_a_bad_control_changes_nothing(service, http):
    for body in (b"", b"[]", b"\xff", b'{"colour": 1}', b'{"sha": "", "error_rate": -1}', b"[" * 100_000):
        assert http.post(f"{service.url}/control", data=body, timeout=20).status_code == 400, body[:20]
    assert http.get(f"{service.url}/version", timeout=20).json() == {"sha": SHA}
    assert echo(http, service).status_code == 200


def test_unknown_pages_do_not_exist(service, http):
    assert http.get(f"{service.url}/nothing", timeout=20).status_code == 404
    assert http.get(f"{service.url}/echo", timeout=20).status_code == 404


def test_it_listens_on_loopback_only(service):
    listening = {
        each.laddr.ip for each in psutil.Process(service.pid).net_connections("tcp") if each.status == "LISTEN"
    }
    assert listening == {"127.0.0.1"}


def test_it_ends_on_sigterm_with_connections_open(service, http):
    echo(http, service)
    service.control(delay_ms=600_000)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(echo, http, service)
        os.kill(service.pid, signal.SIGTERM)
        assert service.child.wait(20) == 0
        with pytest.raises(requests.ConnectionError):
            waiting.result(20).raise_for_status()


def test_it_ends_with_its_parent(tmp_path):
    parent = (
        "import os, subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-m', 'bot.demo.service', '--state', sys.argv[1],"
        " '--parent', str(os.getpid())], stdout=subprocess.DEVNULL)\n"
        "until = time.monotonic() + 30\n"
        "while not os.path.exists(sys.argv[1]) and time.monotonic() < until: time.sleep(0.02)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    state = tmp_path / "state.json"
    subprocess.run([sys.executable, "-c", parent, str(state)], timeout=60, check=False)
    pid = json.loads(state.read_text())["pid"]
    until = time.monotonic() + 20
    while (alive := is_alive(pid)) and time.monotonic() < until:
        time.sleep(0.05)
    if alive:
        os.kill(pid, signal.SIGKILL)
    assert not alive


def is_alive(pid):
    """A zombie is dead; nobody may be there to wait for it."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_another_one_starts_on_the_same_port_after_a_crash(http):
    with running_service() as first:
        echo(http, first)
        os.kill(first.pid, signal.SIGKILL)
        first.child.wait(10)
        with running_service(sha=OTHER, port=first.port) as second:
            assert http.get(f"{second.url}/version", timeout=20).json() == {"sha": OTHER}
            assert second.port == first.port


def test_the_first_behaviour_may_come_from_the_environment(tmp_path):
    state = tmp_path / "state.json"
    environment = os.environ | {"DEMO_SERVICE_BEHAVIOUR": json.dumps({"sha": OTHER})}
    command = [sys.executable, "-m", "bot.demo.service", "--state", str(state)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as child:
        told = json.loads(child.stdout.readline())
        assert told == json.loads(state.read_text())
        sha = requests.get(f"http://127.0.0.1:{told['port']}/version", timeout=20).json()["sha"]
        child.terminate()
    assert sha == OTHER
    assert child.returncode == 0


def test_a_behaviour_that_is_wrong_does_not_start_and_says_why():
    with (
        pytest.raises(BotError, match=r"did not start: .*delay_ms: must be a number"),
        running_service(delay_ms="slow"),
    ):
        pass


def test_stopping_twice_is_fine(service):
    service.stop()
    service.stop()
    assert service.child.returncode == 0
