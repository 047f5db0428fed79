"""What master and workers say to each other, through Locust's own messages; whatever arrives is checked.

Locust packs messages with msgpack: plain values only, never code.
"""

from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from typing import Any, Final

import msgpack
import numpy as np

from loadtests.histograms import HIGHEST, indices
from loadtests.interval import Counts, Interval, IntervalReport, Phase, Series, Tallies
from loadtests.report import Closing, Ending

BUCKETS: Final = int(indices([HIGHEST])[0]) + 1
MOST_INTERVALS: Final = 10_000_000
_MOST: Final = 2**53


class Kind(StrEnum):
    """The kinds of messages beyond Locust's own."""

    HELLO = "promote-hello"
    WELCOME = "promote-welcome"
    REFUSED = "promote-refused"
    JOINED = "promote-joined"
    PING = "promote-ping"
    PONG = "promote-pong"
    READY = "promote-ready"
    BEGIN = "promote-begin"
    INTERVAL = "promote-interval"
    ORDER = "promote-order"
    END = "promote-end"
    BYE = "promote-bye"


class BrokenMessageError(ValueError):
    """A message that does not hold what its kind promises."""


def packed(kind: Kind, data: Mapping[str, Any] | None, sender: str) -> bytes:
    """A message as Locust's own RPC writes it."""
    found: bytes = msgpack.dumps((str(kind), data, sender))
    return found


def unpacked(raw: bytes) -> tuple[str, Any]:
    """Kind and data of a message; BrokenMessageError when it is none."""
    try:
        kind, data, _ = msgpack.loads(raw, raw=False, strict_map_key=False)
    except Exception as error:
        raise BrokenMessageError("not a message of Locust") from error
    return str(kind), data


def interval_data(report: IntervalReport) -> dict[str, Any]:
    """A report as plain values: histograms as pairs of (bucket, count)."""
    return {
        "interval": asdict(report.interval) | {"phase": str(report.interval.phase)},
        "tallies": asdict(report.tallies),
        "seen": _sparse(report.seen),
        "histograms": [[each.tag, each.greatest, _sparse(each.counts)] for each in report.histograms],
        "over": list(report.over),
        "over_service": list(report.over_service),
        "watched": {name: list(pair) for name, pair in report.watched.items()},
        "failures": {name: dict(kinds) for name, kinds in report.failures.items()},
        "user_errors": dict(report.user_errors),
        "refused": dict(report.refused),
        "health": {name: dict(facts) for name, facts in report.health.items()},
    }


def interval_of(data: Any) -> IntervalReport:
    """The report that such values hold, without its quantiles; BrokenMessageError when they hold none."""
    try:
        return _interval(data)
    except (ArithmeticError, AttributeError, KeyError, LookupError, TypeError, ValueError) as error:
        raise BrokenMessageError(f"an interval that cannot be read ({type(error).__name__})") from error


def _interval(data: dict[str, Any]) -> IntervalReport:
    told = data["interval"]
    return IntervalReport(
        interval=Interval(Phase(told["phase"]), *(finite(told[name]) for name in ("start", "end", "epoch"))),
        tallies=Tallies(**counts(data["tallies"])),
        seen=_dense(data["seen"]),
        histograms=tuple(
            Series(_text(tag), _dense(sparse), count(greatest)) for tag, greatest, sparse in data["histograms"]
        ),
        over=tuple(count(each) for each in data["over"]),
        over_service=tuple(count(each) for each in data["over_service"]),
        watched={_text(name): (count(ok), count(failed)) for name, (ok, failed) in data["watched"].items()},
        failures={_text(name): counts(kinds) for name, kinds in data["failures"].items()},
        user_errors=counts(data["user_errors"]),
        refused=counts(data["refused"]),
        health={_text(name): _numbers(facts) for name, facts in data["health"].items()},
    )


def closing_data(closing: Closing) -> dict[str, Any]:
    """A closing as plain values."""
    return {
        "ending": str(closing.ending),
        "detail": closing.detail,
        "measured": closing.measured,
        "arrivals": closing.arrivals,
        "users_lowest": closing.users_lowest,
        "users_missing": closing.users_missing,
        "endpoints": list(closing.endpoints),
        "flights": closing.flights,
    }


def closing_of(data: Any) -> Closing:
    """The closing that such values hold; BrokenMessageError when they hold none."""
    try:
        return Closing(
            ending=Ending(data["ending"]),
            detail=_text(data["detail"]),
            measured=finite(data["measured"]),
            arrivals=None if data["arrivals"] is None else counts(data["arrivals"]),
            users_lowest=None if data["users_lowest"] is None else count(data["users_lowest"]),
            users_missing=None if data["users_missing"] is None else count(data["users_missing"]),
            endpoints=[_endpoint(each) for each in data["endpoints"]],
            flights=None if data["flights"] is None else counts(data["flights"]),
        )
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise BrokenMessageError(f"a closing that cannot be read ({type(error).__name__})") from error


def _endpoint(data: dict[str, Any]) -> dict[str, Any]:
    totals = {name: count(data[name]) for name in ("ok", "failed", "response_total", "service_total")}
    return {"endpoint": _text(data["endpoint"]), **totals, "failures": counts(data["failures"])}


def count(value: Any) -> int:
    """That value as a count; ValueError when it is none."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _MOST:
        raise ValueError("what is no count")
    return value


def interval_number(value: Any) -> int:
    """That value as a number of intervals, or of one of them; ValueError when no run could have so many."""
    found = count(value)
    if found >= MOST_INTERVALS:
        raise ValueError("a number of intervals that cannot be")
    return found


def finite(value: Any) -> float:
    """That value as a number; ValueError when it is none, or NaN or infinite: no line of the record could hold it."""
    if isinstance(value, bool) or not isinstance(value, float | int) or not abs(value) <= _MOST:
        raise ValueError("what is no finite number")
    return float(value)


def counts(values: Mapping[Any, Any]) -> dict[str, int]:
    """Counts by name; ValueError when they are none."""
    return {_text(name): count(value) for name, value in values.items()}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")  # noqa: TRY004 - every flaw of a message is one error
    return value


def _numbers(facts: Mapping[Any, Any]) -> dict[str, float | int | None]:
    for value in facts.values():
        if value is not None:
            finite(value)
    return {_text(name): value for name, value in facts.items()}


def _sparse(dense: Counts) -> list[bytes]:
    places = np.flatnonzero(dense)
    return [places.astype("<u4").tobytes(), dense[places].astype("<u8").tobytes()]


def _dense(sparse: Any) -> Counts:
    places, found = np.frombuffer(sparse[0], dtype="<u4"), np.frombuffer(sparse[1], dtype="<u8")
    if places.size != found.size:
        raise ValueError("as many counts as buckets")
    if not places.size:
        return np.zeros(0, dtype=np.int64)
    if places.max() >= BUCKETS or found.max() >= _MOST or np.any(np.diff(places.astype(np.int64)) <= 0):
        raise ValueError("buckets in order, counts that can be")
    dense = np.zeros(int(places[-1]) + 1, dtype=np.int64)
    dense[places] = found
    return dense
