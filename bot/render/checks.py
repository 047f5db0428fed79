"""Checks as rows: the worst first, with the numbers written out and the lengths of a small bar."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

from bot.core.baseline import absolute
from bot.core.limits import Limit
from bot.core.loadplan import ScenarioPlan
from bot.core.record import RunRecord
from bot.core.units import format_value
from bot.core.validity import COMPLETION, DEPLOYMENT
from bot.core.verdict import Check, Result, Verdict
from bot.render.figures import change
from bot.render.text import NAME, line
from bot.render.words import ABSENT, ALL_ENDPOINTS, RESULTS, Word, excess, objective_name

_LIMIT_AT: Final = 0.62

# The checks of the run itself that carry a number: what share it is.
_AS: Final = {"generator": "rate", "tasks": "error_rate"}

Key = tuple[str, str | None, str]
Limited = tuple[str, str | None, str, str]


@dataclass(frozen=True, slots=True)
class Bar:
    """Observed against limit as shares of the bar's width; `low` and `high` are the bounds where there are any."""

    fill: float
    limit: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check, every number as text; `change` compares with the last release, `excess` with the limit.

    `baseline` is what earlier nights usually showed.
    `follows` says that the check is INVALID only because its whole scenario is: it is no news of its own.
    `is_condition` tells what the bot itself demands of a measurement from what the configuration does.
    """

    result: Result
    word: Word
    scenario: str
    endpoint: str
    objective: str
    limit: str
    observed: str
    bounds: str
    samples: str
    excess: str
    baseline: str
    before: str
    change: str
    reason: str
    follows: bool
    is_condition: bool
    bar: Bar | None


def check_rows(record: RunRecord) -> tuple[CheckRow, ...]:
    """All checks of the record: the worst first, then the configured objectives, then the conditions of the run."""
    if record.verdict is None:
        return ()
    limits, before = _limits(record), _observed(record.previous)
    checks = record.verdict.checks
    causes = _causes(checks)
    ordered = sorted(checks, key=lambda check: (-check.result.severity, _rank(check, limits)))
    return tuple(
        _row(check, limits.get(_limited(check)), before.get(_key(check)), causes.get(check.scenario))
        for check in ordered
    )


def limit_of(record: RunRecord, check: Check) -> Limit | None:
    """The configured limit that this check was held against, as it was that night; None for a condition of the run."""
    return _limits(record).get(_limited(check))


def _row(check: Check, limit: Limit | None, before: float | None, cause: str | None) -> CheckRow:
    return CheckRow(
        result=check.result,
        word=RESULTS[check.result],
        scenario=line(check.scenario, NAME),
        endpoint=ALL_ENDPOINTS if check.endpoint is None else line(check.endpoint, NAME),
        objective=line(objective_name(check.objective), NAME),
        limit=line(check.limit, NAME) or ABSENT,
        observed=_number(check.objective, check.observed),
        bounds=_bounds(check),
        samples=f"{check.samples:,}",
        excess=excess(check.objective, limit, _finite(check.observed)),
        baseline=_number(check.objective, check.baseline),
        before=_number(check.objective, before),
        change=change(_finite(check.observed), _finite(before)),
        reason=line(check.reason),
        follows=check.result is Result.INVALID and cause not in (None, check.objective),
        is_condition=limit is None,
        bar=_bar(check, limit),
    )


def _causes(checks: tuple[Check, ...]) -> dict[str, str]:
    """The objective that made all of a scenario INVALID; another commit outweighs an incomplete run."""
    bad = {(check.scenario, check.objective) for check in checks if check.result is Result.INVALID}
    return {scenario: cause for cause in (COMPLETION, DEPLOYMENT) for scenario, name in bad if name == cause}


def _rank(check: Check, limits: dict[Limited, Limit]) -> bool:
    # What failed keeps the judge's order, which puts the cause first.
    return check.result is Result.PASS and _limited(check) not in limits


def _key(check: Check) -> Key:
    return check.scenario, check.endpoint, check.objective


def _limited(check: Check) -> Limited:
    return *_key(check), check.limit


def _limits(record: RunRecord) -> dict[Limited, Limit]:
    """The limit of every check of a configured objective; that of a relative one as it was that night."""
    scenarios = record.plan.scenarios if record.plan else ()
    return {key: limit for plan in scenarios for key, limit in (*_absolute(plan), *_relative(plan, record.verdict))}


def _absolute(plan: ScenarioPlan) -> Iterator[tuple[Limited, Limit]]:
    for goal in plan.objectives:
        yield (plan.name, goal.endpoint, goal.key, goal.limit.text), goal.limit


def _relative(plan: ScenarioPlan, verdict: Verdict | None) -> Iterator[tuple[Limited, Limit]]:
    for goal, check in product(plan.relative, verdict.checks if verdict else ()):
        limit = absolute(goal, math.nan if check.baseline is None else check.baseline).limit
        yield (plan.name, goal.endpoint, goal.key, limit.text), limit


def _observed(verdict: Verdict | None) -> dict[Key, float | None]:
    return {_key(check): check.observed for check in verdict.checks} if verdict else {}


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _number(key: str, value: float | None) -> str:
    if _finite(value) is None or value is None:
        return ABSENT
    return line(format_value(_AS.get(key, key), value), NAME)


def _bounds(check: Check) -> str:
    low, high = (_number(check.objective, bound) for bound in (check.low, check.high))
    match low == ABSENT, high == ABSENT:
        case False, False:
            return low if low == high else f"{low} to {high}"
        case False, True:
            return f"at least {low}"
        case True, False:
            return f"at most {high}"
    return ABSENT


def _bar(check: Check, limit: Limit | None) -> Bar | None:
    observed = _finite(check.observed)
    if limit is None or observed is None:
        return None
    if limit.is_upper:
        return _scaled(observed, limit.value, _finite(check.low), _finite(check.high))
    # What is missing of the whole is what can be seen: 99.8 % and 99 % would be the same bar.
    low, high = _missing(_finite(check.high)), _missing(_finite(check.low))
    return _scaled(max(0.0, 1 - observed), 1 - limit.value, low, high)


def _missing(share: float | None) -> float | None:
    return None if share is None else max(0.0, 1 - share)


def _scaled(observed: float, limit: float, low: float | None, high: float | None) -> Bar | None:
    if limit <= 0:
        return None
    width = max(limit / _LIMIT_AT, observed * 1.04, (high or 0.0) * 1.02)

    def share(value: float | None) -> float | None:
        return None if value is None else round(min(1.0, max(0.0, value / width)), 4)

    return Bar(share(observed) or 0.0, share(limit) or 0.0, share(low), share(high))
