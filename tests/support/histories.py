"""Simulated histories: nights that differ by 4 %, one in twenty 15 % higher, and what is said of the next one."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from bot.core.baseline import absolute, baseline
from bot.core.bounds import exactly, settle
from bot.core.evidence import Past, PastNight
from bot.core.finding import Finding, objective_check
from bot.core.limits import Comparison, Unit
from bot.core.loadplan import BaselineRule, RelativeObjective
from bot.core.remarks import CHANGE_POINT, remarks
from bot.core.verdict import Check, Notice, Result

P95 = RelativeObjective("p95", Comparison.BELOW, 1.2, 0.0, Unit.SECONDS, "< 1.2x baseline")
USUAL = 0.141
HISTORY = 30
RULE = BaselineRule()
QUIET = [0.141, 0.139, 0.143, 0.140, 0.142] * 6
BLOCKING = BaselineRule(block=True)


@dataclass(frozen=True)
class Told:
    """What the limit of 1.2x came to, and what is remarkable."""

    result: Result
    notices: tuple[Notice, ...]
    blocking: tuple[Check, ...]

    @property
    def failed(self) -> bool:
        return self.result is Result.FAIL

    @property
    def changed(self) -> bool:
        return any(notice.code == CHANGE_POINT for notice in self.notices)


def healthy(chance: Random, level: float = 1.0) -> float:
    """The p95 of one night, in seconds."""
    odd = 1.15 if chance.random() < 0.05 else 1.0
    return USUAL * level * odd * (1 + chance.gauss(0, 0.04))


def past_of(values, *, released=True, endpoint=None, objective="p95"):
    """A past of these numbers, a night each."""
    nights = tuple(
        PastNight(f"2026{1 + day // 28:02}{1 + day % 28:02}-020000-0001", _at(day), f"{day:040x}", value, released)
        for day, value in enumerate(values)
    )
    return Past("load-1k", endpoint, objective, nights)


def _at(day):
    return f"2026-{1 + day // 28:02}-{1 + day % 28:02}T02:00:00Z"


def told(values, tonight, rule=RULE):
    """What is said of a night that showed `tonight` after nights that showed `values`."""
    past = past_of(values)
    found = baseline(past, rule)
    limited = absolute(P95, found.reference)
    bounds = exactly(tonight, 120_000)
    check = objective_check("load-1k", limited, Finding(settle(limited.limit, bounds), bounds, "p95"), found.reference)
    return Told(check.result, *remarks((check,), (past,), rule))


def false_alarms(runs: int, seed: int = 1):
    """Of healthy nights after 30 healthy ones: the shares that the limit fails, and that anything would block."""
    failed = blocked = 0
    for number in range(runs):
        chance = Random(f"{seed} {number}")
        found = told([healthy(chance) for _ in range(HISTORY)], healthy(chance), BLOCKING)
        failed += found.failed
        blocked += found.failed or bool(found.blocking)
    return failed / runs, blocked / runs


def chain_of_nights(nights: int, seed: int = 3):
    """The longest row of healthy nights that were all blocked, and the share of them; a blocked one is no history."""
    chance = Random(seed)
    history = [healthy(chance) for _ in range(HISTORY)]
    row = longest = blocked = 0
    for _ in range(nights):
        tonight = healthy(chance)
        found = told(history[-60:], tonight, BLOCKING)
        if found.failed or found.blocking:
            row, blocked = row + 1, blocked + 1
            longest = max(row, longest)
        else:
            row = 0
            history.append(tonight)
    return longest, blocked / nights


def found_by(runs: int, level: Callable[[int], float], finds: Callable[[Told], bool], most: int, *, seed=2, rule=RULE):
    """For each history the first of the nights 1 to `most` at that level that is found, None where none is.

    A night that the limit blocks is found, and never enters the history.
    """
    return [_first(Random(f"{seed} {number}"), level, finds, most, rule) for number in range(runs)]


def _first(chance, level, finds, most, rule):
    nights = [healthy(chance) for _ in range(HISTORY)]
    for night in range(1, most + 1):
        tonight = healthy(chance, level(night))
        if finds(told(nights, tonight, rule)):
            return night
        nights.append(tonight)
    return None


def within(nights, most):
    """The share that was found in the first `most` nights."""
    return sum(night is not None and night <= most for night in nights) / len(nights)
