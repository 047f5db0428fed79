"""What the load process asks of its system: to end with its parent, and to keep its output small."""

import ctypes
import io
import logging
import os
import signal
import sys
from typing import Final

from bot.core.text import plain

_PR_SET_PDEATHSIG: Final = 1
_MOST_OUTPUT: Final = 4 * 1024 * 1024
_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def end_with(parent: int | None) -> None:
    """Have the kernel kill this process when its parent ends, so that a killed bot leaves no load behind (Linux)."""
    if parent is None or sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit("The process that asked for this load has ended.")


class BoundedOutput(io.TextIOBase):
    """Text output to a file descriptor that falls silent, with one line saying so, after `most` characters.

    It falls silent too where nothing can be written any more (a full disk, a closed pipe): whoever prints, such as a
    task of a load file, is not to fail by it.
    """

    def __init__(self, fd: int, most: int = _MOST_OUTPUT) -> None:
        self._out = os.fdopen(os.dup(fd), "w", encoding="utf-8", errors="backslashreplace", buffering=1)
        self._left = most

    def write(self, text: str) -> int:
        """Write that text while there is room."""
        if self._left > 0:
            try:
                self._write(text)
            except OSError:
                self._fall_silent()
        return len(text)

    def _write(self, text: str) -> None:
        self._out.write(text[: self._left])
        self._left -= len(text)
        if self._left <= 0:
            self._out.write("\n(more output was dropped)\n")

    def _fall_silent(self) -> None:
        """What is still in the buffer must go somewhere, or it would fail again at every flush and at the exit."""
        self._left = 0
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._out.fileno(), inheritable=False)
        os.close(nowhere)

    def flush(self) -> None:
        """Pass on what was written."""
        try:
            self._out.flush()
        except OSError:
            self._fall_silent()

    def fileno(self) -> int:
        """The descriptor behind."""
        return self._out.fileno()


class LastError(logging.Handler):
    """Remembers the first line of the latest error that was logged, and the last line of its traceback."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Remember that record."""
        lines = [line.strip(" :\t") for line in record.getMessage().splitlines() if line.strip()]
        self.text = plain(": ".join(lines[:1] + lines[1:][-1:]), 300)


def bound_output() -> LastError:
    """Send everything printed and logged to standard output, bounded; returns the keeper of the last error."""
    sys.stdout = sys.stderr = BoundedOutput(1)
    keeper = LastError()
    logging.basicConfig(level=logging.INFO, format=_FORMAT, handlers=[logging.StreamHandler(sys.stderr), keeper])
    return keeper
