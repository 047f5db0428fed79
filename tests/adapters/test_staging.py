import json
import threading
import time

import pytest
from support.hostile import answering, closed_port, raw_server
from support.plans import load_plan, scenario_plan
from support.service import SHA, running_service

from bot.adapters.staging import StagingObserver
from bot.core.evidence import DeploymentObservation, ProofPhase

OTHER = "f00dface" * 5


def observer(url, key="sha", **options):
    return StagingObserver(url, "/version", key, **options)


def seen(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def told(path):
    return [(line["phase"], line["sha"]) for line in seen(path)]


def wait_for(path, phase, sha):
    until = time.monotonic() + 10
    while (phase, sha) not in told(path):
        assert time.monotonic() < until, told(path)
        time.sleep(0.01)


def observe(url, path, interval=0.05, **options):
    return observer(url, interval=interval, **options).observe(load_plan(), scenario_plan(), SHA, path)


def test_staging_is_asked_before_during_and_after(tmp_path):
    path = tmp_path / "a.ndjson"
    with running_service(sha=SHA) as service, observe(service.url, path):
        assert told(path) == [("before", SHA)]
        wait_for(path, "during", SHA)
    assert told(path)[-1] == ("after", SHA)
    assert set(seen(path)[0]) == {"kind", "t", "phase", "sha", "error"}
    assert {line["kind"] for line in seen(path)} == {"deployed"}


def test_a_deployment_in_the_middle_is_seen(tmp_path):
    path = tmp_path / "a.ndjson"
    with running_service(sha=SHA) as service, observe(service.url, path):
        wait_for(path, "during", SHA)
        service.control(sha=OTHER)
        wait_for(path, "during", OTHER)
    assert told(path)[0] == ("before", SHA)
    assert told(path)[-1] == ("after", OTHER)


def test_two_replicas_with_different_commits_are_both_recorded(tmp_path):
    path = tmp_path / "a.ndjson"
    with running_service(sha=SHA, other_sha=OTHER) as service, observe(service.url, path):
        wait_for(path, "during", OTHER)
    assert set(told(path)) >= {("before", SHA), ("before", OTHER), ("after", SHA), ("after", OTHER)}


def test_a_service_that_dies_in_the_middle_is_recorded_as_no_answer(tmp_path):
    path = tmp_path / "a.ndjson"
    with running_service(sha=SHA) as service, observe(service.url, path):
        service.stop()
        wait_for(path, "during", None)
    assert seen(path)[-1]["phase"] == "after"
    assert seen(path)[-1]["error"] == "the connection was refused"


def test_a_scenario_shorter_than_the_interval_is_asked_during_its_run_as_well(tmp_path):
    path = tmp_path / "a.ndjson"
    with running_service(sha=SHA) as service:
        watching = observer(service.url, interval=3600)
        with watching.observe(load_plan(), scenario_plan(duration=0.9), SHA, path):
            wait_for(path, "during", SHA)


def test_without_a_proof_nothing_is_asked_and_nothing_written(tmp_path):
    asked = []
    path = tmp_path / "a.ndjson"
    with raw_server(lambda _, number: asked.append(number)) as url:
        watching = observer(url, interval=0.01)
        with watching.observe(load_plan(proof=False), scenario_plan(), SHA, path):
            time.sleep(0.1)
    assert asked == []
    assert not path.exists()


def test_an_interrupted_run_ends_without_asking_again(tmp_path):
    path = tmp_path / "a.ndjson"
    with running_service(sha=SHA) as service:
        with pytest.raises(KeyboardInterrupt), observe(service.url, path):
            raise KeyboardInterrupt
        assert "after" not in dict(told(path))
    assert not [thread for thread in threading.enumerate() if thread.name == "staging-proof"]


def test_every_ask_is_a_connection_of_its_own():
    numbers = []

    def handle(connection, number):
        numbers.append(number)
        body = json.dumps({"sha": SHA}).encode()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        connection.recv(1)

    with raw_server(handle) as url:
        assert observer(url).check(SHA).sha == SHA
    assert sorted(numbers) == [0, 1, 2]


def checked(*bodies, key="sha", status="200 OK"):
    with answering(*bodies, status=status) as url:
        return observer(url, key).check(SHA)


def test_an_early_look_names_the_commit_or_the_other_one_or_the_mixture():
    right = json.dumps({"sha": SHA}).encode()
    other = json.dumps({"sha": OTHER}).encode()
    assert checked(right) == DeploymentObservation(0.0, ProofPhase.BEFORE, SHA, "")
    assert checked(other) == DeploymentObservation(0.0, ProofPhase.BEFORE, OTHER, "")
    mixed = checked(right, other)
    assert mixed.sha is None
    assert mixed.error == (
        "staging named different commits within one moment: 5ca1ab1e5ca1, f00dfacef00d; 5ca1ab1e5ca1 was expected"
    )


def test_the_commit_may_lie_deep_and_be_written_in_capitals():
    body = json.dumps({"build": [{"commit": f" {SHA.upper()}\n"}]}).encode()
    assert checked(body, key="build.0.commit").sha == SHA


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>", "not JSON"),
        (b"{}", "nothing at sha"),
        (b'{"sha": 12}', "no text"),
        (b'{"sha": null}', "no text"),
        (b'{"sha": "5ca1ab1"}', "not a full one: 5ca1ab1"),
        (b'{"sha": ""}', "no commit id"),
        (b'{"sha": "main"}', "no commit id: main"),
        (json.dumps({"sha": "\x1b[2J@ops <b>www.x.example"}).encode(), "no commit id: ??2J?ops ?b?www?x?example"),
        (json.dumps({"sha": "a" * 50_000}).encode(), "..."),
        (json.dumps({"sha": "a" * 80_000}).encode(), "longer than 65536 bytes"),
        (b'{"sha":' * 9000, "nested too deeply"),
        (b'{"sha": "' + SHA.encode() + b'", "sha": "x"}', "a key twice"),
        (b'{"sha": "\xff"}', "not UTF-8"),
    ],
)
def test_an_answer_that_names_no_commit_says_so_in_harmless_words(body, words):
    answer = checked(body)
    assert answer.sha is None
    assert words in answer.error
    assert len(answer.error) < 200
    assert answer.error.isprintable()


def test_errors_redirects_silence_and_nobody_there_are_no_proof():
    good = json.dumps({"sha": SHA}).encode()
    assert checked(good, status="500 Oh").error == "the version page answers with status 500"
    assert checked(good, status="302 Found").error == "the version page answers with status 302"
    assert checked(good, status="203 Cached").sha is None
    with raw_server(lambda connection, _: connection.recv(1)) as url:
        assert observer(url, timeout=0.2).check(SHA).error == "no complete answer within 0.2 s"
    assert observer(f"http://127.0.0.1:{closed_port()}").check(SHA).error == "the connection was refused"


def test_one_good_answer_does_not_outweigh_a_failed_one():
    def handle(connection, number):
        if number != 1:
            body = json.dumps({"sha": SHA}).encode()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    with raw_server(handle) as url:
        assert observer(url).check(SHA).sha is None
