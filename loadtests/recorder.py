"""Records every request and arrival, and hands out one interval after the other; time itself is handed in.

The calls made per request only append; everything dear happens once per interval, in small steps.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol

import numpy as np

from bot.core.text import plain
from loadtests.cells import MOST_ENDPOINTS, OTHER, Cell, bounded
from loadtests.files import tag
from loadtests.histograms import count, quantiles
from loadtests.interval import Health, Interval, IntervalReport, Occupancy, Pacing, Phase, Series, Tallies

LATE_US: Final = 10_000
SHARES: Final = (0.5, 0.95, 0.99)
PROCESS: Final = "main"
_LONGEST_NAME: Final = 200
_MOST_TEXTS: Final = 100
_MOST_CACHED: Final = 2 * MOST_ENDPOINTS
_NO_POOL: Final = Occupancy()
_RESPONSE: Final = 1
_SERVICE: Final = 2

Taken = tuple[Cell, "array[int]", "array[int]"]
"""A cell with its response and its service times of one interval."""


class Watch(Protocol):
    """A latency limit in `seconds` that the requests of an endpoint (None: of all) are held against."""

    @property
    def endpoint(self) -> str | None:
        """Whose."""
        ...

    @property
    def seconds(self) -> float:
        """How long."""
        ...


class Recorder:
    """Takes what happens, and sums it up as an `IntervalReport` whenever asked.

    `limits` and `watched` (endpoints) are what the plan wants counted apart each second.
    """

    def __init__(self, pacing: Pacing, limits: Sequence[Watch] = (), watched: Sequence[str] = ()) -> None:
        self._pacing = pacing
        self._limits = tuple(limits)
        self._watched = dict.fromkeys(watched, (0, 0))
        self._cells: dict[tuple[str, str], Cell] = {}
        self._named: dict[str, Cell] = {}
        self._now = Tallies()
        self._warm = array("Q")
        self._lateness = array("Q")
        self._user_errors: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._known_texts: Counter[str] = Counter()
        self.due = 0
        self.started = 0
        self.late = 0

    # --- what happens, called for every single one

    def fell_due(self, *, measured: bool) -> None:
        """An arrival is due now."""
        self._now.due += 1
        self.due += measured

    def began(self, lateness: int, *, measured: bool) -> None:
        """An arrival was started, `lateness` microseconds after it was due."""
        now = self._now
        now.sent += 1
        if lateness > LATE_US:
            now.late += 1
            self.late += measured
        if measured:
            self.started += 1
            self._lateness.append(lateness)

    def request(
        self, method: str, name: str, response: int, service: int, failure: str | None, *, measured: bool
    ) -> None:
        """A request ended; both times in microseconds, `failure` its kind or None."""
        if failure is None:
            self._now.ok += 1
        else:
            self._now.failed += 1
        if not measured:
            self._warm.append(response)
            return
        cell = self._cells.get((method, name)) or self._cell(method, name)
        cell.add(response, service, failure)

    def user_error(self, text: str) -> None:
        """An exception left a task, or a user."""
        key = bounded(self._known_texts, text, _MOST_TEXTS)
        self._known_texts[key] += 1
        self._user_errors[key] += 1

    def refused(self, address: str) -> None:
        """The allow-list stopped a connection."""
        self._refused[address] += 1

    def _cell(self, method: str, name: str) -> Cell:
        """The cell of a name seen for the first time; beyond `MOST_ENDPOINTS` names all share one."""
        endpoint = plain(f"{method} {name}", _LONGEST_NAME)
        if endpoint not in self._named and len(self._named) >= MOST_ENDPOINTS:
            endpoint = OTHER
        cell = self._named.setdefault(endpoint, Cell(endpoint))
        if len(self._cells) < _MOST_CACHED:
            self._cells[method, name] = cell
        return cell

    @property
    def known_errors(self) -> dict[str, int]:
        """All exceptions so far, by text."""
        return dict(self._known_texts)

    # --- once per interval

    def take(
        self,
        interval: Interval,
        queued: int,
        pause: Callable[[], None],
        health: Health | None = None,
        occupancy: Occupancy = _NO_POOL,
    ) -> IntervalReport:
        """What happened since the last call; `pause` is called between the dear steps.

        The histograms of the measured window begin with its first whole interval, never within the warm-up.
        """
        tallies, self._now = self._now, Tallies()
        tallies.queued, tallies.busy, tallies.pool = queued, occupancy.busy, occupancy.pool
        if self._pacing is Pacing.CLOSED:
            tallies.due = tallies.sent = tallies.ok + tallies.failed
        seen, self._warm = self._warm, array("Q")
        counted = interval.phase is not Phase.WARMUP
        taken = [(cell, *cell.take()) for cell in self._named.values() if cell.response] if counted else []
        for _, response, _ in taken:
            seen.extend(response)
        histograms = tuple(self._histograms(taken, pause)) if counted else ()
        found = quantiles(seen, SHARES)
        return IntervalReport(
            interval=interval,
            tallies=tallies,
            seen=count(seen),
            quantiles=None if found is None else tuple(found),
            histograms=histograms,
            over=tuple(self._over(taken, _RESPONSE if self._pacing is Pacing.OPEN else _SERVICE)),
            over_service=tuple(self._over(taken, _SERVICE)),
            watched=self._watch() if counted else {},
            failures={cell.endpoint: cell.take_failures() for cell in self._named.values() if cell.fresh},
            user_errors=_drain(self._user_errors),
            refused=_drain(self._refused),
            health={} if health is None else {PROCESS: health},
        )

    def _histograms(self, taken: Sequence[Taken], pause: Callable[[], None]) -> Iterator[Series]:
        """A histogram for each series that has any values."""
        lateness, self._lateness = self._lateness, array("Q")
        for cell, response, service in taken:
            cell.recorded += len(response)
            for series, values in (("response", response), ("service", service)):
                yield Series(tag(series, cell.endpoint), count(values), max(values))
                pause()
        if lateness:
            yield Series("lateness", count(lateness), max(lateness))
            pause()

    def _over(self, taken: Sequence[Taken], times: int) -> Iterator[int]:
        """For each limit, how many of those times (their place in `Taken`) exceed it."""
        for limit in self._limits:
            concerned = (each[times] for each in taken if limit.endpoint in (None, each[0].endpoint))
            yield sum(int(np.count_nonzero(np.asarray(values) > limit.seconds * 1e6)) for values in concerned)

    def _watch(self) -> dict[str, tuple[int, int]]:
        """What each watched endpoint has had since the last call: successes and failures."""
        fresh = {}
        for endpoint, (ok, failed) in self._watched.items():
            cell = self._named.get(endpoint)
            now = (cell.ok, cell.failures.total()) if cell is not None else (0, 0)
            fresh[endpoint] = (now[0] - ok, now[1] - failed)
            self._watched[endpoint] = now
        return fresh

    def endpoints(self) -> list[dict[str, object]]:
        """The totals of every endpoint, for the closing line."""
        return [cell.totals() for cell in self._named.values()]


def _drain(counts: Counter[str]) -> dict[str, int]:
    """Those counts, which begin anew."""
    taken = dict(counts)
    counts.clear()
    return taken
