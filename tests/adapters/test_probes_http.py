import json

import pytest
from support.hostile import answering, closed_port, raw_server
from support.service import running_service

from bot.adapters.probes import ProbeFailure, ProbeReading
from bot.adapters.probes.http import Fields, HttpProbe


def page(memory=100, cpu=1.0, start=1000.0):
    return (
        f"process_resident_memory_bytes {memory}\nprocess_cpu_seconds_total {cpu}\nprocess_start_time_seconds {start}\n"
    ).encode()


def text(*pages):
    return answering(*pages, kind="text/plain; version=0.0.4")


def test_the_demo_service_is_read_as_prometheus_text_and_as_json():
    fields = Fields(memory="process.memory.rss", cpu="process.cpu_seconds", start="process.started")
    with running_service(leak_bytes=0) as service:
        by_text = HttpProbe("app", f"{service.url}/metrics").sample()
        by_json = HttpProbe("app", f"{service.url}/json-stats", fields).sample()
    assert isinstance(by_text, ProbeReading)
    assert by_text.instance == by_json.instance
    assert by_json.memory == pytest.approx(by_text.memory, rel=0.2)
    assert by_json.cpu_seconds >= by_text.cpu_seconds > 0


def test_a_start_time_that_jumps_is_a_new_life_and_one_that_quivers_is_not():
    with text(page(start=1000.0), page(start=1000.9), page(start=1030.0)) as url:
        probe = HttpProbe("app", url)
        lives = [probe.sample().instance for _ in range(3)]
    assert lives == ["http@1000.00", "http@1000.00", "http@1030.00"]


def test_a_cpu_counter_that_goes_down_is_a_new_life_even_without_a_start_time():
    pages = [f"process_cpu_seconds_total {cpu}\n".encode() for cpu in (5, 6, 0.1, 0.2, 0.1)]
    with text(*pages) as url:
        probe = HttpProbe("app", url)
        readings = [probe.sample() for _ in pages]
    assert [reading.instance for reading in readings] == ["http", "http", "http#1", "http#1", "http#2"]
    assert [reading.memory for reading in readings] == [None] * 5


def test_one_process_of_several_is_chosen_by_its_labels_for_all_three_metrics():
    names = ("process_resident_memory_bytes", "process_cpu_seconds_total", "process_start_time_seconds")
    both = "".join(f'{name}{{job="{job}"}} {value}\n' for name in names for job, value in (("a", 1), ("b", 2)))
    with text(both.encode()) as url:
        chosen = HttpProbe("app", url, Fields(memory='process_resident_memory_bytes{job="b"}')).sample()
        unchosen = HttpProbe("app", url).sample()
    assert chosen == ProbeReading("http@2.00", 2.0, 2.0)
    assert isinstance(unchosen, ProbeFailure)
    assert "2 samples of process_resident_memory_bytes (with job a; with job b)" in unchosen.text


@pytest.mark.parametrize(
    ("fields", "body", "words"),
    [
        (Fields(), b"other 1\n", "neither process_resident_memory_bytes nor"),
        (Fields(memory="rss"), page(), "no sample of rss"),
        (Fields(), page(memory="NaN"), "process_resident_memory_bytes is nan"),
        (Fields(), page(cpu="+Inf"), "process_cpu_seconds_total is inf"),
        (Fields(), b"process_resident_memory_bytes many\n", "not a number"),
        (Fields(), b'{"rss": 1}', "dotted path"),
        (Fields(memory="rss"), b'{"rss": "1"}', "no number at rss"),
        (Fields(memory="a.b"), b'{"a": []}', "nothing at a.b"),
        (Fields(memory="a"), b'{"a": ', "not JSON"),
        (Fields(memory="a"), b"[" * 100_000, "nested too deeply"),
    ],
)
def test_a_page_without_the_wanted_numbers_is_a_failure(fields, body, words):
    with text(body) as url:
        failure = HttpProbe("app", url, fields).sample()
    assert isinstance(failure, ProbeFailure)
    assert words in failure.text


def test_json_is_told_by_its_content_type_too():
    with answering(json.dumps([{"rss": 7}]).encode(), kind="application/vnd.app+json") as url:
        assert HttpProbe("app", url, Fields(memory="0.rss")).sample() == ProbeReading("", 7.0, None)


@pytest.mark.parametrize(
    ("fields", "life"),
    [
        (Fields(memory="rss"), ""),
        (Fields(memory="rss", cpu="cpu"), "http"),
        (Fields(memory="rss", start="start"), "http@5.00"),
    ],
)
def test_a_page_that_tells_one_life_from_the_next_by_nothing_names_none(fields, life):
    with answering(b'{"rss": 7, "cpu": 1, "start": 5}', kind="application/json") as url:
        assert HttpProbe("app", url, fields).sample().instance == life


def test_another_status_silence_and_nobody_there_are_failures():
    with answering(page(), status="503 Service Unavailable", kind="text/plain") as url:
        assert HttpProbe("app", url).sample() == ProbeFailure("the page answers with status 503")
    with raw_server(lambda connection, _: connection.recv(1)) as url:
        assert HttpProbe("app", url, timeout=0.2).sample() == ProbeFailure("no complete answer within 0.2 s")
    nobody = HttpProbe("app", f"http://127.0.0.1:{closed_port()}/metrics")
    assert nobody.sample() == ProbeFailure("the connection was refused")


def test_a_service_that_answered_and_where_nobody_listens_any_more_is_gone():
    with text(page()) as url:
        probe = HttpProbe("app", url, replica="10.0.0.1:80")
        assert probe.sample().replica == "10.0.0.1:80"
        assert probe.spent.bytes == len(page())
        assert probe.spent.cpu > 0
    once, again = probe.sample(), probe.sample()
    assert once == ProbeFailure("the connection was refused", "10.0.0.1:80")
    assert again == ProbeFailure("the connection was refused", "10.0.0.1:80", gone=True)


def test_where_nobody_ever_listened_nobody_is_gone():
    probe = HttpProbe("app", f"http://127.0.0.1:{closed_port()}/metrics")
    assert not [outcome for outcome in (probe.sample(), probe.sample(), probe.sample()) if outcome.gone]
