"""What one judgement found, before it becomes a check of a scenario."""

import math
from dataclasses import dataclass, replace

from bot.core.bounds import Bounds
from bot.core.loadplan import Objective
from bot.core.verdict import Check, Result
from bot.core.wording import sentence


@dataclass(frozen=True, slots=True)
class Finding:
    """A result, the numbers it rests on, and the words that follow the scenario's name in its sentence."""

    result: Result
    bounds: Bounds
    words: str


def stated(result: Result, words: str, samples: int = 0) -> Finding:
    """A finding without a number."""
    return Finding(result, Bounds(math.nan, math.nan, math.nan, samples), words)


def invalid(words: str, samples: int = 0) -> Finding:
    """A measurement that proves nothing."""
    return stated(Result.INVALID, words, samples)


def objective_check(scenario: str, objective: Objective, finding: Finding, baseline: float | None = None) -> Check:
    """The check of a configured objective; `baseline` is what past nights showed, None where that is not known."""
    check = _check(scenario, objective.endpoint, objective.key, objective.limit.text, finding)
    return check if baseline is None else replace(check, baseline=_known(baseline))


def validity_check(scenario: str, name: str, limit: str, finding: Finding) -> Check:
    """A check of the run itself, that is of no configured objective."""
    return _check(scenario, None, name, limit, finding)


def _check(scenario: str, endpoint: str | None, name: str, limit: str, finding: Finding) -> Check:
    bounds = finding.bounds
    return Check(
        scenario=scenario,
        endpoint=endpoint,
        objective=name,
        limit=limit,
        observed=_known(bounds.observed),
        low=_known(bounds.low),
        high=_known(bounds.high),
        samples=bounds.samples,
        result=finding.result,
        reason=sentence(scenario, endpoint, finding.words),
    )


def _known(number: float) -> float | None:
    return number if math.isfinite(number) else None
