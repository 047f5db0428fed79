"""What a scenario's lines tell of the load processes, and of what the bot told them while they ran."""

from collections.abc import Iterator
from typing import Any, Final

from bot.adapters.observations import Line, Observations, number, whole, words
from bot.core.evidence import Abort, GeneratorHealth, HealthSample, WorkerEvidence
from bot.core.text import plain

_LONGEST_NAME: Final = 100
_LONGEST: Final = 500
_MOST_TROUBLES: Final = 20
# A sample tells of the second before it, and comes a moment after that second's end.
_SLACK: Final = 0.5


def read_health(seen: Observations, t0: float, measured: float) -> tuple[GeneratorHealth, ...]:
    """The health of every load process in the measured window, in the order in which they first told of it."""
    found: dict[str, list[HealthSample]] = {}
    for line in seen.lines["health"]:
        at = line["t"] - t0
        if min(_SLACK, measured / 2) < at <= measured + _SLACK:
            found.setdefault(plain(words(line.get("process")), _LONGEST_NAME), []).append(_sample(line, at))
    return tuple(GeneratorHealth(name, tuple(samples)) for name, samples in found.items())


def _sample(line: Line, at: float) -> HealthSample:
    return HealthSample(
        at=at,
        **{name: _positive(line.get(name)) for name in ("cpu", "wait", "throttled", "lag", "files")},
        sockets=whole(line.get("sockets")),
    )


def _positive(value: Any) -> float | None:
    found = number(value)
    return found if found is not None and found >= 0 else None


def read_extended(seen: Observations) -> float:
    """By how many seconds the load went on beyond its plan."""
    return sum(_positive(line.get("seconds")) or 0.0 for line in seen.lines["extended"])


def read_abort(seen: Observations) -> Abort | None:
    """Why the bot stopped the load, None where it did not; the first order is the one that was carried out."""
    for line in seen.lines["aborted"]:
        endpoint = line.get("endpoint")
        return Abort(
            at=_positive(line.get("at")) or 0.0,
            objective=plain(words(line.get("objective")), _LONGEST_NAME),
            endpoint=plain(endpoint, _LONGEST) if isinstance(endpoint, str) else None,
            rule=plain(words(line.get("rule")), _LONGEST_NAME),
            words=plain(words(line.get("words")), _LONGEST),
        )
    return None


def read_workers(end: Line | None) -> tuple[WorkerEvidence, ...]:
    """The workers as the closing line tells of them; one without a name or without counts is passed over."""
    given = None if end is None else end.get("workers")
    return tuple(_workers(given if isinstance(given, list) else []))


def _workers(given: list[Any]) -> Iterator[WorkerEvidence]:
    for each in given:
        told: dict[str, Any] = each if isinstance(each, dict) else {}
        intervals, expected, trouble = whole(told.get("intervals")), whole(told.get("expected")), told.get("trouble")
        if not isinstance(told.get("name"), str) or intervals is None or expected is None:
            continue
        yield WorkerEvidence(
            name=plain(told["name"], _LONGEST_NAME),
            intervals=intervals,
            expected=expected,
            skew=number(told.get("skew")),
            rtt=_positive(told.get("rtt")),
            trouble=tuple(
                plain(words(one), _LONGEST) for one in (trouble if isinstance(trouble, list) else [])[:_MOST_TROUBLES]
            ),
        )
