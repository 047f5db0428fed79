"""Adding up what several workers counted, exactly, and noticing whatever is not as it should be.

Pure: no clock, no socket. Quantiles come from the sums of counts, never from other quantiles.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from itertools import zip_longest
from typing import Final

import numpy as np

from loadtests.histograms import quantiles_of
from loadtests.interval import Counts, Interval, IntervalReport, Phase, Series, Tallies
from loadtests.recorder import SHARES

# No worker of a run that goes on is further ahead than this: one that is silent for a few seconds is lost.
_MOST_AHEAD: Final = 3600
_ORDER: Final = (Phase.WARMUP, Phase.MEASURED, Phase.DRAIN)


class Event(StrEnum):
    """What may become of a worker; all but the first and the last make the run invalid."""

    JOINED = "joined"
    LOST = "lost"
    SKEW = "skew"
    GAP = "gap"
    DUPLICATE = "duplicate"
    RESTART = "restart"
    LATE = "late"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something that went wrong with one worker."""

    worker: str
    event: Event
    detail: str


@dataclass(slots=True)
class _Sender:
    """What came from one worker so far; `closed` is how many intervals it says it sent, `missing` are its gaps."""

    incarnation: str
    expected: int = 0
    received: int = 0
    closed: int | None = None
    missing: list[range] = field(default_factory=list)

    def lacks(self, number: int) -> bool:
        """Whether that interval has not come, but a later one has."""
        return any(number in each for each in self.missing)

    def take(self, number: int) -> None:
        """Interval `number` has come."""
        if self.missing:
            self.missing = [part for each in self.missing for part in _without(each, number)]
        if number > self.expected:
            self.missing.append(range(self.expected, number))
        self.expected = max(self.expected, number + 1)
        self.received += 1


class Merger:
    """Takes the intervals of all workers in any order, and hands out their sums in order.

    Interval number k of one worker covers the same second as number k of every other one. An interval is counted
    once, whatever happens: a duplicate is left out, and so is one that comes after its second was handed out.
    """

    def __init__(self) -> None:
        self._senders: dict[str, _Sender] = {}
        self._pending: dict[int, dict[str, IntervalReport]] = {}
        self._next = 0

    def add_worker(self, worker: str, incarnation: str) -> None:
        """Expect intervals from that worker; `incarnation` tells one life of its process from the next."""
        self._senders[worker] = _Sender(incarnation)

    def accept(self, worker: str, incarnation: str, number: int, report: IntervalReport) -> list[Oddity]:
        """Take interval `number` (from 0) of that worker; what is odd about it, nothing as a rule."""
        sender = self._senders[worker]
        if incarnation != sender.incarnation:
            return [Oddity(worker, Event.RESTART, f"interval {number} came from another process of that name")]
        if number < sender.expected and not sender.lacks(number):
            return [Oddity(worker, Event.DUPLICATE, f"interval {number} came twice")]
        if number < self._next or sender.closed is not None:
            return [Oddity(worker, Event.LATE, f"interval {number} came when nobody waited for it any more")]
        if number - max(sender.expected, self._next) > _MOST_AHEAD:
            return [Oddity(worker, Event.GAP, f"interval {number} came where number {sender.expected} was due")]
        others = self._pending.setdefault(number, {})
        odd = [*_skipped(worker, sender, number), *_misplaced(worker, number, report, others)]
        others[worker] = report
        sender.take(number)
        return odd

    def close(self, worker: str, sent: int) -> list[Oddity]:
        """That worker says that it sent so many intervals and will send no more."""
        sender = self._senders[worker]
        sender.closed = sent
        if sender.received == sent:
            return []
        return [Oddity(worker, Event.GAP, f"{sender.received} of its {sent} intervals arrived")]

    def give_up(self, worker: str) -> None:
        """Nothing more is expected of that worker."""
        sender = self._senders[worker]
        if sender.closed is None:
            sender.closed = sender.expected

    def ready(self) -> Iterator[IntervalReport]:
        """The sums of all intervals that are complete by now, in order, each once."""
        while self._pending and self._complete():
            reports = self._pending.pop(self._next, {})
            self._next += 1
            if reports:
                yield merged(reports)

    def _complete(self) -> bool:
        there = self._pending.get(self._next, {})
        return all(
            name in there or (sender.closed is not None and sender.closed <= self._next) or sender.expected > self._next
            for name, sender in self._senders.items()
        )

    def received(self, worker: str) -> int:
        """How many intervals of that worker were counted."""
        return self._senders[worker].received

    def expected(self, worker: str) -> int:
        """How many intervals that worker has sent, as far as anybody knows."""
        sender = self._senders[worker]
        return max(sender.expected, sender.closed or 0)


def _without(gap: range, number: int) -> Iterator[range]:
    if number not in gap:
        yield gap
        return
    yield from (part for part in (range(gap.start, number), range(number + 1, gap.stop)) if part)


def _skipped(worker: str, sender: _Sender, number: int) -> Iterator[Oddity]:
    if number > sender.expected:
        yield Oddity(worker, Event.GAP, f"interval {sender.expected} did not come, number {number} did")


def _misplaced(
    worker: str, number: int, report: IntervalReport, others: Mapping[str, IntervalReport]
) -> Iterator[Oddity]:
    warm = report.interval.phase is Phase.WARMUP
    for name, other in others.items():
        if warm is not (other.interval.phase is Phase.WARMUP):
            yield Oddity(worker, Event.GAP, f"interval {number} is not of the same second as that of {name}")


def merged(reports: Mapping[str, IntervalReport]) -> IntervalReport:
    """The sum of the reports of several workers (by name) on the same second."""
    every = tuple(reports.values())
    seen = _sum(each.seen for each in every)
    return IntervalReport(
        interval=_span([each.interval for each in every]),
        tallies=Tallies(
            **{each.name: sum(getattr(report.tallies, each.name) for report in every) for each in fields(Tallies)}
        ),
        seen=seen,
        quantiles=quantiles_of(seen, SHARES),
        histograms=_histograms(every),
        over=_columns(each.over for each in every),
        over_service=_columns(each.over_service for each in every),
        watched=_pairs(each.watched for each in every),
        failures=_nested(each.failures for each in every),
        user_errors=add_up(each.user_errors for each in every),
        refused=add_up(each.refused for each in every),
        health={
            name if process == "main" else f"{name}/{process}": facts
            for name, report in reports.items()
            for process, facts in report.health.items()
        },
    )


def _span(intervals: Sequence[Interval]) -> Interval:
    """From the first beginning to the last end; the measured window counts wherever one of them was in it."""
    phases = {each.phase for each in intervals}
    phase = Phase.MEASURED if Phase.MEASURED in phases else min(phases, key=_ORDER.index)
    ends = [each.end for each in intervals]
    return Interval(phase, min(each.start for each in intervals), max(ends), max(each.epoch for each in intervals))


def _histograms(reports: Iterable[IntervalReport]) -> tuple[Series, ...]:
    series: dict[str, list[Series]] = {}
    for report in reports:
        for each in report.histograms:
            series.setdefault(each.tag, []).append(each)
    return tuple(
        Series(tag, _sum(each.counts for each in found), max(each.greatest for each in found))
        for tag, found in series.items()
    )


def _sum(counts: Iterable[Counts]) -> Counts:
    every = list(counts)
    total = np.zeros(max((each.size for each in every), default=0), dtype=np.int64)
    for each in every:
        total[: each.size] += each
    return total


def _columns(every: Iterable[Sequence[int]]) -> tuple[int, ...]:
    return tuple(sum(counts) for counts in zip_longest(*every, fillvalue=0))


def add_up(every: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The sums of counts by name."""
    total: Counter[str] = Counter()
    for each in every:
        total.update(each)
    return dict(total)


def _pairs(every: Iterable[Mapping[str, tuple[int, int]]]) -> dict[str, tuple[int, int]]:
    total: dict[str, tuple[int, int]] = {}
    for each in every:
        for name, (ok, failed) in each.items():
            known = total.get(name, (0, 0))
            total[name] = known[0] + ok, known[1] + failed
    return total


def _nested(every: Iterable[Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, int]]:
    total: dict[str, Counter[str]] = {}
    for each in every:
        for name, kinds in each.items():
            total.setdefault(name, Counter()).update(kinds)
    return {name: dict(kinds) for name, kinds in total.items()}
