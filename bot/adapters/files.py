"""Files that survive a crash: written whole or appended line by line, on the disk before the call returns."""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot.core.reasons import Reason
from bot.errors import BotError

PRIVATE_FILE: Final = 0o600
PRIVATE_FOLDER: Final = 0o700
_BLOCK: Final = 8192
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextlib.contextmanager
def state_errors(path: Path) -> Iterator[None]:
    """Turn an OSError into BotError: DISK_FULL where space or quota is gone, STATE_UNUSABLE otherwise."""
    try:
        yield
    except OSError as error:
        words = error.strerror or type(error).__name__
        if error.errno in _FULL:
            raise BotError(Reason.DISK_FULL, f"{path} could not be written: {words}.") from error
        raise BotError(Reason.STATE_UNUSABLE, f"{path} cannot be used: {words}.") from error


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file's content: whoever reads it, or finds it after a crash, has the old one or the new one."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    with state_errors(path):
        try:
            _create(draft, content)
            draft.replace(path)
        finally:
            with contextlib.suppress(OSError):
                draft.unlink()
        sync_folder(path.parent)


def append_line(path: Path, line: bytes) -> None:
    """Append one line and wait until it is on the disk; a line torn by an earlier crash stays alone on its own."""
    with state_errors(path):
        is_new = not path.exists()
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, PRIVATE_FILE)
        try:
            _write_all(handle, (b"\n" if _is_torn(handle) else b"") + line + b"\n")
            os.fsync(handle)
        finally:
            os.close(handle)
        if is_new:
            sync_folder(path.parent)


def lines_from_the_end(path: Path) -> Iterator[bytes]:
    """The lines of a file from its last to its first one, read block by block; none where there is no file."""
    with state_errors(path):
        if not path.is_file():
            return
        with path.open("rb") as file:
            rest, position = b"", file.seek(0, os.SEEK_END)
            while position:
                size = min(_BLOCK, position)
                position -= size
                file.seek(position)
                rest, *lines = (file.read(size) + rest).split(b"\n")
                yield from reversed(lines)
            yield rest


def make_folder(path: Path) -> None:
    """Make a folder that only its owner can enter, and its parents; one that exists is left as it is."""
    with state_errors(path):
        path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Put a folder's list of names on the disk; may raise OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _create(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    try:
        _write_all(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_all(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def _is_torn(handle: int) -> bool:
    size = os.fstat(handle).st_size
    return size > 0 and os.pread(handle, 1, size - 1) != b"\n"
