"""What looking costs: the time, bytes and CPU that a probe takes while a scenario runs."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.adapters.probes import Probe


@dataclass(slots=True)
class Told:
    """Whether a reading failed; set by whoever made it."""

    failed: bool = False


class Cost:
    """Adds up the readings of one probe from now on; read by one thread at a time."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._began = time.monotonic()
        self._bytes_before = probe.spent.bytes
        self._cpu_before = probe.spent.cpu
        self._readings = self._failures = 0
        self._seconds = self._longest = self._cpu = 0.0

    @contextmanager
    def of_one_reading(self) -> Iterator[Told]:
        """Count what happens in the block as one reading."""
        told = Told()
        began, cpu = time.monotonic(), time.thread_time()
        try:
            yield told
        finally:
            took = time.monotonic() - began
            self._readings += 1
            self._failures += told.failed
            self._seconds += took
            self._longest = max(self._longest, took)
            self._cpu += time.thread_time() - cpu

    def so_far(self) -> dict[str, object]:
        """The keys of a `probe-cost` line; `skipped` are beats of the pace that a slow reading covered."""
        observed = time.monotonic() - self._began
        beats = math.floor(observed / self._probe.pace) + 1
        return {
            "readings": self._readings,
            "failures": self._failures,
            "skipped": max(0, beats - self._readings),
            "seconds": round(self._seconds, 6),
            "longest": round(self._longest, 6),
            "bytes": self._probe.spent.bytes - self._bytes_before,
            "cpu": round(self._cpu + self._probe.spent.cpu - self._cpu_before, 6),
            "observed": round(observed, 3),
        }
