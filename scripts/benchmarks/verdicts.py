"""How often the verdict is right: simulated nights whose truth is known, judged as real ones are.

Latencies are lognormal, with a level that wanders from second to second or jumps in bursts; memory is that of services
as `support.traces` has them. Every simulation has its seed, so the numbers are the same in every run.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from statistics import NormalDist
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from support import traces

from benchmarks.table import Row
from bot.adapters.hdrlog import COARSE_BITS
from bot.core.blocks import widened_quantile, widened_share
from bot.core.bounds import Bounds, settle
from bot.core.evidence import Block, Blocks, Histogram, ResourceSample, ResourceSeries
from bot.core.limits import Comparison, Limit, Unit
from bot.core.loadplan import Objective
from bot.core.proportions import bounds as share_bounds
from bot.core.quantiles import Distribution, distribution
from bot.core.quantiles import bounds as quantile_bounds
from bot.core.resources import judge_memory
from bot.core.verdict import Result

_TRIALS: Final = 200
_SOAKS: Final = 500
_FINE_BITS: Final = 11
_MEDIAN: Final = 0.020
_SIGMA: Final = 0.6
_NORMAL: Final = NormalDist()
_ERRORS: Final = 0.02

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Service:
    """A level by which latency is multiplied each second, and the share of time at each (log level, sd, weight)."""

    name: str
    levels: Callable[[np.random.Generator, int], Floats]
    parts: tuple[tuple[float, float, float], ...]

    def quantile(self, share: float) -> float:
        """The true quantile in seconds, by bisection of the mixture of lognormals."""
        low, high = -5.0, 5.0
        for _ in range(60):
            middle = (low + high) / 2
            below = sum(
                weight * _NORMAL.cdf((middle - level) / math.hypot(spread, _SIGMA))
                for level, spread, weight in self.parts
            )
            low, high = (middle, high) if below < share else (low, middle)
        return _MEDIAN * math.exp(high)


def _wandering(memory: float, swing: float) -> Service:
    def levels(chance: np.random.Generator, seconds: int) -> Floats:
        noise = chance.normal(0, swing, seconds)
        found = np.empty(seconds)
        found[0] = noise[0]
        for second in range(1, seconds):
            found[second] = memory * found[second - 1] + noise[second] * math.sqrt(1 - memory**2)
        return found

    return Service(f"wandering by {swing:.0%}, memory {memory:g} a second", levels, ((0.0, swing, 1.0),))


def _bursting(every: float, length: float, factor: float) -> Service:
    busy = length / (length + every)

    def levels(chance: np.random.Generator, seconds: int) -> Floats:
        state, found = chance.random() < busy, np.zeros(seconds)
        for second, luck in enumerate(chance.random(seconds)):
            state = luck > 1 / length if state else luck < 1 / every
            found[second] = state * math.log(factor)
        return found

    name = f"{factor:g}x slower for about {length:g} s every {every:g} s"
    return Service(name, levels, ((0.0, 0.0, 1 - busy), (math.log(factor), 0.0, busy)))


STEADY: Final = Service("steady", lambda _, seconds: np.zeros(seconds), ((0.0, 0.0, 1.0),))
_SERVICES: Final = (STEADY, _wandering(0.5, 0.2), _wandering(0.8, 0.2), _bursting(10, 1, 4), _bursting(20, 2, 3))
_USUAL: Final = (STEADY, _wandering(0.8, 0.1), _bursting(10, 1, 2))


def rows() -> Iterator[Row]:
    """Coverage of the bounds; how often good passes and bad does not; memory growth."""
    yield from _coverage()
    yield from _latency_verdicts()
    yield from _error_verdicts()
    yield from _memory()


# --- latency


def _run(service: Service, seconds: int, seed: int, rate: int) -> tuple[Distribution, Blocks]:
    """All requests of a run, and its blocks of ten seconds in coarser buckets."""
    chance = np.random.default_rng(seed)
    level = np.repeat(service.levels(chance, seconds), rate)
    latency = np.round(_MEDIAN * 1e6 * np.exp(level + _SIGMA * chance.normal(size=level.size))).astype(np.int64)
    parts = [_histogram(each, COARSE_BITS) for each in np.split(latency, seconds // 10)]
    blocks = tuple(Block(10.0 * number, each.total, 0, each) for number, each in enumerate(parts))
    return distribution(_histogram(latency, _FINE_BITS)), Blocks(None, 10.0, blocks)


def _histogram(latency: npt.NDArray[np.int64], bits: int) -> Histogram:
    lost = np.maximum(np.frexp(latency.astype(np.float64))[1] - bits, 0)
    values, counts = np.unique(latency | ((1 << lost) - 1), return_counts=True)
    return Histogram(tuple(values.tolist()), tuple(counts.tolist()))


def _bounds(run: tuple[Distribution, Blocks], permille: int) -> tuple[Bounds, Bounds]:
    """By order statistics alone, and as judged."""
    sample, blocks = run
    narrow = quantile_bounds(sample, permille)
    return narrow, widened_quantile(narrow, sample, permille, blocks) or narrow


def _coverage() -> Iterator[Row]:
    for service, (seconds, trials) in product(_SERVICES, ((120, _TRIALS), (900, _TRIALS // 5))):
        runs = [_run(service, seconds, seed, 100) for seed in range(trials)]
        for permille in (950, 990):
            true = service.quantile(permille / 1000)
            found = zip(*(_bounds(run, permille) for run in runs), strict=True)
            alone, judged = (sum(each.low <= true <= each.high for each in side) / trials for side in found)
            least = 0.93 - 3 * math.sqrt(0.93 * 0.07 / trials)
            yield Row(
                f"bounds of p{permille // 10} hold the truth, {seconds} s, {service.name}",
                f"{judged:.1%}",
                f"order statistics alone {alone:.1%}",
                f">= {least:.0%} (93 % of {trials} runs)",
                judged >= least,
            )


def _latency_verdicts() -> Iterator[Row]:
    for service in _USUAL:
        runs = [_run(service, 120, seed, 1000) for seed in range(_TRIALS // 2)]
        for permille in (950, 990):
            true = service.quantile(permille / 1000)
            found = [_bounds(run, permille) for run in runs]
            what = f"p{permille // 10}, 120 s at 1000/s, {service.name}"
            yield from _verdicts(what, true, found, Unit.SECONDS, promised=True)


def _verdicts(
    what: str, true: float, found: list[tuple[Bounds, Bounds]], unit: Unit, *, promised: bool
) -> Iterator[Row]:
    """The same runs against limits that they keep, and that they break."""
    for share in (0.8, 1.1, 1.2):
        limit = Limit(Comparison.BELOW, true / share, unit, "")
        alone, judged = (Counter(settle(limit, each) for each in side) for side in zip(*found, strict=True))
        row = _blocked if share < 1 else _passed
        yield row(f"{what}, at {share:.0%} of its limit", judged, alone, promised=promised)


# --- errors


def _error_verdicts() -> Iterator[Row]:
    for name, bursts in (("errors on their own", False), ("errors within 2 s every 20 s", True)):
        found = [_error_bounds(_failures(seed, bursts=bursts)) for seed in range(_TRIALS)]
        # Six bursts in two minutes settle nothing, so nothing is promised of them.
        yield from _verdicts(f"error rate, 120 s at 1000/s, {name}", _ERRORS, found, Unit.SHARE, promised=not bursts)
        alone, judged = (sum(each.low <= _ERRORS <= each.high for each in side) for side in zip(*found, strict=True))
        held = f"bounds of the error rate hold the truth, {name}"
        yield Row(held, f"{judged / _TRIALS:.1%}", f"Clopper-Pearson alone {alone / _TRIALS:.1%}")


def _failures(seed: int, *, bursts: bool) -> list[int]:
    """Failed requests of each ten seconds of 120, 1000 requests a second."""
    chance = np.random.default_rng(seed)
    busy = _bursting(20, 2, math.e).levels(chance, 120) * 11 if bursts else np.ones(120)
    failed = chance.binomial(1000, np.minimum(1.0, _ERRORS * busy))
    return [int(part.sum()) for part in np.split(failed, 12)]


def _error_bounds(failed: list[int]) -> tuple[Bounds, Bounds]:
    """By Clopper and Pearson alone, and as judged."""
    blocks = tuple(Block(10.0 * i, 10_000 - bad, bad, Histogram()) for i, bad in enumerate(failed))
    narrow = share_bounds(sum(failed), 120_000)
    return narrow, widened_share(narrow, sum(failed), Blocks(None, 10.0, blocks)) or narrow


# --- memory


def _memory() -> Iterator[Row]:
    quarter = partial(_soak, traces.QUARTER_HOUR, 900.0, 1.0)
    night = partial(_soak, traces.NIGHT, 28_800.0, 60.0)
    yield _mostly(Result.PASS, "memory, 15 min, healthy", quarter())
    yield _mostly(Result.PASS, "memory, 15 min, healthy, one plateau step", quarter(stepped=1))
    for leak in (0.08, 0.10, 0.12, 0.15):
        yield _shown(f"memory, 15 min, grows by {leak:.0%} (limit 10 %)", quarter(leak=leak))
    for leak in (0.20, 0.30):
        yield _mostly(Result.FAIL, f"memory, 15 min, grows by {leak:.0%} (limit 10 %)", quarter(leak=leak))
    yield _shown("memory, 15 min, a step of 25 % in the last tenth", quarter(late_step=0.25))
    healthy = night(stepped=1)
    share = healthy[Result.FAIL] / healthy.total()
    yield Row(
        "memory, 8 h, healthy, one plateau step: failed", f"{share:.1%}", _shares(healthy), "<= 1 %", share <= 0.01
    )
    yield _mostly(Result.FAIL, "memory, 8 h, grows by 2 % an hour (limit 10 %)", night(leak=0.16))
    yield _shown("memory, 8 h, grows by 1.5 % an hour (limit 10 %)", night(leak=0.12))
    yield _shown("memory, 8 h, a step of 25 % in the last tenth", night(late_step=0.25))


def _soak(habits: traces.Habits, duration: float, interval: float, **shape: Any) -> Counter[Result]:
    goal = Objective("memory_growth", Limit(Comparison.BELOW, 0.10, Unit.SHARE, "< 10%"))
    found: Counter[Result] = Counter()
    for seed in range(_SOAKS):
        readings = traces.trace(habits, duration, interval, seed, **shape)
        samples = tuple(ResourceSample(at, value, None) for at, value in readings)
        series = ResourceSeries("app", "1", interval, 1.0, samples, 0, "")
        found[judge_memory(goal, (series,), ("app",), duration).result] += 1
    return found


# --- rows


def _blocked(what: str, found: Counter[Result], alone: Counter[Result], *, promised: bool) -> Row:
    blocked = 1 - found[Result.PASS] / found.total()
    kept = blocked <= 0.02 if promised else None
    return Row(f"{what}: not passed", f"{blocked:.1%}", _beside(found, alone), "<= 2 %" if promised else "", kept)


def _passed(what: str, found: Counter[Result], alone: Counter[Result], *, promised: bool) -> Row:
    passed = found[Result.PASS] / found.total()
    kept = passed <= 0.025 if promised else None
    return Row(f"{what}: passed", f"{passed:.1%}", _beside(found, alone), "<= 2.5 %" if promised else "", kept)


def _beside(found: Counter[Result], alone: Counter[Result]) -> str:
    return f"{_shares(found)}; without blocks: {_shares(alone)}"


def _mostly(wanted: Result, what: str, found: Counter[Result]) -> Row:
    share = found[wanted] / found.total()
    return Row(f"{what}: {wanted.value}", f"{share:.1%}", _shares(found), ">= 95 %", share >= 0.95)


def _shown(what: str, found: Counter[Result]) -> Row:
    return Row(what, _shares(found), "")


def _shares(found: Counter[Result]) -> str:
    order = (Result.PASS, Result.INCONCLUSIVE, Result.FAIL, Result.INVALID)
    return ", ".join(f"{each.value} {found[each] / found.total():.1%}" for each in order if found[each])
