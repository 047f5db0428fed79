"""Running Locust as a child process, one scenario at a time, and reading what it left.

The bot never imports Locust (it patches the whole process) and never believes its exit code: plan file in, measurement
files out.
"""

import subprocess
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from bot.adapters.locust_child import (
    DISK_FULL_EXIT,
    NotStarted,
    ScenarioFiles,
    note_abort,
    note_ending,
    prepare,
    start,
    tell,
)
from bot.adapters.measurements import read_scenario
from bot.adapters.process import child_group, end_group
from bot.adapters.tail import Tail
from bot.core.evidence import Ending, ScenarioEvidence
from bot.core.loadplan import LoadPlan, ScenarioPlan
from bot.core.orders import Extend, Order, Stop
from bot.errors import BotError, Reason


class Observer(Protocol):
    """Watches the service beside the load, from threads of its own, into the same ndjson file."""

    def observe(
        self, plan: LoadPlan, scenario: ScenarioPlan, candidate_sha: str, ndjson: Path
    ) -> AbstractContextManager[None]:
        """Append observation lines while the context is open."""
        ...


class SecondWatcher(Protocol):
    """Whoever wants to see the lines as they appear."""

    def second(self, line: dict[str, object]) -> None:
        """One line."""
        ...


class Steersman(Protocol):
    """Whoever decides, line by line, what the load is to be told."""

    def line(self, line: dict[str, Any]) -> Order | None:
        """The order that this line leads to."""
        ...


@dataclass(frozen=True, slots=True)
class Timing:
    """How long each part may take, in seconds, beyond the planned warm-up and duration.

    `startup` until the warm-up begins, `drain` for late answers, `allowance` for everything the machine delays,
    `leaving` for users to stop once the closing line is written. `stopping` is how long a load that was told to stop
    may take for what is in flight. `poll` is the pace of looking.
    """

    startup: float = 60.0
    drain: float = 30.0
    allowance: float = 15.0
    leaving: float = 5.0
    stopping: float = 5.0
    poll: float = 0.25


_DEFAULT_TIMING: Final = Timing()
_SETTLE_POLLS: Final = 2


class LocustLoad:
    """Runs each scenario in a process group of its own, under a deadline from outside.

    `hidden_variables` are names of environment variables that a load file must not see, such as the bot's tokens.
    """

    def __init__(
        self,
        observers: Sequence[Observer] = (),
        *,
        timing: Timing = _DEFAULT_TIMING,
        hidden_variables: Sequence[str] = ("GITHUB_TOKEN", "GH_TOKEN"),
    ) -> None:
        self._observers = tuple(observers)
        self._timing = timing
        self._hidden = frozenset(hidden_variables)

    def run(
        self,
        plan: LoadPlan,
        scenario: ScenarioPlan,
        candidate_sha: str,
        folder: Path,
        watcher: SecondWatcher,
        *,
        pilot: Steersman | None = None,
    ) -> None:
        """Run one scenario; returns whatever the child does, and leaves no process behind.

        Raises BotError(DISK_FULL) when the measurements could not be written, and lets KeyboardInterrupt through.
        """
        files = prepare(plan, scenario, folder, startup=self._timing.startup, drain=self._timing.drain)
        with ExitStack() as observing:
            for observer in self._observers:
                observing.enter_context(observer.observe(plan, scenario, candidate_sha, files.ndjson))
            code = self._load(scenario, files, watcher, pilot)
        if code == DISK_FULL_EXIT:
            raise BotError(Reason.DISK_FULL, f"The measurements of {scenario.name} could not be written to {folder}.")

    def read(self, scenario: ScenarioPlan, folder: Path) -> ScenarioEvidence:
        """Read one scenario's evidence from its files alone; what is missing or broken is said in the value."""
        return read_scenario(scenario, folder)

    def _load(
        self, scenario: ScenarioPlan, files: ScenarioFiles, watcher: SecondWatcher, pilot: Steersman | None
    ) -> int | None:
        """Run the child to its end, and note in the file where it was cut off; its exit code, None if it has none."""
        try:
            with child_group(partial(start, files, self._hidden)) as child:
                following = _Following(child, files.ndjson, watcher, pilot)
                self._follow(following, Tail(files.ndjson), _Deadline(scenario, self._timing))
        except NotStarted as error:
            note_ending(files.ndjson, Ending.CRASHED, f"The load process could not be started: {error}")
            return None
        except BaseException as error:
            note_ending(files.ndjson, Ending.CRASHED, f"The load was cut off by {type(error).__name__}.")
            raise
        return child.returncode

    def _follow(self, following: "_Following", tail: Tail, deadline: "_Deadline") -> None:
        """Hand on lines until the child has ended, has said that it is done, or has used up its time."""
        child = following.child
        while child.poll() is None:
            for line in tail.new():
                deadline.learn(line)
                deadline.allow(following.take(line))
            if deadline.passed():
                if not deadline.done:
                    end_group(child)
                    note_ending(following.ndjson, Ending.DEADLINE, deadline.words)
                break
            time.sleep(self._timing.poll)
        for _ in range(_SETTLE_POLLS):
            for line in tail.new():
                following.watcher.second(line)


@dataclass(frozen=True, slots=True)
class _Following:
    """One running child, and who sees and steers it."""

    child: "subprocess.Popen[bytes]"
    ndjson: Path
    watcher: SecondWatcher
    pilot: Steersman | None

    def take(self, line: dict[str, Any]) -> Order | None:
        """Show a line, and pass on the order that it leads to; why the load is stopped is on record before it is."""
        self.watcher.second(line)
        order = None if self.pilot is None else self.pilot.line(line)
        if isinstance(order, Stop):
            note_abort(self.ndjson, order.abort)
        if order is not None:
            tell(self.child, order)
        return order


class _Deadline:
    """By when what must have happened, on the monotonic clock."""

    def __init__(self, scenario: ScenarioPlan, timing: Timing) -> None:
        self._scenario = scenario
        self._timing = timing
        joining = scenario.workers.deadline if scenario.workers.distributed else 0.0
        limit = joining + timing.startup + timing.allowance
        self._at = time.monotonic() + limit
        self.words = f"The load did not begin within {limit:g} s."
        self.done = False

    def learn(self, line: dict[str, Any]) -> None:
        """Set the next deadline where that line ends a part."""
        kind = line.get("kind")
        if kind == "start":
            limit = self._scenario.warmup + self._scenario.duration + self._timing.drain + self._timing.allowance
            self._at = time.monotonic() + limit
            self.words = f"The load was not done {limit:g} s after its warm-up had begun."
        elif kind == "end":
            self.done = True
            self._at = time.monotonic() + self._timing.leaving

    def allow(self, order: Order | None) -> None:
        """Give the time that an order takes; what the load says of itself gives none."""
        match order:
            case Extend(seconds):
                self._at += seconds
                self.words = f"The load was not done, though it had {seconds:g} s more than planned."
            case Stop() if not self.done:
                limit = self._timing.stopping + self._timing.allowance
                self._at = min(self._at, time.monotonic() + limit)
                self.words = f"The load did not stop within {limit:g} s of being told to."

    def passed(self) -> bool:
        """Whether time is up."""
        return time.monotonic() > self._at
