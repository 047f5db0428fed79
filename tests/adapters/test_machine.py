"""This machine and its state directory, looked at without leaving a trace."""

import os
import resource
import sqlite3
from pathlib import Path

import pytest
from support import records

from bot.adapters.history import SqlHistory
from bot.adapters.lock import FileLock
from bot.adapters.machine import Machine, Premises
from bot.core.doctor_machine import StoreFacts
from bot.errors import BotError, Reason


def premises(folder, url=""):
    return Premises(folder, url)


def everything(folder):
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*"))


def test_open_files_are_what_a_child_may_open():
    assert Machine().open_files() == resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def test_a_folder_that_is_there_is_proved_writable_and_nothing_stays_in_it(tmp_path):
    assert premises(tmp_path).folder() == str(tmp_path)
    assert everything(tmp_path) == []


def test_a_folder_that_is_not_there_is_not_made(tmp_path):
    wanted = tmp_path / "a" / "b"
    assert premises(wanted).folder() == f"{wanted} (to be made)"
    assert premises(wanted).free() > 0
    assert premises(wanted).lock() is None
    assert premises(wanted).store() == StoreFacts(there=False, is_current=False)
    assert everything(tmp_path) == []


def test_a_file_in_its_place_is_no_folder(tmp_path):
    (tmp_path / "state").write_text("")
    with pytest.raises(BotError) as failed:
        premises(tmp_path / "state").folder()
    assert failed.value.reason is Reason.STATE_UNUSABLE


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(BotError):
            premises(tmp_path).folder()
    finally:
        tmp_path.chmod(0o700)


def test_a_folder_of_the_kernel_that_takes_no_files_is_told():
    with pytest.raises(BotError) as failed:
        premises(Path("/proc")).folder()
    assert failed.value.reason is Reason.STATE_UNUSABLE


def test_a_lock_that_is_held_names_its_run_and_is_left_to_it(tmp_path):
    lock = FileLock(tmp_path / "lock", "run-7")
    with lock.hold():
        holder = premises(tmp_path).lock()
        assert holder is not None
        assert holder.startswith(f"run run-7, process {os.getpid()}, since 20")
    assert premises(tmp_path).lock() is None


def test_the_name_that_a_killed_run_left_holds_nothing(tmp_path):
    (tmp_path / "lock").write_text('{"pid": 1, "run": "run-7", "since": "2026-11-21T02:00:00Z"}\n')
    assert premises(tmp_path).lock() is None


def test_what_stands_in_a_lock_gets_out_harmless(tmp_path):
    with FileLock(tmp_path / "lock", "a\x1b[2Jb").hold():
        assert "\x1b" not in (premises(tmp_path).lock() or "")
        (tmp_path / "lock").write_bytes(b"\xff not JSON")
        assert premises(tmp_path).lock() == "by a run without a name yet"


@pytest.fixture
def filled(tmp_path):
    history = SqlHistory(tmp_path, "", "key")
    history.add(records.promoted())
    history.close()
    return tmp_path


def test_a_history_is_current_or_behind_and_stays_as_it_is(filled):
    file = filled / "history.sqlite3"
    assert premises(filled).store() == StoreFacts(there=True, is_current=True)
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    before = file.read_bytes()
    assert premises(filled).store() == StoreFacts(there=True, is_current=False)
    assert file.read_bytes() == before


def test_a_history_of_a_newer_version_is_told(filled):
    with sqlite3.connect(filled / "history.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(BotError, match="newer version"):
        premises(filled).store()


def test_a_history_that_is_no_database_is_told(tmp_path):
    (tmp_path / "history.sqlite3").write_bytes(b"SQLite format 3\0" + b"nonsense" * 200)
    with pytest.raises(BotError) as failed:
        premises(tmp_path).store()
    assert failed.value.reason is Reason.STATE_UNUSABLE
