"""Telling one life of a process from the next by what a page says of it."""

from dataclasses import dataclass
from typing import Final

# Some exporters derive the start time from the machine's clock anew each time: it moves by about a second from one
# reading to the next, follows a clock that is being corrected, and jumps where that clock is set.
_START_JITTER: Final = 1.5
_DRIFT: Final = 0.1
_CLOCK_STEP: Final = 10.0
_MOST_STEPS: Final = 2
# A sum over workers dips when one of them ends; of a new process there is next to nothing yet.
_COLLAPSED: Final = 0.1
_PATIENCE: Final = 3


@dataclass(slots=True)
class _Life:
    """What was told of one life: its name, its start as told last and at first, its CPU seconds, and how often."""

    name: str
    start: float | None
    first: float | None
    cpu: float | None
    readings: int = 0
    steps: int = 0


class Lives:
    """Names the lives of one process by its start time, and by a CPU counter that goes down.

    A source with neither cannot tell them apart: its life has no name. Where both are told, the start decides: only a
    counter that falls to next to nothing says more. `interval` is the planned seconds between two readings.
    """

    def __init__(self, word: str, interval: float) -> None:
        self._word = word
        self._interval = interval
        self._lives: list[_Life] = []
        self._now: _Life | None = None
        self._untold = 0

    def instance(self, start: float | None, cpu: float | None) -> str:
        """The name of the life that these two belong to; readings come in order of time."""
        if start is None and cpu is None:
            self._untold += 1
            return self._now.name if self._now is not None and self._untold <= _PATIENCE else ""
        self._untold = 0
        if self._now is None or not self._goes_on(self._now, start, cpu):
            self._now = self._earlier(start, cpu) or self._begin(start, cpu)
        _remember(self._now, start, cpu)
        return self._now.name

    def _goes_on(self, life: _Life, start: float | None, cpu: float | None) -> bool:
        before, now = life.cpu or 0.0, _now_or(cpu, life.cpu)
        if life.start is None:
            return now >= before
        if now < _COLLAPSED * before:
            return False
        if start is None or self._drifted(life, start):
            return True
        return now >= before and self._clock_was_set(life, start)

    def _drifted(self, life: _Life, start: float) -> bool:
        """Whether it moved by no more than such start times do, since the last reading and altogether."""
        last, first = life.start or 0.0, life.first or 0.0
        allowed = _START_JITTER + _DRIFT * self._interval * life.readings
        return abs(start - last) <= _START_JITTER and abs(start - first) <= allowed

    def _clock_was_set(self, life: _Life, start: float) -> bool:
        """Whether it moved by less than this life was seen for: another one would have begun after that."""
        jump = start - (life.start or 0.0)
        seen = self._interval * (life.readings - 1)
        if life.steps >= _MOST_STEPS or abs(jump) > _CLOCK_STEP or abs(jump) > seen - _START_JITTER:
            return False
        life.steps += 1
        life.first = (life.first or 0.0) + jump
        return True

    def _earlier(self, start: float | None, cpu: float | None) -> _Life | None:
        """The life that this one returns to: several processes that answer in turn."""
        if start is None:
            return None
        for life in (each for each in self._lives if each is not self._now):
            near = life.start is not None and abs(start - life.start) <= _START_JITTER
            if near and _now_or(cpu, life.cpu) >= (life.cpu or 0.0):
                return life
        return None

    def _begin(self, start: float | None, cpu: float | None) -> _Life:
        base = self._word if start is None else f"{self._word}@{start:.2f}"
        alike = sum(life.name.partition("#")[0] == base for life in self._lives)
        life = _Life(f"{base}#{alike}" if alike else base, start, start, cpu)
        self._lives.append(life)
        return life


def _now_or(cpu: float | None, before: float | None) -> float:
    """The CPU seconds now; where they are not told, nothing says that they fell."""
    return cpu if cpu is not None else before or 0.0


def _remember(life: _Life, start: float | None, cpu: float | None) -> None:
    life.readings += 1
    if start is not None:
        life.first = start if life.first is None else life.first
        life.start = start
    life.cpu = cpu if cpu is not None else life.cpu
