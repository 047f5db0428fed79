"""1000 requests a second by every peer, in one run and to one service, held against the service's own clock.

The service waits by a known distribution and logs each request; the error of a peer is what it reported less what the
service logged in the same seconds. Lateness, what our own generator added, is shown apart.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from support.service import running_service

from benchmarks.peers.common import Load, NotInstalledError, Outcome, Peer
from benchmarks.peers.hey import Hey
from benchmarks.peers.ours import Ours
from benchmarks.peers.stock import Stock
from benchmarks.peers.taurus import Taurus
from benchmarks.peers.wrk import Wrk
from benchmarks.table import Row
from bot.demo.launch import RunningService

_RATE: Final = 1000
_SECONDS: Final = 8
_ROUNDS: Final = 2
_SIZES: Final = {"1 KiB": 1024, "64 KiB": 65536}
_LOGNORMAL: Final = {"lognormal_ms": 5.0, "lognormal_sigma": 0.5}
_OTHERS: Final[dict[str, dict[str, Any]]] = {
    "constant": {"delay_ms": 5.0},
    "two peaks": {"delay_ms": 5.0, "tail_rate": 0.03, "tail_ms": 60.0},
}
_PEERS: Final[tuple[Peer, ...]] = (Stock(200), Stock(20), Taurus(), Wrk(6))
_ON_TIME: Final = 0.995
# It prints four decimals of a second.
_HEYS_STEP: Final = 0.0001


@dataclass(frozen=True, slots=True)
class Measured:
    """What a peer told, and what was true; errors in seconds."""

    outcome: Outcome
    truth: dict[str, float]

    def error(self, quantile: str) -> float:
        """Reported less true."""
        return float(getattr(self.outcome, quantile)) - self.truth[quantile]

    @property
    def worst(self) -> float:
        """The largest error, for picking the quietest round."""
        return max(abs(self.error(each)) for each in ("p50", "p95", "p99"))

    @property
    def true(self) -> bool:
        """Whether it is within what is promised of our own numbers."""
        allowed = {"p50": 0.0005, "p95": max(0.001, 0.01 * self.truth["p95"])}
        allowed["p99"] = max(0.003, 0.02 * self.truth["p99"])
        return all(abs(self.error(each)) <= most for each, most in allowed.items())


def rows() -> Iterator[Row]:
    """Both payloads by all peers, the quietest of some rounds for ours and hey; then ours on other distributions."""
    for name, size in _SIZES.items():
        yield from _side_by_side(name, Load(_RATE, _SECONDS, size))
    for name, behaviour in _OTHERS.items():
        yield _of_ours(f"1 KiB, {name}: ours", measure(Ours(), Load(_RATE, _SECONDS, 1024), **behaviour))


def _side_by_side(name: str, load: Load) -> Iterator[Row]:
    ours, hey = _quietest(load)
    yield _of_ours(f"{name}: ours", ours)
    yield Row(
        f"{name}: ours, on time",
        f"{ours.outcome.on_time:.2%}",
        f"p99 of lateness {_ms(ours.outcome.late or 0.0)}",
        f">= {_ON_TIME:.1%}",
        (ours.outcome.on_time or 0.0) >= _ON_TIME,
    )
    if hey is None:
        yield Row(f"{name}: hey", "not measured", "hey is not installed (Debian package hey)")
    else:
        no_worse = abs(ours.error("p99")) <= abs(hey.error("p99")) + _HEYS_STEP
        yield Row(f"{name}: hey", _errors(hey), _beside(hey), "ours no worse at p99", no_worse)
    for peer in _PEERS:
        try:
            told = measure(peer, load, **_LOGNORMAL)
        except NotInstalledError as missing:
            yield Row(f"{name}: {peer.name}", "not measured", str(missing))
        else:
            yield Row(f"{name}: {peer.name}", _errors(told), _beside(told))


def _quietest(load: Load) -> tuple[Measured, Measured | None]:
    """Ours and hey in turns, so that a noisy neighbour meets both."""
    ours, hey = [], []
    for _ in range(_ROUNDS):
        ours.append(measure(Ours(), load, **_LOGNORMAL))
        try:
            hey.append(measure(Hey(), load, **_LOGNORMAL))
        except NotInstalledError:
            continue
    return min(ours, key=lambda each: each.worst), min(hey, key=lambda each: each.worst, default=None)


def _of_ours(what: str, told: Measured) -> Row:
    return Row(what, _errors(told), _beside(told), "0.5 ms / 1 ms or 1 % / 3 ms or 2 %", told.true)


def _errors(told: Measured) -> str:
    return " / ".join(f"{told.error(each) * 1000:+.2f}" for each in ("p50", "p95", "p99")) + " ms"


def _beside(told: Measured) -> str:
    outcome = told.outcome
    sent = "no rate" if outcome.on_time is None else f"{outcome.on_time:.2%} sent"
    truth = " / ".join(f"{told.truth[each] * 1000:.2f}" for each in ("p50", "p95", "p99"))
    cpu = outcome.cost.cpu / max(1, outcome.answered) * 1000
    return f"{sent}; CPU {cpu:.2f} s per 1000; {outcome.cost.memory / 2**20:.0f} MiB; truth {truth} ms"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def measure(peer: Peer, load: Load, **behaviour: Any) -> Measured:
    """Have a peer send that load to a fresh service that behaves so. Raises NotInstalledError."""
    with prepared(**behaviour) as (service, folder):
        outcome = peer.run(load, service, folder)
        return Measured(outcome, service.truth())


@contextmanager
def prepared(**behaviour: Any) -> Iterator[tuple[RunningService, Path]]:
    """A fresh service that behaves so, and an empty folder."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, running_service(**behaviour) as service:
        yield service, Path(folder)
