"""Checks and the verdict: the worst check wins, objectives combine by AND only."""

from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    """What one check, or all of them, came to."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    INCONCLUSIVE = "inconclusive"
    INVALID = "invalid"
    FAIL = "fail"

    @property
    def severity(self) -> int:
        """Rank from best to worst: a trustworthy failure outweighs a measurement that proves nothing."""
        return _SEVERITY[self]


_SEVERITY = {Result.PASS: 0, Result.INCONCLUSIVE: 1, Result.INVALID: 2, Result.FAIL: 3}


@dataclass(frozen=True, slots=True)
class Check:
    """One objective of one scenario, judged.

    `observed`, `low`, `high` are in seconds for quantiles and as shares otherwise, None where there is no number;
    `low` and `high` are the 95 % bounds. `endpoint` is None over all endpoints, `limit` as configured, `reason` one
    sentence with scenario, endpoint, objective, limit, observed, bounds and samples. `baseline` is what past nights
    showed (their median), None where there are too few.
    """

    scenario: str
    endpoint: str | None
    objective: str
    limit: str
    observed: float | None
    low: float | None
    high: float | None
    samples: int
    result: Result
    reason: str
    baseline: float | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """What people should know and what decides nothing: one sentence about one scenario, and a stable code for it.

    `observed` is what was measured of that objective, in seconds or as a share, None where it is not about a number.
    """

    scenario: str
    endpoint: str | None
    objective: str | None
    code: str
    words: str
    observed: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The worst check, all checks, and the digests of what they were made from; `notices` warn without deciding."""

    result: Result
    checks: tuple[Check, ...]
    evidence_sha256: str
    objectives_sha256: str
    notices: tuple[Notice, ...] = ()


def decisive(verdict: Verdict) -> Check:
    """The first check of the verdict's own result; a verdict without any check has none to name."""
    nothing = Check("", None, "", "", None, None, None, 0, Result.INVALID, "There was nothing to judge.")
    return next((check for check in verdict.checks if check.result is verdict.result), nothing)


def worst(checks: tuple[Check, ...]) -> Result:
    """The worst result; no check at all is INVALID, because nothing was shown."""
    if not checks:
        return Result.INVALID
    return max((check.result for check in checks), key=lambda result: result.severity)
