"""The closing line of a run of several workers: the sum of theirs, or of what arrived where they could not close."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from loadtests.interval import IntervalReport, Phase
from loadtests.merging import add_up
from loadtests.report import Closing, Ending


def total(ending: Ending, detail: str, closings: Sequence[Closing], workers: Sequence[dict[str, Any]]) -> Closing:
    """One closing line for the run of all workers: sums, and the time that all of them measured."""
    return Closing(
        ending,
        detail,
        measured=min((each.measured for each in closings), default=0.0),
        arrivals=_sums([each.arrivals for each in closings if each.arrivals is not None]),
        users_lowest=_whole([each.users_lowest for each in closings]),
        users_missing=_whole([each.users_missing for each in closings]),
        endpoints=_endpoints(each.endpoints for each in closings),
        workers=workers,
        flights=_sums([each.flights for each in closings if each.flights is not None]),
    )


def _sums(every: Sequence[Mapping[str, int]]) -> dict[str, int] | None:
    # The peaks of the workers may have been at different moments: their sum is the most it can have been.
    return {name: sum(each.get(name, 0) for each in every) for name in every[0]} if every else None


def _whole(every: Sequence[int | None]) -> int | None:
    known = [each for each in every if each is not None]
    return sum(known) if known and len(known) == len(every) else None


def _endpoints(every: Iterable[Sequence[dict[str, Any]]]) -> list[dict[str, Any]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for endpoints in every:
        for each in endpoints:
            found.setdefault(each["endpoint"], []).append(each)
    names = ("ok", "failed", "response_total", "service_total")
    return [
        {
            "endpoint": endpoint,
            **{name: sum(each[name] for each in told) for name in names},
            "failures": dict(Counter(add_up(each["failures"] for each in told)).most_common()),
        }
        for endpoint, told in found.items()
    ]


class Sums:
    """What the merged intervals of a run add up to, for a run that no closing of its workers adds up."""

    def __init__(self) -> None:
        self._totals: dict[str, Counter[str]] = {}
        self._failures: dict[str, Counter[str]] = {}
        self._measured = 0.0

    def add(self, report: IntervalReport) -> None:
        """Another interval was written."""
        if report.interval.phase is Phase.MEASURED:
            self._measured = max(self._measured, report.interval.end)
        for each in report.histograms:
            series, colon, endpoint = each.tag.partition(":")
            if colon:
                self._totals.setdefault(unquote(endpoint), Counter())[series] += int(each.counts.sum())
        for endpoint, kinds in report.failures.items():
            self._failures.setdefault(endpoint, Counter()).update(kinds)

    def closing(self, ending: Ending, detail: str, workers: Sequence[dict[str, Any]]) -> Closing:
        """The closing line of a run that ended before its time."""
        endpoints = [self._endpoint(name, totals) for name, totals in self._totals.items()]
        return Closing(ending, detail, measured=self._measured, endpoints=endpoints, workers=workers)

    def _endpoint(self, name: str, totals: Mapping[str, int]) -> dict[str, Any]:
        failures = self._failures.get(name, Counter())
        answered = totals.get("response", 0)
        return {
            "endpoint": name,
            "ok": answered - failures.total(),
            "failed": failures.total(),
            "failures": dict(failures.most_common()),
            "response_total": answered,
            "service_total": totals.get("service", 0),
        }
