"""Starting and ending child processes: each leads a group of its own, and the whole group ends with it (I13)."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Final

# What may end a command from outside, and what ends one that takes too long.
_INTERRUPTING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)


@contextlib.contextmanager
def child_group(
    start: "Callable[[], subprocess.Popen[bytes]]", grace: float = 2.0
) -> "Iterator[subprocess.Popen[bytes]]":
    """A child, made by `start` with `start_new_session=True`; after the block its group has ended, its pipes are shut.

    An interrupt that comes while it is being started is raised when it is known, so that it is ended, too; `grace` as
    for `end_group`.
    """
    child: subprocess.Popen[bytes] | None = None
    try:
        with _undisturbed():
            child = start()
        yield child
    finally:
        if child is not None:
            end_group(child, grace)
            _hang_up(child)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Handlers of signals that interrupt are run after the block; other threads than the main one never run any."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    # Signals are not blocked in the block itself: the child would be deaf to them for all its life.
    handlers = {number: signal.getsignal(number) for number in _INTERRUPTING}
    ours = {number: handler for number, handler in handlers.items() if callable(handler)}
    try:
        with _blocked():
            for held in ours:
                signal.signal(held, note)
        yield
    finally:
        with _blocked():
            for held, handler in ours.items():
                signal.signal(held, handler)
        for number in came:
            signal.raise_signal(number)


@contextlib.contextmanager
def _blocked() -> Iterator[None]:
    """No signal comes between the first and the last handler that is changed in the block."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _hang_up(child: "subprocess.Popen[bytes]") -> None:
    for stream in (child.stdin, child.stdout, child.stderr):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def end_group(child: "subprocess.Popen[bytes]", grace: float = 2.0) -> None:
    """End a child started with `start_new_session=True` and all its descendants: SIGTERM, `grace` seconds, SIGKILL.

    Safe to call when the child has already ended; the group is killed all the same, because a grandchild may live on.
    """
    _signal_group(child.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(timeout=grace)
    _signal_group(child.pid, signal.SIGKILL)
    child.wait()


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
