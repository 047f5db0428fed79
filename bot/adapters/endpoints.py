"""Endpoints and arrivals of one scenario: histograms from the log, counts from the closing line; do they agree?"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote

from bot.adapters.hdrlog import Series
from bot.adapters.observations import Line, Observations, whole
from bot.core.evidence import ArrivalEvidence, EndpointEvidence, Histogram
from bot.core.loadplan import ClosedModel, OpenModel
from bot.core.text import plain

_LONGEST: Final = 200
_EMPTY: Final = Histogram()
ARRIVALS: Final = ("due", "started", "late", "unsent", "pool_size", "pool_peak", "empty")

Failures = tuple[tuple[str, int], ...]


def read_endpoints(seen: Observations, log: Series, end: Line | None) -> tuple[EndpointEvidence, ...]:
    """Every endpoint that the log or the closing line knows, in the order of their names.

    Without a closing line the failures are those of the seconds that were written.
    """
    histograms = _by_endpoint(log)
    counts = _counts_of_end(end) if end is not None else _counts_of_seconds(seen, histograms)
    nothing: dict[str, Histogram] = {}
    return tuple(
        EndpointEvidence(
            endpoint=plain(name, _LONGEST),
            ok=counts.get(name, (0, ()))[0],
            failed=sum(number for _, number in counts.get(name, (0, ()))[1]),
            failures=counts.get(name, (0, ()))[1],
            response=histograms.get(name, nothing).get("response", _EMPTY),
            service=histograms.get(name, nothing).get("service", _EMPTY),
        )
        for name in sorted(histograms.keys() | counts.keys())
    )


def _by_endpoint(log: Series) -> dict[str, dict[str, Histogram]]:
    found: dict[str, dict[str, Histogram]] = {}
    for tag, histogram in log.histograms.items():
        series, colon, name = tag.partition(":")
        if colon and series in ("response", "service"):
            found.setdefault(unquote(name), {})[series] = histogram
    return found


def _counts_of_end(end: Line) -> dict[str, tuple[int, Failures]]:
    return {line["endpoint"]: (whole(line.get("ok")) or 0, _kinds(line.get("failures"))) for line in _told(end)}


def _told(end: Line) -> Iterator[Line]:
    lines = end.get("endpoints")
    for line in lines if isinstance(lines, list) else ():
        if isinstance(line, dict) and isinstance(line.get("endpoint"), str):
            yield line


def _kinds(given: Any) -> Failures:
    counts: Counter[str] = Counter()
    for kind, number in given.items() if isinstance(given, dict) else ():
        counts[plain(kind)] += whole(number) or 0
    return tuple(counts.most_common())


def _counts_of_seconds(
    seen: Observations, histograms: dict[str, dict[str, Histogram]]
) -> dict[str, tuple[int, Failures]]:
    failed: dict[str, Counter[str]] = {name: Counter() for name in histograms}
    for line in seen.lines["second"]:
        given = line.get("failures")
        for name, kinds in given.items() if isinstance(given, dict) else ():
            failed.setdefault(name, Counter()).update(dict(_kinds(kinds)))
    totals = {name: each.get("response", _EMPTY).total for name, each in histograms.items()}
    return {
        name: (max(0, totals.get(name, 0) - kinds.total()), tuple(kinds.most_common()))
        for name, kinds in failed.items()
    }


def read_arrivals(
    seen: Observations, log: Series, end: Line | None, model: OpenModel | ClosedModel
) -> ArrivalEvidence | None:
    """The arrivals of the open model; without a closing line, those of the measured seconds that were written."""
    if isinstance(model, ClosedModel):
        return None
    lateness = log.histograms.get("lateness", _EMPTY)
    told = end.get("arrivals") if end is not None else None
    if not isinstance(told, dict):
        told = _arrivals_of_seconds(seen, model)
    return ArrivalEvidence(lateness=lateness, **{name: whole(told.get(name)) or 0 for name in ARRIVALS})


def _arrivals_of_seconds(seen: Observations, model: OpenModel) -> dict[str, int]:
    seconds = [line for line in seen.lines["second"] if line.get("phase") == "measured"]
    due, sent, late = (sum(whole(line.get(name)) or 0 for line in seconds) for name in ("due", "sent", "late"))
    started = min(due, sent)
    return {"due": due, "started": started, "late": late, "unsent": due - started, "pool_size": model.pool}


def reconcile(endpoints: tuple[EndpointEvidence, ...], arrivals: ArrivalEvidence | None, end: Line) -> Iterator[str]:
    """Every contradiction between the log and the closing line."""
    told = {plain(line["endpoint"], _LONGEST): line for line in _told(end)}
    for each in endpoints:
        line = told.get(each.endpoint, {})
        if each.endpoint not in told:
            yield f"{each.endpoint} is in the histograms and not in the closing line"
        for series, found in (("response", each.response.total), ("service", each.service.total)):
            expected = whole(line.get(f"{series}_total"))
            if line and found != expected:
                yield f"{each.endpoint} has {found} {series} times, the closing line says {expected}"
        if line and (each.ok + each.failed != each.response.total or each.failed != line.get("failed")):
            yield f"{each.endpoint} has {each.response.total} answers, but {each.ok} ok and {each.failed} failed"
    if arrivals is not None and end.get("arrivals") is not None:
        yield from _reconcile_arrivals(arrivals)


def _reconcile_arrivals(arrivals: ArrivalEvidence) -> Iterator[str]:
    if arrivals.due != arrivals.started + arrivals.unsent:
        yield f"{arrivals.due} arrivals were due, but {arrivals.started} started and {arrivals.unsent} did not"
    if arrivals.lateness.total != arrivals.started:
        yield f"{arrivals.started} arrivals started, but the lateness of {arrivals.lateness.total} was recorded"
