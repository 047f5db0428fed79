"""Records every request and arrival, and writes one interval after the other; time itself is handed in.

The calls made per request only append; everything dear happens once per interval, in small steps.
"""

from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.core.text import plain
from loadtests.cells import MOST_ENDPOINTS, OTHER, Cell, bounded
from loadtests.files import HistogramLog, Lines, tag
from loadtests.histograms import count, encode, quantiles

LATE_US: Final = 10_000
_LONGEST_NAME: Final = 200
_MOST_TEXTS: Final = 100
_MOST_CACHED: Final = 2 * MOST_ENDPOINTS
_SHARES: Final = (0.5, 0.95, 0.99)


class Phase(StrEnum):
    """The part of the run that an interval belongs to."""

    WARMUP = "warmup"
    MEASURED = "measured"
    DRAIN = "drain"


@dataclass(frozen=True, slots=True)
class Interval:
    """One interval: seconds from the start of the measured window, and its wall-clock end since the epoch."""

    phase: Phase
    start: float
    end: float
    epoch: float


class Pacing(StrEnum):
    """Who decides when a request is sent: a schedule of arrivals, or the users, whose requests are due when sent."""

    OPEN = "open"
    CLOSED = "closed"


class Tallies:
    """Counts of the running interval."""

    __slots__ = ("due", "failed", "late", "ok", "sent")

    def __init__(self) -> None:
        self.due = self.sent = self.ok = self.failed = self.late = 0


class Recorder:
    """Takes what happens, and appends intervals to `<scenario>.hlog` and `<scenario>.ndjson`."""

    def __init__(self, log: HistogramLog, lines: Lines, pacing: Pacing) -> None:
        self._pacing = pacing
        self._log = log
        self._lines = lines
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

    def close_interval(self, interval: Interval, queued: int, pause: Callable[[], None]) -> None:
        """Append what happened since the last call; `pause` is called between the dear steps.

        The histograms of the measured window are written from its first whole interval on, never with the warm-up.
        """
        tallies, self._now = self._now, Tallies()
        if self._pacing is Pacing.CLOSED:
            tallies.due = tallies.sent = tallies.ok + tallies.failed
        seen, self._warm = self._warm, array("Q")
        if interval.phase is not Phase.WARMUP:
            seen = self._close_histograms(interval, seen, pause)
        self._lines.write(
            "second",
            interval.epoch,
            phase=interval.phase,
            due=tallies.due,
            sent=tallies.sent,
            ok=tallies.ok,
            failed=tallies.failed,
            late=tallies.late,
            queued=queued,
            **_seconds(seen),
            **self._fresh_failures(),
        )
        self._write_oddities(interval.epoch)

    def _close_histograms(self, interval: Interval, seen: "array[int]", pause: Callable[[], None]) -> "array[int]":
        """Write the interval's histograms and return all response times that were seen in it."""
        taken = [(cell, *cell.take()) for cell in self._named.values() if cell.response]
        lateness, self._lateness = self._lateness, array("Q")
        written: list[tuple[str, int, str]] = []
        for cell, response, service in taken:
            cell.recorded += len(response)
            seen.extend(response)
            for series, values in (("response", response), ("service", service)):
                written.append((tag(series, cell.endpoint), max(values), encode(count(values))))
                pause()
        if lateness:
            written.append(("lateness", max(lateness), encode(count(lateness))))
            pause()
        self._log.interval(max(0.0, interval.start), interval.end - interval.start, written)
        return seen

    def _fresh_failures(self) -> dict[str, object]:
        fresh = {cell.endpoint: cell.take_failures() for cell in self._named.values() if cell.fresh}
        return {"failures": fresh} if fresh else {}

    def _write_oddities(self, epoch: float) -> None:
        errors, self._user_errors = self._user_errors, Counter()
        refused, self._refused = self._refused, Counter()
        for text, number in errors.items():
            self._lines.write("user-error", epoch, text=text, count=number)
        for address, number in refused.items():
            self._lines.write("refused", epoch, address=address, count=number)

    def endpoints(self) -> list[dict[str, object]]:
        """The totals of every endpoint, for the closing line."""
        return [cell.totals() for cell in self._named.values()]

    def sync(self) -> None:
        """Have the disk keep both files."""
        self._log.sync()
        self._lines.sync()


def _seconds(values: "array[int]") -> dict[str, float | None]:
    found = quantiles(values, _SHARES)
    names = ("p50", "p95", "p99")
    return dict.fromkeys(names) if found is None else {n: v / 1e6 for n, v in zip(names, found, strict=True)}
