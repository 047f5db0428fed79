"""How the embedded service behaves: one value, changed only as a whole and only to something valid."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from statistics import NormalDist
from typing import Any, Final

_SHA: Final = re.compile(r"[0-9a-f]{40}")
_GOLDEN: Final = (math.sqrt(5) - 1) / 2
_NORMAL: Final = NormalDist()
_SMALLEST_SHARE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a "build" of the service does.

    `sha` is the commit that `/version` names; with `other_sha` every second answer names that one instead, as two
    replicas would. `/echo` waits `delay_ms` and up to `jitter_ms` more; a share `tail_rate` of its requests waits
    `tail_ms` on top, which makes two peaks; `lognormal_ms` adds a wait with that median, whose logarithm has the
    standard deviation `lognormal_sigma`. A share `error_rate` is answered 500; each request retains `leak_bytes` for
    good; `redirect_to` answers 307 to there. `freeze_s` makes everything but `/control` and `/truth` stand still that
    long, once, from the next request on. `version_status` is the status of `/version`. All of it is deterministic:
    shares fall on every nth request, and random waits on evenly spread quantiles.
    """

    sha: str = "0" * 40
    other_sha: str = ""
    version_status: int = 200
    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    tail_rate: float = 0.0
    tail_ms: float = 0.0
    lognormal_ms: float = 0.0
    lognormal_sigma: float = 0.5
    error_rate: float = 0.0
    leak_bytes: int = 0
    freeze_s: float = 0.0
    redirect_to: str = ""

    def changed(self, changes: Mapping[str, Any]) -> "Behaviour":
        """This behaviour with some fields changed; ValueError names everything that is wrong with them."""
        wrong = [problem for name, value in changes.items() if (problem := _problem(name, value))]
        if wrong:
            raise ValueError("; ".join(wrong))
        return replace(self, **changes)

    def pause(self, number: int) -> float:
        """Seconds that the request of that number (from 1) waits."""
        jitter = self.jitter_ms * (number * _GOLDEN % 1.0)
        tail = self.tail_ms if falls_on(self.tail_rate, number) else 0.0
        return (self.delay_ms + jitter + tail + self._lognormal(number)) / 1000

    def _lognormal(self, number: int) -> float:
        """Milliseconds: the quantile that this number falls on, by the inverse of the distribution."""
        if not self.lognormal_ms:
            return 0.0
        score = _NORMAL.inv_cdf(max(number * _GOLDEN % 1.0, _SMALLEST_SHARE))
        return self.lognormal_ms * math.exp(self.lognormal_sigma * score)


def falls_on(share: float, number: int) -> bool:
    """Whether a share of all requests, evenly spread, includes the request of that number (from 1)."""
    return math.floor(number * share) > math.floor((number - 1) * share)


_RANGES: Final[dict[str, tuple[float, float]]] = {
    "version_status": (200, 599),
    "delay_ms": (0, 600_000),
    "jitter_ms": (0, 600_000),
    "tail_rate": (0, 1),
    "tail_ms": (0, 600_000),
    "lognormal_ms": (0, 600_000),
    "lognormal_sigma": (0, 5),
    "error_rate": (0, 1),
    "leak_bytes": (0, 64 * 1024 * 1024),
    "freeze_s": (0, 600),
}
_WHOLE: Final = ("version_status", "leak_bytes")
_NAMES: Final = frozenset(field.name for field in fields(Behaviour))


def _problem(name: str, value: Any) -> str:
    if name not in _NAMES:
        return f"{name}: unknown"
    if name in _RANGES:
        return _number_problem(name, value)
    if not isinstance(value, str):
        return f"{name}: must be text"
    if name in ("sha", "other_sha") and value and not _SHA.fullmatch(value):
        return f"{name}: must be 40 hexadecimal digits"
    if name == "redirect_to" and not (value.isascii() and value.isprintable()):
        return f"{name}: must be a plain address"
    return ""


def _number_problem(name: str, value: Any) -> str:
    low, high = _RANGES[name]
    kinds = int if name in _WHOLE else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
        return f"{name}: must be a number from {low} to {high}"
    return ""
