import json
import threading
import time

import pytest
from support.children import LEAK, child, tell
from support.plans import load_plan, scenario_plan

from bot.adapters.ndjson import ObservationLog
from bot.adapters.probes import ProbeFailure, ProbeReading, Spent
from bot.adapters.probes.process import Pid, ProcessProbe
from bot.adapters.probes.sampler import ResourceObserver


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def wait_until(true, seconds=10.0):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


class Fake:
    """A probe that answers what it is told to, and counts."""

    def __init__(self, answer, interval=0.02, name="app", pace=None):
        self.name, self.interval, self.cores, self.answer, self.asked = name, interval, 2.0, answer, 0
        self.pace, self.spent = pace or interval, Spent()

    def sample(self):
        self.asked += 1
        return self.answer()


def observe(probes, path):
    return ResourceObserver(probes).observe(load_plan(), scenario_plan(), "a" * 40, path)


def test_a_real_process_is_sampled_from_the_first_moment_while_the_scenario_runs(tmp_path):
    path = tmp_path / "soak.ndjson"
    with child(LEAK) as process:
        probe = ProcessProbe("app", Pid(process.pid), interval=0.05, cores=2.0)
        began = time.time()
        with observe([probe], path):
            wait_until(lambda: len(lines(path)) >= 3)
            tell(process, "30000000")
            seen = len(lines(path))
            wait_until(lambda: len(lines(path)) >= seen + 2)
        ended = time.time()
    head, *readings, cost = lines(path)
    assert head | {"t": 0} == {"kind": "probe", "t": 0, "probe": "app", "interval": 0.05, "cores": 2.0}
    assert {reading["kind"] for reading in readings} == {"resource"}
    assert len({reading["instance"] for reading in readings}) == 1
    assert readings[-1]["memory"] - readings[0]["memory"] > 25_000_000
    assert all(began <= reading["t"] <= ended for reading in readings)
    assert set(readings[0]) == {"kind", "t", "probe", "instance", "memory", "cpu_seconds"}
    assert (cost["kind"], cost["readings"], cost["failures"]) == ("probe-cost", len(readings), 0)
    assert 0 < cost["longest"] <= cost["seconds"] < cost["observed"]
    assert cost["cpu"] > 0


def broken():
    raise RuntimeError("\x1b[31mboom")


def test_failures_and_broken_probes_become_lines_and_never_end_the_run(tmp_path):
    path = tmp_path / "a.ndjson"
    with observe([Fake(lambda: ProbeFailure("no answer"), name="x"), Fake(broken, name="y")], path):
        wait_until(lambda: {line.get("error") for line in lines(path)} >= {"no answer"} and len(lines(path)) > 6)
    errors = {line["probe"]: line["error"] for line in lines(path) if line["kind"] == "resource"}
    assert errors == {"x": "no answer", "y": "the probe itself failed (RuntimeError)"}


def test_nothing_is_written_and_no_thread_goes_on_after_the_end(tmp_path):
    path = tmp_path / "a.ndjson"
    probe = Fake(lambda: ProbeReading("1@1", 1.0, 1.0))
    with observe([probe], path):
        wait_until(lambda: probe.asked > 2)
    after, asked = path.read_bytes(), probe.asked
    time.sleep(0.1)
    assert path.read_bytes() == after
    assert probe.asked == asked
    assert not [thread for thread in threading.enumerate() if thread.name == "probe-app"]


def test_a_probe_that_hangs_is_left_behind_and_writes_nothing_later(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.adapters.ticker._JOIN_S", 0.1)
    path, release, answered = tmp_path / "a.ndjson", threading.Event(), threading.Event()

    def hang():
        release.wait(10)
        answered.set()
        return ProbeReading("1@1", 1.0, 1.0)

    probe = Fake(hang)
    with observe([probe], path):
        wait_until(lambda: probe.asked)
    release.set()
    assert answered.wait(5)
    wait_until(lambda: not [thread for thread in threading.enumerate() if thread.name == "probe-app"])
    assert [line["kind"] for line in lines(path)] == ["probe", "probe-cost"]


def test_a_slow_probe_leaves_beats_out_and_never_catches_up(tmp_path):
    path = tmp_path / "a.ndjson"

    def slowly():
        time.sleep(0.11)
        return ProbeFailure("slow")

    with observe([Fake(slowly, interval=0.05)], path):
        time.sleep(0.5)
    cost = lines(path)[-1]
    assert cost["readings"] >= 1
    assert 0.11 * cost["readings"] <= cost["observed"]
    assert cost["failures"] == cost["readings"]
    assert cost["skipped"] >= cost["readings"]


def test_a_probe_that_looks_back_is_asked_once_more_at_the_end(tmp_path):
    path = tmp_path / "a.ndjson"
    answers = iter([(), (ProbeReading("1@1", 1.0, None, "a", at=5.5), ProbeFailure("gone", "b", gone=True))])
    probe = Fake(lambda: next(answers), pace=60.0)
    with observe([probe], path):
        wait_until(lambda: probe.asked)
    first, second = [line for line in lines(path) if line["kind"] == "resource"]
    assert (first["t"], first["replica"], first["memory"]) == (5.5, "a", 1.0)
    assert (second["replica"], second["error"], second["gone"]) == ("b", "gone", True)
    assert second["t"] > 1e9


def test_a_last_look_that_hangs_does_not_hold_up_the_night(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.adapters.probes.sampler._LAST_LOOK_S", 0.1)
    release = threading.Event()
    looks = iter([lambda: None, lambda: release.wait(10)])
    probe = Fake(lambda: (next(looks)(), ())[1], pace=60.0)
    with observe([probe], tmp_path / "a.ndjson"):
        wait_until(lambda: probe.asked)
    assert probe.asked == 2
    release.set()
    wait_until(lambda: not [thread for thread in threading.enumerate() if thread.name == "probe-last-look"])


def test_an_error_in_the_run_goes_through_and_sampling_ends(tmp_path):
    with pytest.raises(KeyboardInterrupt), observe([Fake(broken)], tmp_path / "a.ndjson"):
        raise KeyboardInterrupt
    assert not [thread for thread in threading.enumerate() if thread.name == "probe-app"]


def test_a_folder_that_cannot_be_written_loses_lines_but_not_the_run(tmp_path):
    probe = Fake(lambda: ProbeReading("1@1", 1.0, 1.0))
    with observe([probe], tmp_path / "none" / "a.ndjson"):
        wait_until(lambda: probe.asked > 1)
    assert list(tmp_path.iterdir()) == []


def test_lines_of_many_threads_stay_whole(tmp_path):
    path = tmp_path / "a.ndjson"
    logs = [ObservationLog(path) for _ in range(4)]

    def write(log):
        for number in range(200):
            log.append({"n": number, "text": "é" * 50})

    threads = [threading.Thread(target=write, args=(log,)) for log in logs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(line["n"] for line in lines(path)) == sorted(list(range(200)) * 4)
