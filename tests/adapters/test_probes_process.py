import os
import re
import subprocess
import sys
import uuid

import pytest
from support.children import BURN, FORKING, LEAK, SLEEP, child, tell

from bot.adapters.probes import ProbeFailure, ProbeReading
from bot.adapters.probes.process import Command, EachProcessProbe, Pid, PidFile, ProcessProbe

MB = 1_000_000


def probe(target):
    return ProcessProbe("app", target)


@pytest.fixture
def mark():
    """A word that is on the command line of nobody else."""
    return f"mark-{uuid.uuid4().hex}"


def test_a_leaking_process_is_seen_to_grow_in_one_life():
    with child(LEAK) as process:
        watched = probe(Pid(process.pid))
        before = watched.sample()
        tell(process, str(30 * MB))
        after = watched.sample()
    assert before.instance == after.instance
    assert before.instance.startswith(f"{process.pid}@")
    assert 28 * MB < after.memory - before.memory < 40 * MB
    assert after.cpu_seconds >= before.cpu_seconds >= 0


def test_a_restart_behind_a_pid_file_is_another_life(tmp_path):
    file = tmp_path / "app.pid"
    watched = probe(PidFile(file))
    lives = []
    for _ in range(2):
        with child(SLEEP) as process:
            file.write_text(f"{process.pid}\n")
            lives += [watched.sample(), watched.sample()]
    first, again, second, _ = lives
    assert first.instance == again.instance != second.instance
    assert watched.sample() == ProbeFailure("the process is not running", gone=True)


def test_an_id_that_was_given_to_another_process_is_looked_at_anew(monkeypatch):
    with child(SLEEP) as process:
        watched = probe(Pid(process.pid))
        watched.sample()
        known = watched._life
        watched.sample()
        assert watched._life is known
        monkeypatch.setattr("psutil.Process.is_running", lambda _: False)
        watched.sample()
        assert watched._life is not known


@pytest.mark.parametrize("content", ["", "abc", "-5", "0", "12 34", "9" * 40, "²"])
def test_a_pid_file_without_a_pid_is_a_failure(tmp_path, content):
    file = tmp_path / "app.pid"
    file.write_text(content)
    assert probe(PidFile(file)).sample() == ProbeFailure("the pid file holds no process id")


def test_a_missing_pid_file_is_a_failure(tmp_path):
    assert probe(PidFile(tmp_path / "none")).sample() == ProbeFailure("the pid file cannot be read (FileNotFoundError)")


def test_a_process_that_ended_but_was_not_waited_for_is_a_failure():
    with subprocess.Popen([sys.executable, "-S", "-c", ""]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert probe(Pid(process.pid)).sample() == ProbeFailure("the process has ended")


def test_the_one_process_whose_command_line_matches_is_found(mark):
    with child(SLEEP, mark) as process:
        reading = probe(Command(re.compile(mark))).sample()
    assert isinstance(reading, ProbeReading)
    assert reading.instance.startswith(f"{process.pid}@")


def test_none_or_several_matches_are_counted(mark):
    watched = probe(Command(re.compile(mark)))
    assert watched.sample() == ProbeFailure("no processes match the command pattern, not exactly one")
    with child(SLEEP, mark), child(SLEEP, mark):
        assert watched.sample() == ProbeFailure("2 processes match the command pattern, not exactly one")


def test_the_bot_itself_and_who_started_it_are_never_the_service(mark):
    looking = (
        "import os, re, sys\n"
        "from bot.adapters.probes.process import Command, ProcessProbe\n"
        "print(ProcessProbe('app', Command(re.compile(sys.argv[1]))).sample().text)\n"
    )
    starting = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', sys.argv[2], sys.argv[1]], check=True)"
    done = subprocess.run(
        [sys.executable, "-c", starting, mark, looking], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "no processes match the command pattern, not exactly one\n"


def test_a_pre_forking_server_is_one_instance_with_all_its_memory(mark):
    with child(FORKING, mark) as process:
        watched = probe(Command(re.compile(mark)))
        both = watched.sample()
        tell(process)
        one = watched.sample()
    assert both.instance == one.instance == f"{process.pid}@{one.instance.partition('@')[2]}"
    assert both.memory > 40 * MB
    assert both.memory - one.memory > 18 * MB
    assert one.cpu_seconds >= both.cpu_seconds


def test_cpu_time_of_an_ended_worker_still_counts():
    with child(BURN) as process:
        watched = probe(Pid(process.pid))
        alive = watched.sample()
        tell(process)
        ended = watched.sample()
        first_seen_afterwards = probe(Pid(process.pid)).sample()
    assert alive.cpu_seconds > 0.2
    assert ended.cpu_seconds >= alive.cpu_seconds
    assert first_seen_afterwards.cpu_seconds > 0.2


def test_a_process_that_was_there_and_is_not_any_more_is_gone_and_one_that_never_was_is_not(mark):
    watched = probe(Command(re.compile(mark)))
    assert not watched.sample().gone
    with child(SLEEP, mark):
        assert isinstance(watched.sample(), ProbeReading)
    assert watched.sample().gone


def test_a_killed_process_that_nobody_waited_for_is_gone():
    with child(SLEEP) as process:
        watched = probe(Pid(process.pid))
        watched.sample()
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert watched.sample() == ProbeFailure("the process has ended", gone=True)


def test_every_process_that_matches_is_read_alone(mark):
    watched = EachProcessProbe("app", Command(re.compile(mark)))
    assert watched.sample() == ProbeFailure("no processes match the command pattern")
    with child(LEAK, mark) as leaking, child(SLEEP, mark) as other:
        before = {each.replica: each for each in watched.sample()}
        tell(leaking, str(30 * MB))
        after = {each.replica: each for each in watched.sample()}
        assert list(before) == list(after)
        assert {name.partition("@")[0] for name in after} == {str(leaking.pid), str(other.pid)}
        grown = [after[name].memory - before[name].memory > 28 * MB for name in sorted(after)]
        assert grown.count(True) == 1
        other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        left, gone = sorted(watched.sample(), key=lambda each: isinstance(each, ProbeFailure))
    assert left.replica.startswith(f"{leaking.pid}@")
    assert (gone.text, gone.gone) == ("the process has ended", True)
    assert gone.replica.startswith(f"{other.pid}@")
