"""A probe of a process on this machine: by id, by pid file, or by its command line.

A process and all its descendants are one instance: their resident memory is summed (pages that forked workers share
count once per worker), and so is their CPU time, that of ended children included. The instance is the life of the
topmost process; a worker that a pre-forking server replaces is no restart of the server. Where every match of a command
line is wanted, each of them is a replica of its own, by its id.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

import psutil

from bot.adapters.probes import Outcome, ProbeFailure, ProbeReading, Spent

_LONGEST_PID_FILE: Final = 64
_LONGEST_PID: Final = 9
_MOST_PROCESSES: Final = 100


class Target(Protocol):
    """A way to find one process."""

    def locate(self) -> int:
        """Its process id now; LookupError with a sentence when there is not exactly one."""
        ...


@dataclass(frozen=True, slots=True)
class Pid:
    """The process with that id."""

    pid: int

    def locate(self) -> int:
        """The id itself."""
        return self.pid


@dataclass(frozen=True, slots=True)
class PidFile:
    """The process whose id a file holds; read anew each time, so that a restart is seen."""

    path: Path

    def locate(self) -> int:
        """The id that the file holds now."""
        try:
            text = self._read()
        except OSError as error:
            raise LookupError(f"the pid file cannot be read ({type(error).__name__})") from None
        if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_PID and int(text) > 0):
            raise LookupError("the pid file holds no process id")
        return int(text)

    def _read(self) -> str:
        if not self.path.is_file():
            raise FileNotFoundError(self.path)
        with self.path.open("rb") as file:
            return file.read(_LONGEST_PID_FILE).decode("ascii", "replace").strip()


@dataclass(frozen=True, slots=True)
class Command:
    """The one process whose command line (joined by spaces) a regular expression is found in.

    Never the bot's own process, nor one that it was started by: their command lines may hold the pattern as well.
    A matching process below another matching one belongs to that one.
    """

    pattern: re.Pattern[str]

    def locate(self) -> int:
        """The only match's id."""
        topmost = self.every()
        if len(topmost) != 1:
            raise LookupError(f"{len(topmost) or 'no'} processes match the command pattern, not exactly one")
        return topmost[0]

    def every(self) -> list[int]:
        """The ids of all matches, ascending."""
        parents: dict[int, int] = {}
        matching: set[int] = set()
        for process in psutil.process_iter(["ppid", "cmdline"]):
            parents[process.pid] = process.info["ppid"] or 0
            if self.pattern.search(" ".join(process.info["cmdline"] or ())):
                matching.add(process.pid)
        matching -= {os.getpid(), *_above(os.getpid(), parents)}
        return sorted(pid for pid in matching if matching.isdisjoint(_above(pid, parents)))


def _above(pid: int, parents: dict[int, int]) -> set[int]:
    """All ancestors of a process, by the map of parents."""
    above: set[int] = set()
    while (pid := parents.get(pid, 0)) and pid not in above:
        above.add(pid)
    return above


class ProcessProbe:
    """Reads resident memory and CPU time of one process and its descendants through the operating system."""

    def __init__(self, name: str, target: Target, *, interval: float = 1.0, cores: float = 1.0) -> None:
        self.name = name
        self.interval = self.pace = interval
        self.cores = cores
        self.spent = Spent()
        self._target = target
        self._life: _Life | None = None

    def sample(self) -> ProbeReading | ProbeFailure:
        """Find the process and read it; a process that ended, or is out of reach, is a failure."""
        seen = self._life
        outcome = _outcome(lambda: self._find().read())
        if isinstance(outcome, ProbeFailure) and seen is not None and not seen.is_running():
            return replace(outcome, gone=True)
        return outcome

    def _find(self) -> "_Life":
        pid = self._target.locate()
        # The same object stays the same life: a start time that is read again moves with the machine's clock.
        if self._life is None or self._life.pid != pid or not self._life.is_running():
            self._life = _Life(psutil.Process(pid))
        return self._life


class EachProcessProbe:
    """Reads every process whose command line matches, each with its descendants as a replica of its own."""

    def __init__(self, name: str, command: Command, *, interval: float = 1.0, cores: float = 1.0) -> None:
        self.name = name
        self.interval = self.pace = interval
        self.cores = cores
        self.spent = Spent()
        self._command = command
        self._lives: dict[str, _Life] = {}

    def sample(self) -> Outcome | tuple[Outcome, ...]:
        """Read all that match now; one that matched before and ended is a failure from then on."""
        try:
            found = [_Life(psutil.Process(pid)) for pid in self._command.every()[:_MOST_PROCESSES]]
        except psutil.Error as error:
            return ProbeFailure(f"the processes cannot be listed ({type(error).__name__})")
        for life in found:
            self._lives.setdefault(life.name, life)
        if not self._lives:
            return ProbeFailure("no processes match the command pattern")
        return tuple(_replica(life) for life in self._lives.values())


def _replica(life: "_Life") -> Outcome:
    match _outcome(life.read):
        case ProbeFailure(text):
            return ProbeFailure(text, life.name, gone=not life.is_running())
        case reading:
            return replace(reading, replica=life.name)


def _outcome(read: Callable[[], ProbeReading]) -> ProbeReading | ProbeFailure:
    try:
        return read()
    except LookupError as error:
        return ProbeFailure(str(error.args[0]))
    except psutil.AccessDenied:
        return ProbeFailure("the process may not be read by this user")
    except psutil.NoSuchProcess:
        return ProbeFailure("the process is not running")
    except (psutil.Error, OSError) as error:
        return ProbeFailure(f"the process cannot be read ({type(error).__name__})")


class _Life:
    """One life of the topmost process."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self._instance = f"{process.pid}@{process.create_time():.2f}"
        self._cpu_seen = 0.0
        self._cpu_lost = 0.0

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def name(self) -> str:
        return self._instance

    def is_running(self) -> bool:
        try:
            return self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def read(self) -> ProbeReading:
        if self._process.status() == psutil.STATUS_ZOMBIE:
            raise LookupError("the process has ended")
        memory, cpu = _usage(self._process)
        for child in self._process.children(recursive=True):
            try:
                child_memory, child_cpu = _usage(child)
            except psutil.Error:  # it ended a moment ago; its parent accounts for it
                continue
            memory += child_memory
            cpu += child_cpu
        return ProbeReading(self._instance, float(memory), self._never_less(cpu))

    def _never_less(self, cpu: float) -> float:
        """CPU time of a child that nobody waited for vanishes with it, but it was used all the same."""
        if cpu < self._cpu_seen:
            self._cpu_lost += self._cpu_seen - cpu
        self._cpu_seen = cpu
        return round(cpu + self._cpu_lost, 6)


def _usage(process: psutil.Process) -> tuple[int, float]:
    with process.oneshot():
        times = process.cpu_times()
        return process.memory_info().rss, times.user + times.system + times.children_user + times.children_system
