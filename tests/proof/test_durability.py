"""What is written is on the disk before anybody relies on it: seen at the system call, not believed."""

import os
from pathlib import Path

import pytest

from bot.adapters import files


@pytest.fixture
def synced(monkeypatch):
    """Every fsync in order: the path, and the content of a file at that moment."""
    seen, real = [], os.fsync

    def fsync(handle):
        real(handle)
        path = Path(f"/proc/self/fd/{handle}").readlink()
        seen.append((str(path), None if path.is_dir() else path.read_bytes()))

    monkeypatch.setattr(os, "fsync", fsync)
    return seen


def test_a_line_is_on_the_disk_whole_before_the_call_returns_and_so_is_the_name_of_a_new_file(tmp_path, synced):
    path = tmp_path / "journal"
    files.append_line(path, b"one")
    files.append_line(path, b"two")

    assert synced == [(str(path), b"one\n"), (str(tmp_path), None), (str(path), b"one\ntwo\n")]


def test_a_file_is_replaced_only_by_what_is_on_the_disk_whole(tmp_path, synced, monkeypatch):
    path = tmp_path / "run.json"
    path.write_bytes(b"old")
    found, real = [], os.replace

    def replaced(source, target):
        found.append((dict(synced)[str(source)], path.read_bytes()))
        real(source, target)

    monkeypatch.setattr("pathlib.Path.replace", replaced)
    files.write_whole(path, b"new")

    assert found == [(b"new", b"old")]
    assert synced[-1] == (str(tmp_path), None)
    assert path.read_bytes() == b"new"
