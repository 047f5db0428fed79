"""Real programs, good and bad."""

import json
import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from bot.adapters.probes import ProbeFailure, ProbeReading
from bot.adapters.probes.command import CommandProbe


def python(code, *arguments, interval=20.0, hidden=()):
    return CommandProbe("app", [sys.executable, "-S", "-c", code, *arguments], interval=interval, hidden=hidden)


def printing(text):
    return python("import sys; sys.stdout.write(sys.argv[1])", text)


def test_one_object_is_one_process():
    probe = printing('{"memory": 5, "cpu_seconds": 1.5, "start": 1000, "note": "not read"}')
    assert probe.sample() == (ProbeReading("command@1000.00", 5.0, 1.5),)
    assert probe.spent.bytes > 50


def test_a_list_is_several_processes_each_with_lives_of_its_own():
    (one, two) = printing('[{"instance": "a", "memory": 5}, {"instance": "b", "cpu_seconds": 2}]').sample()
    assert one == ProbeReading("", 5.0, None, "a")
    assert two == ProbeReading("command", None, 2.0, "b")


def test_prometheus_text_is_understood_as_the_http_probe_does():
    told = printing("process_resident_memory_bytes 7\nprocess_cpu_seconds_total 2\nprocess_start_time_seconds 5\n")
    assert told.sample() == (ProbeReading("command@5.00", 7.0, 2.0),)


def test_another_start_is_another_life(tmp_path):
    file = tmp_path / "said"
    probe = python("import sys; print(open(sys.argv[1]).read())", str(file))
    lives = []
    for start in (10, 10.4, 90):
        file.write_text(f'{{"memory": 1, "start": {start}}}')
        lives += [reading.instance for reading in probe.sample()]
    assert lives == ["command@10.00", "command@10.00", "command@90.00"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("", "said nothing"),
        ("hello", "neither process_resident_memory_bytes nor"),
        ("{", "not JSON"),
        ("[]", "0 processes"),
        ("[1]", "neither an object nor a list"),
        ('[{"memory": 1}, {"memory": 2}]', "one instance twice"),
        ('{"instance": 3, "memory": 1}', "not text"),
        ('{"start": 3}', "neither `memory` nor `cpu_seconds`"),
        ('{"memory": "5"}', "no number at memory"),
        ('{"memory": NaN}', "not a number"),
        ('{"memory": -1}', "out of range"),
        ('{"memory": true}', "no number"),
        ('{"memory": 1, "memory": 2}', "a key twice"),
        ("[" * 100_000, "nested too deeply"),
        (json.dumps([{"instance": str(n), "memory": 1} for n in range(101)]), "101 processes"),
    ],
    ids=lambda value: value[:12],
)
def test_garbage_is_a_failure(tmp_path, said, words):
    file = tmp_path / "said"
    file.write_text(said)
    failure = python("import sys; sys.stdout.write(open(sys.argv[1]).read())", str(file)).sample()
    assert isinstance(failure, ProbeFailure)
    assert words in failure.text


def test_a_bad_ending_is_a_failure_with_the_last_words_made_harmless():
    code = "import sys; print('{\"memory\": 1}'); sys.stderr.write('x' * 9000 + '\\x1b[31mno such pod\\n'); sys.exit(3)"
    failure = python(code).sample()
    assert failure.text.startswith("the command ended with status 3: ")
    assert "\x1b" not in failure.text
    assert len(failure.text) < 200
    assert python("import os, sys; sys.stderr.write('no such pod'); sys.stderr.flush(); os.abort()").sample() == (
        ProbeFailure("the command was ended by signal 6: no such pod")
    )


def test_too_much_output_is_a_failure():
    failure = python("import sys\nwhile True: sys.stdout.write('x' * 65536)").sample()
    assert failure == ProbeFailure("the command said more than 1048576 bytes")


def test_what_cannot_be_started_is_a_failure(tmp_path):
    failure = CommandProbe("app", [str(tmp_path / "none")]).sample()
    assert failure == ProbeFailure("the command cannot be started (FileNotFoundError)")


def _is_ending(pid):
    """Whether it is gone, or killed and about to go: whoever adopts it has to see that first."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            if psutil.Process(pid).status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD):
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.01)
    return False


STARTS_ANOTHER = """
import subprocess, sys, time
with open(sys.argv[1], "w") as file:
    child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
    file.write(str(child.pid))
{then}
"""


@pytest.mark.parametrize(
    ("then", "words"),
    [("time.sleep(60)", "did not end within"), ("print('{\"memory\": 1}')", "")],
    ids=["slow", "leaves"],
)
def test_neither_the_program_nor_what_it_started_outlives_the_reading(tmp_path, then, words):
    file = tmp_path / "pid"
    probe = python(STARTS_ANOTHER.format(then=then), str(file), interval=1.5 if words else 20.0)
    began = time.monotonic()
    outcome = probe.sample()
    assert time.monotonic() - began < 15
    assert words in outcome.text if words else isinstance(outcome[0], ProbeReading)
    assert _is_ending(int(file.read_text()))
    assert not [each for each in psutil.Process().children() if str(file) in " ".join(each.cmdline())]


def test_a_program_that_closes_its_output_and_stays_is_ended():
    assert (
        "did not end within"
        in python("import os, time; os.close(1); os.close(2); time.sleep(60)", interval=1).sample().text
    )


def test_the_program_sees_no_secret_of_the_bot_and_no_input(monkeypatch):
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_" + "x" * 36)
    monkeypatch.setenv("SHOP", "7")
    code = (
        "import os, sys\n"
        "assert 'GITHUB_TOKEN' not in os.environ and not sys.stdin.read()\n"
        "print('{\"memory\": %s}' % os.environ['SHOP'])"
    )
    assert python(code, hidden=("GITHUB_TOKEN",)).sample() == (ProbeReading("", 7.0, None),)


def test_nothing_is_read_by_a_shell(tmp_path):
    mark = tmp_path / "made"
    failure = CommandProbe("app", ["/bin/echo", f"; touch {mark}"]).sample()
    assert isinstance(failure, ProbeFailure)
    assert not mark.exists()


def test_no_descriptor_is_left_open():
    probe = printing('{"memory": 1}')
    probe.sample()
    before = len(list(Path(f"/proc/{os.getpid()}/fd").iterdir()))
    for _ in range(3):
        probe.sample()
    assert len(list(Path(f"/proc/{os.getpid()}/fd").iterdir())) <= before
