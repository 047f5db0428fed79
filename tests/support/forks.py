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
# Where what this process comes to is written, once it is a copy.
_answer = -1


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
        """Wait for its end."""
        said = b""
        while chunk := os.read(self.pipe, 1 << 16):
            said += chunk
        os.close(self.pipe)
        _, status = os.waitpid(self.pid, 0)
        killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        assert killed != signal.SIGALRM, "a process of the test hung"
        return Ended(killed, json.loads(said) if said else None)


def start(action: Callable[[], Any], seconds: int = _LONGEST_S) -> Child:
    """Run an action in a process of its own, which has that long; it returns what JSON can hold."""
    child = branch(seconds)
    if child is not None:
        return child
    try:
        _say(action())
    except BaseException as error:  # noqa: BLE001 - whatever it is, the other process must hear of it
        _say({"crashed": repr(error)[:500]})
    finally:
        # Nothing of this process may be undone by the copy: no exit handlers, no buffers.
        os._exit(0)


def branch(seconds: int = _LONGEST_S) -> Child | None:
    """From here on there are two of this process: the child in this one, None in the copy.

    What the action of this process returns in the copy is what that child is told to have said.
    """
    global _answer  # noqa: PLW0603 - a process has one answer
    theirs, ours = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        os.close(ours)
        return Child(pid, theirs)
    os.close(theirs)
    signal.alarm(seconds)
    # Looking for garbage would copy every page that is shared with the parent.
    gc.disable()
    if _answer >= 0:
        os.close(_answer)
    _answer = ours
    return None


def _say(answer: Any) -> None:
    """All of it: a pipe takes a long answer in parts."""
    rest = memoryview(json.dumps(answer).encode())
    while rest:
        rest = rest[os.write(_answer, rest) :]


def run(action: Callable[[], Any], seconds: int = _LONGEST_S) -> Ended:
    """Run an action in a process of its own, to its end."""
    return start(action, seconds).wait()


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
    with tempfile.TemporaryDirectory(prefix="chaos-", dir=where, ignore_cleanup_errors=True) as folder:
        yield Path(folder)
