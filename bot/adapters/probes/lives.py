"""Telling one life of a process from the next by what a page says of it."""

from typing import Final

# Some exporters derive the start time from the machine's clock anew each time, so it moves by about a second.
_START_JITTER: Final = 1.5


class Lives:
    """Names the lives of one process by its start time, and by a CPU counter that goes down.

    A source with neither cannot tell them apart: its life has no name.
    """

    def __init__(self, word: str) -> None:
        self._word = word
        self._start: float | None = None
        self._cpu: float | None = None
        self._generation = 0

    def instance(self, start: float | None, cpu: float | None) -> str:
        """The name of the life that these two belong to; readings come in order of time."""
        if start is None and cpu is None:
            return ""
        if not self._same_start(start):
            self._start, self._cpu, self._generation = start, None, 0
        elif self._cpu is not None and cpu is not None and cpu < self._cpu:
            self._generation += 1
        self._cpu = cpu if cpu is not None else self._cpu
        base = self._word if self._start is None else f"{self._word}@{self._start:.2f}"
        return f"{base}#{self._generation}" if self._generation else base

    def _same_start(self, start: float | None) -> bool:
        if start is None or self._start is None:
            return start is self._start
        return abs(start - self._start) <= _START_JITTER
