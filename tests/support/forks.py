"""Real processes for little money: each is a fork of this one, which must have no other thread.

What such a process leaves running when it is killed becomes a child of this one, so that nothing outlives a case.
"""

import contextlib
import ctypes
import gc
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PR_SET_CHILD_SUBREAPER = 36
_LONGEST_S = 120


@dataclass(frozen=True)
class Ended:
    """How a process ended: the signal that killed it, if any, and what its action returned."""

    signal: int | None
    said: Any


@dataclass(frozen=True)
class Child:
    """A process that is under way."""

    pid: int
    pipe: int

    def kill(self) -> None:
        """SIGKILL, without a word to anybody."""
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> Ended:
        """Wait for its end; its action is given two minutes."""
        said = b""
        while chunk := os.read(self.pipe, 1 << 16):
            said += chunk
        os.close(self.pipe)
        _, status = os.waitpid(self.pid, 0)
        killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        assert killed != signal.SIGALRM, "a process of the test hung"
        return Ended(killed, json.loads(said) if said else None)


def start(action: Callable[[], Any]) -> Child:
    """Run an action in a process of its own; it returns what JSON can hold."""
    theirs, ours = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        os.close(ours)
        return Child(pid, theirs)
    signal.alarm(_LONGEST_S)
    # Looking for garbage would copy every page that is shared with the parent.
    gc.disable()
    try:
        os.close(theirs)
        os.write(ours, json.dumps(action()).encode())
    except BaseException as error:  # noqa: BLE001 - whatever it is, the other process must hear of it
        os.write(ours, json.dumps({"crashed": repr(error)[:500]}).encode())
    finally:
        # Nothing of this process may be undone by the copy: no exit handlers, no buffers.
        os._exit(0)


def run(action: Callable[[], Any]) -> Ended:
    """Run an action in a process of its own, to its end."""
    return start(action).wait()


def adopt_orphans() -> None:
    """Become the parent of every process that loses its own."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def await_orphans(seconds: float = 30) -> None:
    """Wait until no process is left of those that killed ones started."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            assert time.monotonic() < deadline, "an orphan does not end"
            time.sleep(0.002)


@contextlib.contextmanager
def quick_folder() -> Iterator[Path]:
    """A folder in memory where there is one: what is tested is what a dead process leaves, not a dead machine."""
    memory = Path("/dev/shm")
    where = str(memory) if memory.is_dir() and os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="chaos-", dir=where) as folder:
        yield Path(folder)
