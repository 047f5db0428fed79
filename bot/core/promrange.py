"""The answers of Prometheus to a range query, read strictly.

Format: https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries. Every function raises ValueError and
nothing else; its words hold nothing of the answer that could do harm.
"""

import math
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from bot.core import jsondoc
from bot.core.prometheus import Labels
from bot.core.quoting import quote

MOST_SERIES: Final = 100
"""More than these are no service of which each process is judged, but a query without a selector."""

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NO_NUMBERS: Final = frozenset({"NaN", "+Inf", "-Inf", "Inf"})
_LATEST: Final = 1e11
_LARGEST: Final = 1e18
_PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class Range:
    """One series: its labels, and (epoch seconds of the evaluation, value) in order; None where it is no number."""

    labels: Labels
    points: tuple[tuple[float, float | None], ...]


def read_matrix(body: bytes) -> tuple[Range, ...]:
    """All series of a complete answer; staleness shows as points that are not there."""
    document = jsondoc.load(body)
    if not isinstance(document, dict) or not isinstance(document.get("status"), str):
        raise ValueError("the answer is not one of Prometheus")  # noqa: TRY004 - one error type, see above
    if document["status"] != "success":
        raise ValueError(f"Prometheus refused the query ({_said(document)})")
    if document.get("warnings"):
        raise ValueError(f"Prometheus warns that its answer may lack something ({_first(document['warnings'])})")
    return _series(document.get("data"))


def _said(document: dict[str, Any]) -> str:
    said = [quote(document[key], 120) for key in ("errorType", "error") if isinstance(document.get(key), str)]
    return ": ".join(said) or "without a reason"


def _first(warnings: Any) -> str:
    first = warnings[0] if isinstance(warnings, list) else None
    return quote(first, 120) if isinstance(first, str) else "without words"


def _series(data: Any) -> tuple[Range, ...]:
    kind = data.get("resultType") if isinstance(data, dict) else None
    if kind != "matrix":
        raise ValueError(
            f"the answer is {'a ' + quote(kind, 20) if isinstance(kind, str) else 'nothing'}, not a matrix"
        )
    result = data.get("result")
    if not isinstance(result, list):
        raise ValueError("the matrix of the answer holds no list of series")  # noqa: TRY004
    if len(result) > MOST_SERIES:
        raise ValueError(f"the query finds {len(result)} series; select the service's own by their labels")
    return tuple(_range(each) for each in result)


def _range(series: Any) -> Range:
    if not isinstance(series, dict) or not isinstance(series.get("values"), list):
        raise ValueError("a series of the answer has no list of values")  # noqa: TRY004
    points = tuple(_point(each) for each in series["values"])
    if any(later <= earlier for (earlier, _), (later, _) in pairwise(points)):
        raise ValueError("the values of a series are not in order of time")
    return Range(_labels(series.get("metric")), points)


def _labels(metric: Any) -> Labels:
    if not isinstance(metric, dict) or not all(isinstance(value, str) for value in metric.values()):
        raise ValueError("a series of the answer has malformed labels")
    return tuple(sorted(metric.items()))


def _point(pair: Any) -> tuple[float, float | None]:
    if not isinstance(pair, list) or len(pair) != _PAIR or not isinstance(pair[1], str):
        raise ValueError("a value of the answer is not a pair of time and text")
    at = pair[0]
    if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at <= _LATEST:
        raise ValueError("a value of the answer has an impossible time")
    return float(at), _value(pair[1])


def _value(text: str) -> float | None:
    if text in _NO_NUMBERS:
        return None
    if _NUMBER.fullmatch(text) is None:
        raise ValueError("a value of the answer is not a number")
    found = float(text)
    # What is negative or absurd is no amount of memory, time or date: unknown, and not nothing.
    return found if math.isfinite(found) and 0 <= found <= _LARGEST else None


def replica_of(labels: Labels, told_apart_by: str) -> str:
    """What names a series among the others: that label, or all of them where it has none."""
    named = dict(labels)
    if told_apart_by in named:
        return named[told_apart_by]
    return ", ".join(f"{label}={value}" for label, value in labels if label != "__name__")
