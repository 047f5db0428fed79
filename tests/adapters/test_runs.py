"""Run folders: nothing half written, nothing outside, and every broken file a sentence."""

import errno
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support import records

from bot.adapters import files
from bot.adapters.runs import FileRunStore
from bot.core.reasons import Reason
from bot.errors import BotError

UNSAFE = ["", ".", "..", "../x", "a/b", "/etc/passwd", ".hidden", "-x", "a\0b", "a\nb", "x" * 129, "\u202e", "a b"]


class StoppedClock:
    def now(self):
        return datetime(2026, 11, 21, 2, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    return FileRunStore(tmp_path / "state", StoppedClock())


def mode(path):
    return path.stat().st_mode & 0o777


def test_a_record_that_was_saved_is_loaded_again(store):
    record = records.promoted()
    store.create(record.run_id)
    path = store.save(record)
    assert path.name == "run.json"
    assert store.load(record.run_id) == record


def test_only_the_owner_can_read_a_run(store):
    folder = store.create("20261121-020000-0000")
    folder.journal("started")
    written = folder.write("report.md", "x")
    assert mode(folder.path) == mode(folder.path.parent) == 0o700
    assert mode(written) == mode(folder.path / "journal.ndjson") == 0o600


def test_a_run_id_is_used_once(store):
    store.create("20261121-020000-0000")
    with pytest.raises(BotError, match="File exists") as caught:
        store.create("20261121-020000-0000")
    assert caught.value.reason is Reason.STATE_UNUSABLE


@pytest.mark.parametrize("name", UNSAFE)
def test_no_name_leads_out_of_the_folder(store, name):
    folder = store.create("20261121-020000-0000")
    calls = (
        store.create,
        store.folder,
        store.load,
        lambda each: folder.write(each, "x"),
        lambda e: folder.digests([e]),
    )
    for call in calls:
        with pytest.raises(BotError, match="is not the name of a run"):
            call(name)


def test_a_run_that_does_not_exist_or_never_ended_is_not_found(store):
    with pytest.raises(BotError, match="There is no run") as caught:
        store.load("20261121-020000-0000")
    assert caught.value.reason is Reason.RUN_NOT_FOUND
    store.create("20261121-020000-0000")
    with pytest.raises(BotError, match="never ended") as caught:
        store.load("20261121-020000-0000")
    assert caught.value.reason is Reason.RUN_NOT_FOUND


def test_a_damaged_record_names_its_file(store):
    folder = store.create("20261121-020000-0000")
    folder.write("run.json", '{"schema_version": 1')
    with pytest.raises(BotError, match=r"20261121-020000-0000/run\.json is damaged") as caught:
        store.load("20261121-020000-0000")
    assert caught.value.reason is Reason.STATE_UNUSABLE


def test_run_ids_are_oldest_first_and_strangers_are_left_out(store):
    for run_id in ("20261121-020000-0000", "20261119-020000-ffff", "20261120-020000-0000"):
        store.create(run_id)
    (store.folder("20261119-020000-ffff").path.parent / "notes.txt").write_text("a file")
    (store.folder("20261119-020000-ffff").path.parent / ".tmp").mkdir()
    assert store.run_ids() == ("20261119-020000-ffff", "20261120-020000-0000", "20261121-020000-0000")


def test_before_the_first_run_there_are_none(store):
    assert store.run_ids() == store.unfinished() == ()


def test_runs_without_an_ended_line_are_unfinished(store):
    for number, events in enumerate([("started", "ended"), ("started",), (), ("started", "unsettled")]):
        folder = store.create(f"20261121-02000{number}-0000")
        for event in events:
            folder.journal(event)
    assert store.unfinished() == ("20261121-020001-0000", "20261121-020002-0000", "20261121-020003-0000")


def test_of_a_discarded_run_nothing_is_left(store):
    store.create("20261121-020001-0000").journal("started")
    store.create("20261121-020002-0000")
    store.discard("20261121-020001-0000")
    assert store.run_ids() == ("20261121-020002-0000",)
    with pytest.raises(BotError):
        store.discard("20261121-020001-0000")


def test_runs_that_ended_and_did_not_say_all_of_it_are_untold(store):
    tells, does_not = {"tells": True}, {"tells": False}
    journals = {
        "20261121-020000-0000": [("ended", tells), ("told", {})],
        "20261121-020001-0000": [("started", tells), ("ended", tells), ("announced", {})],
        "20261121-020002-0000": [("started", tells)],
        "20261121-020003-0000": [("ended", does_not)],
        "20261121-020004-0000": [("ended", {})],
        "20261121-020005-0000": [("unsettled", tells)],
        "20261121-020006-0000": [("unsettled", tells), ("ended", tells)],
    }
    for run_id, lines in journals.items():
        folder = store.create(run_id)
        for event, facts in lines:
            folder.journal(event, **facts)
    assert store.untold() == ("20261121-020001-0000", "20261121-020006-0000")


def test_the_last_word_of_a_long_journal_is_found_however_long_its_lines_are(store):
    folder = store.create("20261121-020000-0000")
    folder.journal("prepared", message="x" * 60_000)
    folder.journal("ended", tells=True)
    for _ in range(300):
        folder.journal("announce release", detail="y" * 100)
    assert folder.last_of(("ended", "told"))["tells"] is True
    assert folder.last_of(("prepared",))["message"] == "x" * 60_000
    assert folder.last_of(("never",)) is None
    assert store.untold() == ("20261121-020000-0000",)
    assert store.unfinished() == ()


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"one", b"one\n", b"\n\none\n\ntwo", b"a" * 8191 + b"\nb\n" + b"c" * 8192]
)
def test_lines_come_from_the_end_as_they_come_from_the_beginning(tmp_path, content):
    path = tmp_path / "lines"
    path.write_bytes(content)
    assert list(files.lines_from_the_end(path))[::-1] == content.split(b"\n")


def test_a_text_file_of_a_run_is_read_and_one_that_is_not_there_is_empty(store):
    folder = store.create("20261121-020000-0000")
    folder.write("notes.md", "# Notes \N{SNOWMAN}\n")
    assert (folder.read("notes.md"), folder.read("nothing.md")) == ("# Notes \N{SNOWMAN}\n", "")


def test_the_journal_keeps_order_time_and_facts(store):
    folder = store.create("20261121-020000-0000")
    folder.journal("fetch", remote="https://git.example/shop.git")
    folder.journal("push", share=float("nan"), texts=("a\nb", "\x1b[31m"))
    assert folder.journal_lines() == (
        {"at": "2026-11-21T02:00:00Z", "event": "fetch", "remote": "https://git.example/shop.git"},
        {"at": "2026-11-21T02:00:00Z", "event": "push", "share": None, "texts": ["a\nb", "\x1b[31m"]},
    )
    assert (folder.path / "journal.ndjson").read_bytes().count(b"\n") == 2


@pytest.mark.parametrize("torn", [b'{"at": "2026', b"\0\0\0", b'"text"', b"\xff"])
def test_a_line_torn_by_a_crash_spoils_neither_what_came_before_nor_after(store, torn):
    folder = store.create("20261121-020000-0000")
    folder.journal("one")
    with (folder.path / "journal.ndjson").open("ab") as file:
        file.write(torn)
    folder.journal("two")
    assert [line["event"] for line in folder.journal_lines()] == ["one", "two"]


def test_digests_name_what_is_there_and_leave_out_what_is_not(store):
    folder = store.create("20261121-020000-0000")
    folder.write("load-1k.hlog", b"histogram")
    assert folder.digests(["load-1k.hlog", "load-1k.ndjson"]) == {
        "load-1k.hlog": hashlib.sha256(b"histogram").hexdigest()
    }


ATTEMPT = ("load-1k.hlog", "load-1k.ndjson", "manifest.json")


def measured(store):
    """A run that has measured, and its record."""
    record = records.inconclusive()
    folder = store.create(record.run_id)
    for name in ATTEMPT:
        folder.write(name, name)
    folder.journal("judged")
    return record, folder


def test_an_attempt_is_set_aside_with_its_files_and_its_record(store):
    record, folder = measured(store)
    store.save(replace(record, verdict=None))

    store.set_aside(record, "attempt-1", ATTEMPT)

    assert list(folder.names()) == ["journal.ndjson", "run.json"]
    aside = store.folder(record.run_id, "attempt-1")
    assert list(aside.names()) == [*ATTEMPT, "run.json"]
    assert mode(aside.path) == 0o700
    assert [(aside.path / name).read_text() for name in ATTEMPT] == list(ATTEMPT)
    assert store.load(record.run_id, "attempt-1") == record
    assert store.load(record.run_id).verdict is None
    assert store.run_ids() == (record.run_id,)


def test_files_that_are_set_aside_are_always_in_one_place_or_the_other(store, monkeypatch):
    record, folder = measured(store)
    replace_file, count = Path.replace, iter(range(10))

    def fails_midway(self, target):
        if self.name in ATTEMPT and next(count) == 1:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return replace_file(self, target)

    monkeypatch.setattr(Path, "replace", fails_midway)
    with pytest.raises(BotError, match=r"load-1k\.ndjson cannot be used") as caught:
        store.set_aside(record, "attempt-1", ATTEMPT)
    assert caught.value.reason is Reason.STATE_UNUSABLE
    here, there = set(folder.names()), set(store.folder(record.run_id, "attempt-1").names())
    assert (here, there) == ({"journal.ndjson", *ATTEMPT[1:]}, {"run.json", ATTEMPT[0]})


@pytest.mark.parametrize("name", [*UNSAFE[1:], "attempt-2"])
def test_no_attempt_leads_out_of_the_run_or_to_one_that_was_not_set_aside(store, name):
    record, _ = measured(store)
    for call in (store.folder, store.load):
        with pytest.raises(BotError) as caught:
            call(record.run_id, name)
        assert caught.value.reason is Reason.RUN_NOT_FOUND


def test_a_file_is_replaced_whole_and_leaves_no_draft(store):
    folder = store.create("20261121-020000-0000")
    folder.write("report.md", "old")
    folder.write("report.md", "new")
    assert [path.name for path in folder.path.iterdir()] == ["report.md"]
    assert (folder.path / "report.md").read_text() == "new"


def test_a_write_that_fails_midway_leaves_the_old_file_and_no_draft(store, monkeypatch):
    folder = store.create("20261121-020000-0000")
    folder.write("report.md", "old")

    def no_space(_handle, _view):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", no_space)
    with pytest.raises(BotError, match="No space left") as caught:
        folder.write("report.md", "new")
    monkeypatch.undo()
    assert caught.value.reason is Reason.DISK_FULL
    assert (folder.path / "report.md").read_text() == "old"
    assert [path.name for path in folder.path.iterdir()] == ["report.md"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_really_full_device_is_disk_full(store):
    folder = store.create("20261121-020000-0000")
    (folder.path / "journal.ndjson").symlink_to("/dev/full")
    with pytest.raises(BotError, match="No space left on device") as caught:
        folder.journal("started")
    assert caught.value.reason is Reason.DISK_FULL


def test_a_state_directory_that_is_a_file_is_said(tmp_path):
    (tmp_path / "state").write_text("in the way")
    with pytest.raises(BotError, match=r"state/runs cannot be used: Not a directory") as caught:
        FileRunStore(tmp_path / "state", StoppedClock()).create("20261121-020000-0000")
    assert caught.value.reason is Reason.STATE_UNUSABLE


KILLED_WRITER = """
import os, pathlib, sys
from bot.adapters import files
real, count = os.write, 0
def write(handle, view):
    global count
    count += 1
    if count == 2:
        real(handle, bytes(view)[: len(view) // 2])
        os._exit(9)
    return real(handle, view)
os.write = write
path = pathlib.Path(sys.argv[1])
files.write_whole(path, b"old" * 1000)
files.write_whole(path, b"new" * 1000)
"""


def test_a_writer_killed_midway_leaves_the_old_file_whole(tmp_path):
    target = tmp_path / "run.json"
    done = subprocess.run([sys.executable, "-c", KILLED_WRITER, str(target)], timeout=60, check=False)
    assert done.returncode == 9
    assert target.read_bytes() == b"old" * 1000


def test_appending_from_many_processes_mixes_no_lines(tmp_path):
    path = tmp_path / "journal.ndjson"
    code = (
        "import sys, pathlib; from bot.adapters.files import append_line\n"
        "for n in range(50): append_line(pathlib.Path(sys.argv[1]), (sys.argv[2] * 300).encode())"
    )
    children = [subprocess.Popen([sys.executable, "-c", code, str(path), letter]) for letter in "ab"]
    assert [child.wait(timeout=60) for child in children] == [0, 0]
    assert sorted(path.read_text().split()) == ["a" * 300] * 50 + ["b" * 300] * 50


def test_saving_needs_the_folder_of_the_run(store):
    with pytest.raises(BotError, match="There is no run"):
        store.save(replace(records.error(), run_id="20261121-020000-0000"))


def test_a_saved_record_is_readable_json_for_others(store):
    record = records.error()
    store.create(record.run_id)
    assert json.loads(store.save(record).read_text())["run_id"] == record.run_id


def test_make_folder_keeps_one_that_exists(tmp_path):
    (tmp_path / "state").mkdir(mode=0o755)
    files.make_folder(tmp_path / "state")
    assert mode(tmp_path / "state") == 0o755
