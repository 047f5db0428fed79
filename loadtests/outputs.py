"""Where a run goes: the sink that its intervals flow into, and the one that writes the files of a scenario."""

from collections.abc import Callable
from time import time
from typing import Any, Final, Protocol

import numpy as np

from bot.core.text import plain
from loadtests.files import HistogramLog, Lines
from loadtests.histograms import encode, quantiles_of
from loadtests.interval import IntervalReport
from loadtests.plan import Plan
from loadtests.report import Closing

_LONGEST_DETAIL: Final = 500
_QUANTILES: Final = ("p50", "p95", "p99")


class Sink(Protocol):
    """Takes a run from its opening to its closing line; one after the closing changes nothing."""

    @property
    def ended(self) -> bool:
        """Whether the closing line was given."""
        ...

    def start(self, epoch: float) -> None:
        """The measured window begins at `epoch` (seconds since the epoch), after the warm-up."""
        ...

    def interval(self, report: IntervalReport, pause: Callable[[], None]) -> None:
        """One interval; `pause` may be called between dear steps."""
        ...

    def extended(self, seconds: float, duration: float) -> None:
        """The run was told to measure `seconds` more; `duration` is the new whole."""
        ...

    def end(self, closing: Closing) -> None:
        """The run is over."""
        ...


class FileSink:
    """Writes `<scenario>.hlog` and `<scenario>.ndjson`."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._lines = Lines(plan.file(".ndjson"))
        self._log = HistogramLog(plan.file(".hlog"))
        self.ended = False

    def start(self, epoch: float) -> None:
        """Write the headings of both files."""
        plan = self._plan
        self._log.begin(epoch)
        self._lines.write("start", epoch, warmup=plan.warmup, duration=plan.duration, model=plan.pacing)

    def interval(self, report: IntervalReport, pause: Callable[[], None]) -> None:
        """Append the histograms, the line of the second, and a line for everything odd."""
        self._write_histograms(report, pause)
        at = report.interval.epoch
        # First, so that whoever follows the lines knows how the generator fared when the second is told.
        for process, facts in report.health.items():
            self._lines.write("health", at, process=process, **facts)
        self._lines.write("second", at, **second(report))
        for text, count in report.user_errors.items():
            self._lines.write("user-error", at, phase=report.interval.phase, text=text, count=count)
        for address, count in report.refused.items():
            self._lines.write("refused", at, address=address, count=count)

    def _write_histograms(self, report: IntervalReport, pause: Callable[[], None]) -> None:
        written: list[tuple[str, int, str]] = []
        for each in report.histograms:
            written.append((each.tag, each.greatest, encode(each.counts)))
            pause()
        interval = report.interval
        self._log.interval(max(0.0, interval.start), interval.end - interval.start, written)

    def extended(self, seconds: float, duration: float) -> None:
        """Say so."""
        self._lines.write("extended", time(), seconds=seconds, duration=duration)

    def worker(self, name: str, event: str, detail: str) -> None:
        """Say what has become of a worker."""
        self._lines.write("worker", time(), worker=name, event=event, detail=plain(detail, _LONGEST_DETAIL))

    def end(self, closing: Closing) -> None:
        """Close the run and have the disk keep it; later calls change nothing."""
        if self.ended:
            return
        self.ended = True
        self._log.sync()
        workers = {} if closing.workers is None else {"workers": list(closing.workers)}
        self._lines.write(
            "end",
            time(),
            ending=closing.ending,
            detail=plain(closing.detail, _LONGEST_DETAIL),
            measured=round(closing.measured, 3),
            arrivals=closing.arrivals,
            users_lowest=closing.users_lowest,
            users_missing=closing.users_missing,
            endpoints=list(closing.endpoints),
            flights=closing.flights,
            **workers,
        )
        self._lines.sync()


def second(report: IntervalReport) -> dict[str, Any]:
    """What the line of one second says; times in seconds."""
    tallies = report.tallies
    found = report.quantiles or (None,) * len(_QUANTILES)
    return {
        "phase": report.interval.phase,
        "due": tallies.due,
        "sent": tallies.sent,
        "ok": tallies.ok,
        "failed": tallies.failed,
        "late": tallies.late,
        "queued": tallies.queued,
        "busy": tallies.busy,
        "pool": tallies.pool,
        **{name: None if us is None else us / 1e6 for name, us in zip(_QUANTILES, found, strict=True)},
        "service_p99": _p99(report, "service"),
        "lateness_p99": _p99(report, "lateness"),
        "over": list(report.over),
        "over_service": list(report.over_service),
        **_some("failures", {name: dict(kinds) for name, kinds in report.failures.items()}),
        **_some("endpoints", {name: {"ok": ok, "failed": bad} for name, (ok, bad) in report.watched.items()}),
    }


def _p99(report: IntervalReport, series: str) -> float | None:
    """The p99 of all histograms of that series in seconds; None where there are none."""
    found = [each.counts for each in report.histograms if each.tag.partition(":")[0] == series]
    whole = np.zeros(max((counts.size for counts in found), default=0), dtype=np.int64)
    for counts in found:
        whole[: counts.size] += counts
    quantiles = quantiles_of(whole, (0.99,))
    return None if quantiles is None else quantiles[0] / 1e6


def _some(key: str, facts: dict[str, Any]) -> dict[str, Any]:
    return {key: facts} if facts else {}
