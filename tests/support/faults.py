"""How a run is cut off at one of its points: the ways, where each is something of its own, and what each does."""

import errno
import os
import shutil
import signal
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from bot.adapters import files
from bot.adapters.git_exchange import Completed
from bot.adapters.git_runner import Runner
from bot.adapters.history import SqlHistory
from bot.errors import BotError, Reason


class Fault(StrEnum):
    """How a run is cut off at a point."""

    KILL = "SIGKILL"
    BUG = "exception"
    STOP = "interrupt"
    LOST = "reply lost"
    FULL = "disk full"
    WIPED = "state deleted meanwhile"
    GONE = "SIGKILL and state deleted"


DEADLY = (Fault.KILL, Fault.BUG, Fault.LOST, Fault.FULL)

# What asks or changes the remote: there the reply can be lost.
_REMOTE = frozenset(
    {
        "fetch",
        "fetch again",
        "look again",
        "audit",
        "ask source",
        "ask branches",
        "push",
        "read back",
        "read back old run",
    }
)


def is_telling(point: str, fault: Fault) -> bool:
    """Whether that fault at that point is something of its own, and not what happens at its neighbour as well.

    An effect that is done and not answered is one that is over, or one on the remote; a disk is full before one.
    """
    when, _, effect = point.partition(" ")
    match fault:
        case Fault.LOST:
            return when == "after" or effect in _REMOTE
        case Fault.FULL | Fault.GONE | Fault.WIPED:
            return when == "before"
    return True


def spring(fault: Fault, folder: Path, name: str) -> None:
    """What that fault does to the process it happens in."""
    match fault:
        case Fault.KILL | Fault.GONE:
            os.kill(os.getpid(), signal.SIGKILL)
        case Fault.BUG:
            raise RuntimeError(name)
        case Fault.STOP:
            raise KeyboardInterrupt
        case Fault.LOST:
            _lose_replies()
            if name.startswith("after "):
                raise BotError(Reason.DEADLINE_EXCEEDED, f"It may have happened: {name}.")
        case Fault.FULL:
            _fill_disk()
            raise BotError(Reason.DISK_FULL, f"No space is left: {name}.")
        case Fault.WIPED:
            shutil.rmtree(folder / "state")


def _lose_replies() -> None:
    """From now on everything is done on the remote, and nobody hears of it."""
    really = Runner.run

    def run(self: Runner, command: Sequence[str], data: bytes = b"", **more: Any) -> Completed:
        ended = really(self, command, data, **more)
        is_remote = command[1] in {"push", "fetch", "ls-remote"}
        return Completed(128, b"", "fatal: the remote end hung up unexpectedly") if is_remote else ended

    Runner.run = run  # type: ignore[method-assign] # this process ends soon


def _fill_disk() -> None:
    """From now on nothing can be written on this machine."""
    really = Runner.run

    def run(self: Runner, command: Sequence[str], data: bytes = b"", **more: Any) -> Completed:
        if command[1] in {"fetch", "init", "hash-object", "mktag", "update-index", "write-tree", "merge-tree"}:
            return Completed(128, b"", "fatal: write error: No space left on device")
        return really(self, command, data, **more)

    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def full_database(*_arguments: object) -> None:
        raise BotError(Reason.DISK_FULL, "The database could not be written.")

    Runner.run = run  # type: ignore[method-assign] # this process ends soon
    files._write_all = full
    SqlHistory._write = SqlHistory.restore = full_database  # type: ignore[method-assign,assignment] # as above
