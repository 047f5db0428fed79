"""One child process per night, and the end of everything it started."""

import os
import subprocess
from pathlib import Path
from typing import Final

import psutil

from bot.adapters.process import end_group
from bot.core.calendar import SLOT_VARIABLE

_REAP_S: Final = 5.0


class Child:
    """A running night: leader of a process group of its own, told its slot by an environment variable."""

    def __init__(self, command: tuple[str, ...], slot_id: str, folder: Path, stdout: int | None = None) -> None:
        """Start it, in `folder`; its output goes where the scheduler's own goes, or to that descriptor.

        Raises:
            OSError: it cannot be started.
        """
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, SLOT_VARIABLE: slot_id},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def poll(self) -> int | None:
        """Its exit code (negative: the signal that ended it), or None while it runs; stragglers end with it."""
        if not self._has_ended():
            return None
        # Not reaped yet, so the group's number cannot belong to anybody else.
        end_group(self._process, grace=0.0)
        return self._process.returncode

    def ask(self, number: int) -> None:
        """Send a signal to the child's group."""
        if not self._has_ended():
            os.killpg(self.pid, number)

    def kill(self) -> int:
        """Kill the child and everything that descends from it, whatever group it is in; returns the exit code."""
        family = self._descendants()
        end_group(self._process, grace=0.0)
        for process in family:
            _kill(process)
        psutil.wait_procs(family, timeout=_REAP_S)
        return self._process.returncode

    def _has_ended(self) -> bool:
        if self._process.returncode is not None:
            return True
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _descendants(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self.pid).children(recursive=True)
        except psutil.Error:
            return []


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.Error:
        return
