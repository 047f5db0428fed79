"""Standard streams as callers leave them: readers that go away, full disks, closed descriptors, odd encodings."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from support import records
from support.commands import call
from support.gitrepos import make_remote
from support.installation import Installation
from support.night import PROMOTE, world


def ends(*command, **streams):
    """The finished process of a command, with a pipe where no stream is given."""
    given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    return subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, timeout=120, check=False, **given)


@pytest.fixture
def nobody():
    """A pipe that nobody reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as out:
        yield out


@pytest.fixture
def full():
    """A file on a full disk."""
    with Path("/dev/full").open("wb") as out:
        yield out


@pytest.fixture
def shop(tmp_path):
    """An installation whose last run is told in more than ASCII."""
    remote = make_remote(tmp_path / "remote.git")
    made = Installation(tmp_path)
    made.config.write_text(made.config.read_text().replace("https://git.example/acme/shop.git", remote.url))
    made.remember(replace(records.blocked_leak(), reason="Größe → zu viel …"))
    return made


COMMANDS = [["config", "schema"], ["history"], ["--help"]]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_reader_that_leaves_gets_no_complaint(shop, nobody, command):
    done = ends(*PROMOTE, "--config", shop.config, *command, stdout=nobody)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_reader_that_leaves_does_not_change_what_the_exit_code_says(shop, nobody):
    assert ends(*PROMOTE, "--config", shop.config, "doctor", stdout=nobody).returncode == 1
    assert ends(*PROMOTE, "show", stdout=nobody, stderr=nobody).returncode == 2


def test_a_night_whose_readers_leave_is_promoted_and_says_so_by_its_exit_code(tmp_path, nobody):
    with world(tmp_path) as (night, _):
        done = ends(*PROMOTE, "--config", night.config, "--now", stdout=nobody, stderr=nobody)
        assert done.returncode == 0
        assert night.tip("main") == night.tip("staging")
        assert night.last_run()["outcome"] == "promoted"


def test_what_cannot_be_printed_on_a_full_disk_is_an_error(shop, full):
    done = ends(*PROMOTE, "--config", shop.config, "history", stdout=full)
    assert done.returncode == 1
    assert b"[disk-full]" in done.stderr


def test_a_run_is_what_its_exit_code_tells_of_also_where_it_cannot_be_printed(shop, full):
    done = ends(*PROMOTE, "--config", shop.config, "run", "--resume", stdout=full)
    assert done.returncode == 0, done.stderr
    assert b"warning: how it ended could not be printed (No space left on device)." in done.stderr


def test_a_full_disk_under_stderr_ends_nothing(shop, full):
    done = ends(*PROMOTE, "--config", shop.config, "--json", "run", "--resume", stderr=full)
    assert done.returncode == 0
    assert b'"reason_code": "resumed"' in done.stdout


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_not_even_open_ends_nothing(shop, closed):
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", *PROMOTE, "--config", shop.config, "run", "--resume"]
    done = ends(*command)
    assert done.returncode == 0, done.stderr


ENCODINGS = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}


@pytest.mark.parametrize("command", ["history", "status"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_an_encoding_lacks_is_replaced(shop, encoding, command):
    assert call("--config", shop.config, "freeze", "--reason", "Größe → zu viel …").code == 0
    given = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LC_", "LANG"))}
    env = {**given, "PYTHONPATH": os.environ.get("PYTHONPATH", ""), "COLUMNS": "40"} | ENCODINGS[encoding]
    done = ends(*PROMOTE, "--config", shop.config, *command.split(), env=env)
    assert b"[bug]" not in done.stderr
    assert done.returncode != 70


def test_an_encoding_that_has_everything_gets_everything(shop):
    done = ends(*PROMOTE, "--config", shop.config, "history", env={**os.environ, "PYTHONIOENCODING": "utf-8"})
    assert "Größe → zu viel …" in done.stdout.decode()
