"""What cases need beside the service."""

import socket
from contextlib import ExitStack
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from bot.selftest import injections, props
from bot.selftest.scene import Scene, scene


@pytest.fixture
def stage(tmp_path):
    with scene(tmp_path / "case") as made:
        yield made


def page(address):
    try:
        with urlopen(address, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, ""


def test_a_metrics_page_loses_its_memory_and_nothing_else(stage):
    _, whole = page(f"{stage.service.url}/metrics")
    lines = whole.splitlines()
    lies = {props.with_nan: "process_resident_memory_bytes NaN", props.without_memory: "# nothing to see"}
    for twist, line in lies.items():
        status, told = twist(0, whole)
        assert status == 200
        (lost,) = [each for each in lines if each not in told.splitlines()]
        assert lost.startswith("process_resident_memory_bytes ")
        assert told.splitlines()[lines.index(lost)] == line


def test_three_of_ten_metrics_pages_fail(stage):
    with props.twisted_metrics(props.with_gaps)(stage) as values:
        assert [page(values["metrics"])[0] for _ in range(10)].count(503) == 3


@pytest.mark.parametrize("visited", [0, 1])
def test_the_bait_knows_whether_anybody_came(stage, visited):
    with props.bait(stage) as values:
        host, port = values["bait"].split(":")
        for _ in range(visited):
            socket.create_connection((host, int(port)), timeout=5).close()
    assert stage.facts["visits"] == visited


def test_nobody_listens_at_the_dead_address(stage):
    with props.dead_address(stage) as values:
        host, port = values["dead"].split(":")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)), timeout=5)


def test_a_service_that_is_restarted_answers_at_the_same_address_as_another_process(stage):
    before, pid = stage.service.url, int(stage.pid_file.read_text())
    injections.restart_service(stage)
    assert stage.service.url == before
    assert int(stage.pid_file.read_text()) == stage.service.pid != pid
    assert page(f"{before}/healthz")[0] == 200


def test_the_services_of_a_scene_end_with_it(tmp_path):
    with ExitStack() as stack:
        made = Scene(tmp_path, stack)
        first = made.service
        made.restart_service()
    assert first.child.poll() is not None
    assert made.service.child.poll() is not None
