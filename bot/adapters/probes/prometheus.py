"""A probe that asks a Prometheus server what it has scraped from the service.

Range queries, each about the stretch since the last call, because what was scraped may be told late. A range query
answers what the last sample was at each step, for up to five minutes after it: a server that was down would look as if
the service had stood still. So the time of each sample is asked for as well (`timestamp(…)`), and each counts once.
Only of a plain selector is that time known; of sums and functions no reading is taken.
The server's own documentation: https://prometheus.io/docs/prometheus/latest/querying/basics/#staleness.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from bot.adapters.http import Answer, Failure, get
from bot.adapters.probes import Outcome, ProbeFailure, Spent
from bot.adapters.probes.bearer import Bearer
from bot.adapters.probes.scrapes import Scrapes, Step
from bot.core.promrange import Range, read_matrix, replica_of

_LARGEST_ANSWER: Final = 8 * 1024 * 1024
_READABLE: Final = frozenset({200, 400, 422, 503})
# Prometheus itself refuses a range of more than 11,000 points.
_MOST_STEPS: Final = 5_000
_PIECE_S: Final = 60.0
_BUDGET_S: Final = 12.0
_NOBODY: Final = Bearer()
_FEWEST_STEPS: Final = 2
_SAME_S: Final = 0.001
_SELECTOR: Final = 'use a plain selector such as name{label="value"}'


@dataclass(frozen=True, slots=True)
class Queries:
    """PromQL for bytes, cumulative CPU seconds and start time; None means that it is not asked for.

    `instance` is the label that tells one process of the service from the next.
    """

    memory: str | None = None
    cpu: str | None = None
    start: str | None = None
    instance: str = "instance"


class PrometheusProbe:
    """Asks for everything since the last call; `interval` is how often the server scrapes the service."""

    def __init__(
        self,
        name: str,
        url: str,
        queries: Queries,
        *,
        bearer: Bearer = _NOBODY,
        interval: float = 15.0,
        cores: float = 1.0,
        timeout: float = 5.0,
        piece: float = _PIECE_S,
    ) -> None:
        self.name = name
        self.interval = interval
        self.pace = max(piece, 4 * interval)
        self.cores = cores
        self.spent = Spent()
        self._url = f"{url.rstrip('/')}/api/v1/query_range"
        self._queries = queries
        self._bearer = bearer
        self._timeout = timeout
        self._told_until: float | None = None
        self._scrapes = Scrapes(interval, told_by_start=queries.start is not None, told_by_cpu=queries.cpu is not None)

    def sample(self) -> tuple[Outcome, ...]:
        """Ask for the stretch since the last call; what cannot be had now is asked for again by the next one."""
        until = time.monotonic() + _BUDGET_S
        outcomes: list[Outcome] = []
        try:
            for start, end in self._stretches(time.time()):
                steps = _Question(self, start, end, until).steps()
                outcomes += self._scrapes.take(steps)
                # What was scraped just before the end may be told late.
                self._told_until = end - 2 * self.interval
        except (LookupError, ValueError) as error:
            outcomes.append(ProbeFailure(str(error.args[0])))
        return tuple(outcomes)

    def _stretches(self, now: float) -> Iterator[tuple[float, float]]:
        """What is to be asked for, in pieces that the server allows; steps lie on one grid for ever."""
        step = self.interval / 2
        last = now // step * step
        start = self._told_until if self._told_until is not None else last - 4 * self.interval
        # Between two scenarios nobody asked, and nobody wants to know.
        start = max(start, last - 20 * self.pace) // step * step
        while start < last:
            end = min(start + _MOST_STEPS * step, last)
            yield start, end
            start = end

    def ask(self, query: str, window: dict[str, float], until: float) -> tuple[Range, ...]:
        """One range query; ValueError or LookupError say why there is no answer to go by."""
        remaining = min(self._timeout, until - time.monotonic())
        if remaining <= 0:
            raise LookupError(f"Prometheus did not answer everything within {_BUDGET_S:g} s")
        url = f"{self._url}?{urlencode({'query': query, **window, 'timeout': f'{self._timeout:g}s'})}"
        answer = get(url, deadline=remaining, max_bytes=_LARGEST_ANSWER, bearer=self._bearer.read())
        self.spent.cpu += answer.cpu
        match answer:
            case Failure(text):
                raise LookupError(text)
            case Answer(status) if status not in _READABLE:
                raise LookupError(f"Prometheus answers with status {status}")
            case Answer(_, _, body):
                self.spent.bytes += len(body)
                return read_matrix(body)

    @property
    def queries(self) -> Queries:
        """What is asked for."""
        return self._queries


def _evaluated(times: dict[tuple[str, float], float | None]) -> bool:
    """Whether these are the times of the steps themselves, and not those of samples.

    Of anything but a selector, such as a sum, Prometheus tells when it was worked out: what is minutes old looks new.
    A sample may well fall on a step, but not on the next one as well: steps lie half an interval apart.
    """
    taken = [(at, time) for (_, at), time in times.items() if time is not None]
    return len({at for at, _ in taken}) >= _FEWEST_STEPS and all(abs(at - time) <= _SAME_S for at, time in taken)


class _Question:
    """All queries about one stretch, put together by replica and step."""

    def __init__(self, probe: PrometheusProbe, start: float, end: float, until: float) -> None:
        self._probe = probe
        self._window = {"start": start, "end": end, "step": probe.interval / 2}
        self._until = until

    def steps(self) -> dict[str, list[Step]]:
        queries = self._probe.queries
        memory, memory_at = self._values("memory", queries.memory), self._times("memory", queries.memory)
        cpu, cpu_at = self._values("cpu", queries.cpu), self._times("cpu", queries.cpu)
        begun = self._values("start", queries.start)
        keys = sorted({*memory, *cpu})
        found: dict[str, list[Step]] = {}
        for key in keys:
            step = Step(memory_at.get(key), memory.get(key), cpu_at.get(key), cpu.get(key), begun.get(key))
            found.setdefault(key[0], []).append(step)
        return found

    def _values(self, what: str, query: str | None) -> dict[tuple[str, float], float | None]:
        if query is None:
            return {}
        found = self._told(query)
        if not found:
            raise LookupError(f"the query for {what} finds nothing")
        return found

    def _times(self, what: str, query: str | None) -> dict[tuple[str, float], float | None]:
        if query is None:
            return {}
        found = self._told(f"timestamp({query})")
        if _evaluated(found):
            raise ValueError(f"nobody knows when what the query for {what} finds was scraped; {_SELECTOR}")
        return found

    def _told(self, query: str) -> dict[tuple[str, float], float | None]:
        told: dict[tuple[str, float], float | None] = {}
        seen: set[str] = set()
        for series in self._probe.ask(query, self._window, self._until):
            replica = replica_of(series.labels, self._probe.queries.instance)
            if replica in seen:
                raise ValueError("several series of one query have the same `instance`; select one by its labels")
            seen.add(replica)
            told.update({(replica, at): value for at, value in series.points})
        return told
