"""Kernel locks on files: gone with the last process that holds them, so a killed run leaves none (invariant I12)."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PAUSE_S: Final = 0.05


def try_lock(path: Path) -> int | None:
    """The descriptor of the locked file, to be closed by the caller; None when another process holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def take_lock(path: Path, deadline: float) -> int:
    """The descriptor of the locked file, waiting up to `deadline` seconds for it; TimeoutError when it stays taken."""
    limit = time.monotonic() + deadline
    while (descriptor := try_lock(path)) is None:
        if time.monotonic() >= limit:
            raise TimeoutError(f"{path.name} stayed locked for {deadline:.0f} s")
        time.sleep(_PAUSE_S)
    return descriptor


@contextlib.contextmanager
def wait_lock(path: Path, deadline: float) -> Iterator[int]:
    """Hold the lock, waiting up to `deadline` seconds for it; TimeoutError when it stays taken."""
    descriptor = take_lock(path, deadline)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
