"""Ends a flow at its points in many ways, starts it again, and has the independent auditor judge."""

import json
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from support import forks
from support.auditor import audit
from support.fakes import Shop
from support.faults import DEADLY, Fault, is_telling, spring
from support.forks import Ended
from support.gitrepos import Repo
from support.nights import FakeClock
from support.stories import Story, new_shop, open_shop
from support.worldcopies import branch, copy_world, put_back, state_of

from bot.adapters.runs import FileRunStore
from bot.errors import BotError

RESTARTS = 2
# One process goes through all points, and waits at each of them for what comes of every fault.
_WALK_S = 1800


@dataclass
class Listener:
    """Keeps the names of all points, in their order."""

    names: list[str] = field(default_factory=list)

    def begin(self, shop: Shop) -> None:
        """The flow begins in that shop."""

    def reached(self, name: str) -> None:
        self.names.append(name)


@dataclass
class Trap(Listener):
    """Springs at the point of that place in the order of points, once."""

    at: int = 0
    spring: Callable[[str], None] = lambda _name: None

    def reached(self, name: str) -> None:
        super().reached(name)
        if len(self.names) - 1 == self.at:
            self.spring(name)


@dataclass
class Walk(Listener):
    """Goes through the flow once; at each point, for every fault, a copy of the process is hit in a copy of the world.

    So what is before a point happens once and not once a fault.
    """

    world: Path = Path()
    left: Path = Path()
    faults: Sequence[Fault] = ()
    turn: Callable[[int], bool] = lambda _number: True
    hits: list[dict[str, Any]] = field(default_factory=list)
    _shop: Shop | None = None
    _is_hit: bool = False
    _telling: Counter[Fault] = field(default_factory=Counter)

    def begin(self, shop: Shop) -> None:
        self._shop = shop

    def reached(self, name: str) -> None:
        super().reached(name)
        for fault in self.faults:
            if not self._is_hit and is_telling(name, fault) and self._is_its_turn(fault):
                self._hit(name, fault)

    def _is_its_turn(self, fault: Fault) -> bool:
        self._telling[fault] += 1
        return self.turn(self._telling[fault] - 1)

    def _hit(self, name: str, fault: Fault) -> None:
        assert self._shop is not None, "nothing begins before the flow does"
        child = branch(self.world, self._shop)
        if child is None:
            self._is_hit = True
            spring(fault, self.world, name)
            return
        ended = ending(child.wait())
        self.hits.append({"point": name, "fault": fault, "ended": ended, "state": self._keep(fault)})
        put_back(self.world)

    def _keep(self, fault: Fault) -> str:
        """Put away what is left, once for each state."""
        if fault is Fault.GONE:
            shutil.rmtree(self.world / "state", ignore_errors=True)
        state = state_of(self.world)
        if not (self.left / state).exists():
            self.world.rename(self.left / state)
        return state


def ending(ended: Ended) -> str:
    """How a process that played a story ended, in words."""
    if ended.signal == signal.SIGKILL:
        return "killed"
    return json.dumps(ended.said.get("ended", ended.said) if ended.said else None)


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
    took: float = 0.0
    # What came of each state of the disk before: nobody need ask twice.
    seen: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    looked: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world, self._kept, self._left = (self.folder / name for name in ("world", "kept", "left"))
        shop = new_shop(self.world, self.seed)
        self.story.arrange(shop)
        shop.history.close()
        self.world.rename(self._kept)
        self._left.mkdir()
        self.reset()
        self.entries = len(audit(self.remote.path).entries)
        self.before = self.remote.refs()

    @property
    def remote(self) -> Repo:
        return Repo(self.world / "remote.git")

    def reset(self) -> None:
        # What a killed run left running must not write into the next world.
        forks.await_orphans()
        shutil.rmtree(self.world, ignore_errors=True)
        copy_world(self._kept, self.world)

    def rehearse(self) -> None:
        """Learn the points and how long the flow takes, by playing it to its end."""
        self.reset()
        begun = time.monotonic()
        self.points = tuple(forks.run(partial(self._play, Listener())).said["points"])
        self.took = time.monotonic() - begun

    def cases(self, faults: Sequence[Fault], every: int = 1) -> Iterator[Case]:
        """Every point (or every so many-th) with those faults, wherever that is something of its own."""
        self.reset()
        walk = Walk(
            world=self.world, left=self._left, faults=faults, turn=lambda number: number % every == self.seed % every
        )
        ended = forks.run(lambda: {**self._play(walk), "hits": walk.hits}, _WALK_S)
        assert "hits" in (ended.said or {}), ended
        self.points = tuple(ended.said["points"])
        for hit in ended.said["hits"]:
            restarts, wrong = self._judged(hit["state"])
            yield Case(self.story.name, hit["point"], hit["fault"], hit["ended"], restarts, wrong)

    def _judged(self, state: str) -> tuple[int, tuple[str, ...]]:
        """What was wrong in a state that a fault left, and after starting again from it."""
        if state not in self.looked:
            shutil.rmtree(self.world, ignore_errors=True)
            (self._left / state).rename(self.world)
            self.looked[state] = tuple(self._look())
            self._heal(state, 1)
        restarts, wrong = self.seen[state]
        return restarts, (*self.looked[state], *wrong)

    def pairs(self, count: int) -> Iterator[Case]:
        """Two crashes by chance: one in the flow, one in its restart."""
        self.rehearse()
        chance = random.Random(self.seed)
        for _ in range(count):
            yield self._pair([(chance.randrange(len(self.points)), chance.choice(DEADLY)) for _ in range(2)])

    def _pair(self, wounds: Sequence[tuple[int, Fault]]) -> Case:
        """Cut the flow off at that point, and its first restart at another one."""
        self.reset()
        told: list[str] = []
        for number, (at, fault) in enumerate(wounds, 1):
            trap = Trap(at=at, spring=partial(spring, fault, self.world))
            ended = ending(forks.run(partial(self._play, trap, number)))
            told += self._look()
        restarts, wrong = self._heal(state_of(self.world), len(wounds))
        (at, fault), (then, again) = wounds
        name = f"{self.points[at]}, then point {then} by {again}"
        return Case(self.story.name, name, str(fault), ended, restarts, (*told, *wrong))

    def kills(self, count: int) -> Iterator[Case]:
        """SIGKILL by chance: at any moment of the flow, git's own processes included."""
        self.rehearse()
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
        # Its children may still be writing: that state is like no other, and nobody can look at it twice.
        restarts, wrong = self._healed(1)
        return Case(self.story.name, "anywhere", "SIGKILL", "killed" if ended.signal else "ended", restarts, wrong)

    def _play(self, points: Listener, number: int = 1) -> dict[str, Any]:
        shop = open_shop(self.world, number=10 + number)
        points.begin(shop)
        try:
            ended = self.story.told(self.story.run(shop, points))
        except (BotError, RuntimeError, KeyboardInterrupt) as error:
            ended = [type(error).__name__, str(error)]
        return {"ended": ended, "points": points.names}

    def _look(self) -> Iterator[str]:
        """What must hold at the very moment of the crash: nothing, or all of it."""
        if self.story.from_half:
            return
        found = audit(self.remote.path)
        yield from found.violations
        if self.remote.refs() == self.before:
            return
        if len(found.entries) != self.entries + self.story.adds or not self.story.is_done(self.remote):
            yield "something, but not all of it, is there"

    def _heal(self, state: str, runs: int) -> tuple[int, tuple[str, ...]]:
        """Start again until it ends; what came of the very same state on disk before need not be asked twice."""
        if state not in self.seen:
            self.seen[state] = self._healed(runs)
        return self.seen[state]

    def _healed(self, runs: int) -> tuple[int, tuple[str, ...]]:
        told = []
        for restart in range(1, RESTARTS + 1):
            ended = forks.run(partial(self._play, Listener(), runs + restart))
            told.append(str(ended.said["ended"] if ended.said and "ended" in ended.said else ended))
            if self.story.is_done(self.remote) and not [*self._open()]:
                return restart, tuple(self._judge(runs))
        return RESTARTS, (*self._judge(runs), f"not all of it after {RESTARTS} restarts: {told}")

    def _judge(self, crashes: int) -> Iterator[str]:
        forks.await_orphans()
        found = audit(self.remote.path)
        yield from found.violations
        if len(found.entries) != self.entries + self.story.adds:
            yield f"{len(found.entries)} promotions, not {self.entries + self.story.adds}"
        yield from self._open()
        if self.story.judge is not None:
            yield from self.story.judge(self.world, crashes)

    def _open(self) -> Iterator[str]:
        """What runs have still to do: to see their own end, and to say it on the host where they say such things."""
        runs = FileRunStore(self.world / "state", FakeClock("2026-11-21T02:00:00"))
        folders = (self.world / "state" / "runs").glob("*")
        yield from (f"run {one.name} stays unfinished" for one in folders if not _ended(one / "journal.ndjson"))
        yield from (f"run {name} stays untold" for name in runs.untold())


def _ended(journal: Path) -> bool:
    return journal.exists() and '"event": "ended"' in journal.read_text()
