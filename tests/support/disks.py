"""Small disks for tests: a tmpfs that can be filled, and a folder that cannot be written."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=20)


@cache
def reason_against() -> str | None:
    """Why nothing can be mounted here, None where it can."""
    if os.geteuid() != 0:
        return "only root may mount a disk"
    with TemporaryDirectory() as folder:
        try:
            _run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder)
        except (OSError, subprocess.SubprocessError):
            return "nothing may be mounted here"
        _run("umount", folder)
    return None


@contextlib.contextmanager
def disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of that size (such as `2m`)."""
    folder.mkdir()
    _run("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        _run("umount", "--lazy", str(folder))


def fill(folder: Path) -> Path:
    """Fill that disk to the last byte; returns the file that does it."""
    path = folder / "filler"
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    return path


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody can write there, not even root."""
    _run("mount", "--bind", str(folder), str(folder))
    try:
        _run("mount", "-o", "remount,ro,bind", str(folder))
        yield
    finally:
        _run("umount", "--lazy", str(folder))
