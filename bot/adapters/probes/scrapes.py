"""From what Prometheus said at each step to readings: every sample once, with the server's own time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.adapters.probes import Outcome, ProbeFailure, ProbeReading
from bot.adapters.probes.lives import Lives

# Two scrapes of one target lie an interval apart, give or take; two steps of one query half of one.
_APART = 0.6
_SAME_SCRAPE_S = 0.001


@dataclass(frozen=True, slots=True)
class Step:
    """What was known of one replica at one step: the last samples and when they were taken; None where unknown."""

    memory_at: float | None
    memory: float | None
    cpu_at: float | None
    cpu: float | None
    start: float | None


@dataclass(slots=True)
class _Replica:
    lives: Lives
    memory_at: float = 0.0
    cpu_at: float = 0.0
    cpu: float | None = None
    start: float | None = None


class Scrapes:
    """Remembers of each replica what was told already; steps come in order of time."""

    def __init__(self, interval: float, *, told_by_start: bool, told_by_cpu: bool) -> None:
        self._interval = interval
        self._apart = _APART * interval
        self._told_by_start = told_by_start
        self._told_by_cpu = told_by_cpu
        self._replicas: dict[str, _Replica] = {}

    def take(self, steps: Mapping[str, Sequence[Step]]) -> Iterator[Outcome]:
        """The readings that these steps add; one failure for each replica with values that are no numbers."""
        for name, course in steps.items():
            replica = self._replicas.setdefault(name, _Replica(Lives("prometheus", self._interval)))
            unknown = 0
            for step in course:
                readings, useless = self._readings(name, replica, step)
                yield from readings
                unknown += useless
            if unknown:
                yield ProbeFailure(f"{unknown} samples are not usable numbers", name)

    def _readings(self, name: str, replica: _Replica, step: Step) -> tuple[list[Outcome], int]:
        memory_new = step.memory_at is not None and step.memory_at >= replica.memory_at + self._apart
        cpu_new = step.cpu_at is not None and step.cpu_at >= replica.cpu_at + self._apart
        memory = step.memory if memory_new else None
        cpu = step.cpu if cpu_new else None
        replica.memory_at = step.memory_at or 0.0 if memory_new else replica.memory_at
        replica.cpu_at = step.cpu_at or 0.0 if cpu_new else replica.cpu_at
        replica.start = step.start if step.start is not None else replica.start
        replica.cpu = cpu if cpu is not None else replica.cpu
        useless = (memory_new and memory is None) + (cpu_new and cpu is None)
        if (memory is None and cpu is None) or not self._tells_life(replica):
            return [], useless
        life = replica.lives.instance(replica.start, replica.cpu)
        return list(_apart(name, life, (memory, step.memory_at), (cpu, step.cpu_at))), useless

    def _tells_life(self, replica: _Replica) -> bool:
        """Without its start, where that is asked for, nobody knows whose reading it is."""
        if self._told_by_start:
            return replica.start is not None
        return replica.cpu is not None or not self._told_by_cpu


def _apart(
    name: str, life: str, memory: tuple[float | None, float | None], cpu: tuple[float | None, float | None]
) -> Iterator[Outcome]:
    """One reading where both come from one scrape, else one each."""
    (size, size_at), (used, used_at) = memory, cpu
    if size is not None and used is not None and abs((size_at or 0.0) - (used_at or 0.0)) <= _SAME_SCRAPE_S:
        yield ProbeReading(life, size, used, name, size_at)
        return
    if size is not None:
        yield ProbeReading(life, size, None, name, size_at)
    if used is not None:
        yield ProbeReading(life, None, used, name, used_at)
