"""Ends a flow at one of its points in one of many ways, starts it again, and has the independent auditor judge."""

import errno
import hashlib
import json
import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from support import forks
from support.auditor import audit
from support.gitrepos import Repo
from support.stories import Story, new_shop, open_shop

from bot.adapters import files
from bot.adapters.git_exchange import Completed
from bot.adapters.git_runner import Runner
from bot.adapters.history import SqlHistory
from bot.errors import BotError, Reason

RESTARTS = 2


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
        "ask hotfix",
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


@dataclass
class Listener:
    """Keeps the names of all points, in their order."""

    names: list[str] = field(default_factory=list)

    def reached(self, name: str) -> None:
        self.names.append(name)


@dataclass
class Trap:
    """Springs at the point of that place in the order of points, once."""

    at: int
    spring: Callable[[str], None]
    names: list[str] = field(default_factory=list)

    def reached(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) - 1 == self.at:
            self.spring(name)


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


@dataclass(frozen=True)
class Case:
    """One flow cut off once (or once more in its restart), and what was wrong afterwards."""

    story: str
    point: str
    fault: str
    ended: str
    restarts: int
    violations: tuple[str, ...]


@dataclass
class Stage:
    """One story in a folder of its own: its world is made once, and put back before every case."""

    story: Story
    folder: Path
    seed: int = 0
    points: tuple[str, ...] = ()
    entries: int = 0
    # What came of each state of the disk before: nobody need ask twice.
    seen: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world, self._kept = self.folder / "world", self.folder / "kept"
        shop = new_shop(self.world, self.seed)
        self.story.arrange(shop)
        shop.history.close()
        shutil.copytree(self.world, self._kept, symlinks=True)
        self.entries = len(audit(self.remote.path).entries)
        self.before = self.remote.refs()
        begun = time.monotonic()
        self.points = tuple(forks.run(partial(self._play, Listener())).said["points"])
        self.took = time.monotonic() - begun

    @property
    def remote(self) -> Repo:
        return Repo(self.world / "remote.git")

    def reset(self) -> None:
        shutil.rmtree(self.world)
        shutil.copytree(self._kept, self.world, symlinks=True)

    def cases(self, fault: Fault, every: int = 1) -> Iterator[Case]:
        """Every point (or every so many-th) with that fault, wherever that is something of its own."""
        telling = [at for at, point in enumerate(self.points) if is_telling(point, fault)]
        for at in telling[self.seed % every :: every]:
            yield self.case(at, fault)

    def case(self, at: int, fault: Fault, *, then: tuple[int, Fault] | None = None) -> Case:
        """Cut the flow off at that point, and its first restart at another one where that is asked for."""
        self.reset()
        wounds = [(at, fault), *([then] if then else [])]
        told: list[str] = []
        for number, wound in enumerate(wounds):
            ended = self._wounded(wound, number)
            told += self._look(ended, wound)
        restarts, wrong = self._heal(len(wounds))
        name = f"{self.points[at]}, then point {then[0]} by {then[1]}" if then else self.points[at]
        return Case(self.story.name, name, str(fault), ended, restarts, (*told, *wrong))

    def pairs(self, count: int) -> Iterator[Case]:
        """Two crashes by chance: one in the flow, one in its restart."""
        chance = random.Random(self.seed)
        for _ in range(count):
            wounds = [(chance.randrange(len(self.points)), chance.choice(DEADLY)) for _ in range(2)]
            yield self.case(*wounds[0], then=wounds[1])

    def kills(self, count: int) -> Iterator[Case]:
        """SIGKILL by chance: at any moment of the flow, git's own processes included."""
        chance = random.Random(self.seed)
        for _ in range(count):
            yield self.random_case(chance.uniform(0, self.took))

    def random_case(self, delay: float) -> Case:
        """SIGKILL after that many seconds, wherever the flow is then; what it started goes on meanwhile."""
        self.reset()
        child = forks.start(partial(self._play, Listener()))
        time.sleep(delay)
        child.kill()
        ended = child.wait()
        restarts, wrong = self._heal(1)
        return Case(self.story.name, "anywhere", "SIGKILL", "killed" if ended.signal else "ended", restarts, wrong)

    def _wounded(self, wound: tuple[int, Fault], number: int) -> str:
        at, fault = wound
        trap = Trap(at, partial(spring, fault, self.world))
        ended = forks.run(partial(self._play, trap, number + 1))
        if fault is Fault.GONE:
            shutil.rmtree(self.world / "state", ignore_errors=True)
        return "killed" if ended.signal == signal.SIGKILL else json.dumps(ended.said.get("ended", ended.said))

    def _play(self, points: Listener | Trap, number: int = 1) -> dict[str, Any]:
        shop = open_shop(self.world, number=10 + number)
        try:
            record = self.story.run(shop, points)
            ended = [record.outcome.value, record.reason_code, record.reason]
        except (BotError, RuntimeError, KeyboardInterrupt) as error:
            ended = [type(error).__name__, str(error)]
        return {"ended": ended, "points": points.names}

    def _look(self, ended: str, wound: tuple[int, Fault]) -> Iterator[str]:
        """What must hold at the very moment of the crash: nothing, or all of it."""
        if self.story.from_half:
            return
        found = audit(self.remote.path)
        yield from found.violations
        if self.remote.refs() != self.before and len(found.entries) != self.entries + self.story.adds:
            yield f"after {ended} at {wound}: something, but not all of it, is there"

    def _heal(self, runs: int) -> tuple[int, tuple[str, ...]]:
        """Start again until it ends; what came of the very same state on disk before need not be asked twice."""
        state = self._state()
        if state not in self.seen:
            self.seen[state] = self._healed(runs)
        return self.seen[state]

    def _healed(self, runs: int) -> tuple[int, tuple[str, ...]]:
        told = []
        for restart in range(1, RESTARTS + 1):
            ended = forks.run(partial(self._play, Listener(), runs + restart))
            told.append(str(ended.said["ended"] if ended.said and "ended" in ended.said else ended))
            if self.story.is_done(self.remote) and not self._unfinished():
                return restart, tuple(self._judge())
        return RESTARTS, (*self._judge(), f"not all of it after {RESTARTS} restarts: {told}")

    def _judge(self) -> Iterator[str]:
        forks.await_orphans()
        found = audit(self.remote.path)
        yield from found.violations
        if len(found.entries) != self.entries + self.story.adds:
            yield f"{len(found.entries)} promotions, not {self.entries + self.story.adds}"
        yield from (f"run {name} stays unfinished" for name in self._unfinished())

    def _unfinished(self) -> list[str]:
        runs = (self.world / "state" / "runs").glob("*")
        return [each.name for each in runs if not _ended(each / "journal.ndjson")]

    def _state(self) -> str:
        """All bytes below the world but what only people read: the lock's last holder, journal lines without facts."""
        digest = hashlib.sha256()
        for path in sorted(self.world.rglob("*")):
            if path.is_file() and path.name != "lock":
                content = b"".join(_facts(path)) if path.name == "journal.ndjson" else path.read_bytes()
                digest.update(f"{path.relative_to(self.world)}\0".encode() + content)
        return digest.hexdigest()


def _facts(journal: Path) -> Iterator[bytes]:
    for line in journal.read_bytes().splitlines():
        if set(json.loads(line)) - {"at", "event", "detail"}:
            yield line


def _ended(journal: Path) -> bool:
    return journal.exists() and '"event": "ended"' in journal.read_text()
