"""Ending child processes: every child leads a group of its own, and the whole group ends with it (invariant I13)."""

import contextlib
import os
import signal
import subprocess


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
