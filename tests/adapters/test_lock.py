"""The lock that keeps two runs on one machine apart."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Timer

import pytest

import bot
from bot.adapters.lock import FileLock
from bot.core.promotion import LockProof
from bot.errors import BotError, Reason

HOLDER = """
import sys, time
from pathlib import Path
from bot.adapters.lock import FileLock
with FileLock(Path(sys.argv[1]), "run-7").hold():
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock."""
    environment = os.environ | {"PYTHONPATH": str(Path(bot.__file__).parent.parent)}
    arguments = [sys.executable, "-c", HOLDER, str(tmp_path / "state/lock")]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, env=environment) as child:
        assert child.stdout.readline() == b"held\n"
        yield child
        child.kill()


def test_holding_the_lock_gives_its_proof(tmp_path):
    with FileLock(tmp_path / "state/lock").hold() as proof:
        assert isinstance(proof, LockProof)
        assert proof.path == str(tmp_path / "state/lock")


def test_another_run_is_told_who_holds_it_and_since_when(tmp_path, holder):
    with pytest.raises(BotError) as caught, FileLock(tmp_path / "state/lock").hold():
        pass

    assert caught.value.reason is Reason.LOCKED
    assert f"run run-7, process {holder.pid}, since 20" in caught.value.sentence


def test_a_killed_holder_leaves_no_lock(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()

    with FileLock(tmp_path / "state/lock").hold():
        pass


def test_two_holders_in_one_process_exclude_each_other_and_the_first_frees_it(tmp_path):
    lock = FileLock(tmp_path / "lock", "run-1")
    with lock.hold(), pytest.raises(BotError, match="run run-1"), lock.hold():
        pass

    with lock.hold():
        pass


def test_who_has_patience_gets_the_lock_when_it_is_freed(tmp_path):
    path, held = tmp_path / "lock", FileLock(tmp_path / "lock").hold()
    held.__enter__()
    freeing = Timer(0.3, held.__exit__, (None, None, None))
    freeing.start()
    with FileLock(path, patience=30.0).hold() as proof:
        assert proof.path == str(path)
    freeing.join()


def test_patience_ends(tmp_path):
    with FileLock(tmp_path / "lock", "run-7").hold(), pytest.raises(BotError, match="run run-7") as caught:
        FileLock(tmp_path / "lock", patience=0.1).hold().__enter__()
    assert caught.value.reason is Reason.LOCKED


def test_an_error_inside_frees_the_lock_too(tmp_path):
    lock = FileLock(tmp_path / "lock")
    with pytest.raises(KeyboardInterrupt), lock.hold():
        raise KeyboardInterrupt

    with lock.hold():
        pass


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "\\u001b[31m", "run": "\\u202e"}', "\udcff"])
def test_a_holder_that_says_nothing_sensible_is_named_by_the_file(tmp_path, content):
    path = tmp_path / "lock"
    with FileLock(path).hold():
        path.write_bytes(content.encode("utf-8", "surrogateescape"))
        with pytest.raises(BotError, match="Another run holds the lock") as caught, FileLock(path).hold():
            pass

    assert caught.value.sentence.isprintable()


def test_a_place_that_cannot_be_written_is_no_other_run(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(BotError) as caught, FileLock(tmp_path / "file/lock").hold():
        pass

    assert caught.value.reason is Reason.STATE_UNUSABLE
