"""How the nights develop: pass rates, latency and errors per scenario, waiting and blocked time, each with its target.

The targets are those of a nightly promotion: every load test passes, 95 % of the soaks do, a commit reaches the target
branch within a day, and nothing stays blocked for two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from statistics import median
from typing import TYPE_CHECKING, Final

from bot.core.moments import parse_iso
from bot.core.record import RunKind, RunRecord
from bot.core.selectors import RunSummary
from bot.core.trouble import is_bad, is_good
from bot.core.verdict import Check, Result

if TYPE_CHECKING:
    import pandas as pd

LAG_TARGET_H: Final = 24.0
BLOCKED_TARGET_H: Final = 48.0
ERROR_BASELINE: Final = 0.005
ERROR_ALERT: Final = 0.01
_PASS_TARGETS: Final = {"load": 1.0, "soak": 0.95}
_OBJECTIVES: Final = ("p95", "error_rate")
# Below this, a change over all nights is taken for chance.
_NOTABLE: Final = 0.10
_FEWEST: Final = 3
# Every run is held against every other one; a year of nights tells where it goes.
_MOST: Final = 365
_MEASURED: Final = (RunKind.PROMOTION, RunKind.GATE)
_HOUR: Final = 3600.0
_COLUMNS: Final = {
    **dict.fromkeys(("run", "scenario", "kind", "endpoint", "objective"), "object"),
    "observed": "float64",
    **dict.fromkeys(("passed", "valid"), "bool"),
}


@dataclass(frozen=True, slots=True)
class PassRate:
    """Of `judged` runs with scenarios of that kind, `passed` passed all of them; anything but PASS is no pass."""

    kind: str
    judged: int
    passed: int
    share: float | None
    target: float
    is_met: bool | None


@dataclass(frozen=True, slots=True)
class Course:
    """One objective of one scenario over the runs: seconds or a share, oldest first; `words` says what it means.

    `change` is the Theil-Sen slope times the time spanned, relative to the median; None below three runs.
    """

    scenario: str
    objective: str
    runs: int
    median: float
    latest: float
    change: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Hours:
    """A time in hours that must stay below its target; None where there is nothing to measure it by."""

    longest: float | None
    median: float | None
    target: float
    is_met: bool | None


@dataclass(frozen=True, slots=True)
class Trends:
    """All of it, over that many runs. `lag` is how long the oldest commit of each promotion waited."""

    runs: int
    pass_rates: tuple[PassRate, ...]
    courses: tuple[Course, ...]
    lag: Hours
    blocked: Hours


def trends(
    runs: Sequence[RunSummary],
    checks: Mapping[str, Sequence[Check]],
    kinds: Mapping[str, str],
    promoted: Sequence[RunRecord],
    now: datetime,
) -> Trends:
    """What these runs show; `checks` by run id, `kinds` (load, soak) by scenario, `promoted` the records of promotions.

    A scenario without a kind (no longer configured) has its course, but counts for no pass rate.
    """
    told = sorted((run for run in runs if run.kind in _MEASURED), key=lambda run: (run.started_at, run.run_id))
    frame = _frame(told, checks, kinds)
    return Trends(
        runs=len(told),
        pass_rates=tuple(_pass_rate(frame, kind, target) for kind, target in _PASS_TARGETS.items()),
        courses=tuple(_courses(frame)),
        lag=_hours([hours for record in promoted if (hours := waited(record)) is not None], LAG_TARGET_H),
        blocked=_hours(_blocked(told, now), BLOCKED_TARGET_H),
    )


def waited(record: RunRecord) -> float | None:
    """Hours between the oldest commit of a promotion and its end; None where it has no commits."""
    commits = record.candidate.commits if record.candidate else ()
    if not commits:
        return None
    oldest = min(commit.committed_at for commit in commits)
    return max(0.0, parse_iso(record.finished_at).timestamp() - oldest) / _HOUR


def _frame(
    runs: Sequence[RunSummary], checks: Mapping[str, Sequence[Check]], kinds: Mapping[str, str]
) -> "pd.DataFrame":
    """One row a check, in the order of the runs."""
    import pandas as pd  # noqa: PLC0415 - a third of a second that only this needs

    rows = [
        {
            "run": run.run_id,
            "scenario": check.scenario,
            "kind": kinds.get(check.scenario, ""),
            "endpoint": check.endpoint or "",
            "objective": check.objective,
            "observed": check.observed,
            "passed": check.result is Result.PASS,
            "valid": check.result is not Result.INVALID,
        }
        for run in runs
        for check in checks.get(run.run_id, ())
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)


def _pass_rate(frame: "pd.DataFrame", kind: str, target: float) -> PassRate:
    passed = frame[frame["kind"] == kind].groupby("run")["passed"].all()
    judged, good = len(passed), int(passed.sum())
    share = good / judged if judged else None
    return PassRate(kind, judged, good, share, target, None if share is None else share >= target)


def _courses(frame: "pd.DataFrame") -> list[Course]:
    shown = frame[frame["valid"] & (frame["endpoint"] == "") & frame["objective"].isin(_OBJECTIVES)]
    groups = shown.dropna(subset=["observed"]).groupby(["scenario", "objective"], sort=False)["observed"]
    return [_course(str(scenario), str(objective), values.tolist()) for (scenario, objective), values in groups]


def _course(scenario: str, objective: str, values: list[float]) -> Course:
    change = relative_change(values)
    words = _error_words(values[-1]) if objective == "error_rate" else _direction(change)
    return Course(scenario, objective, len(values), median(values), values[-1], change, words)


def relative_change(values: Sequence[float]) -> float | None:
    """The robust change from first to last as a share of the median (Theil 1950, Sen 1968); None where unknowable."""
    recent = values[-_MOST:]
    middle = median(recent) if len(recent) >= _FEWEST else 0.0
    if not middle:
        return None
    slopes = [(later - earlier) / (j - i) for (i, earlier), (j, later) in combinations(enumerate(recent), 2)]
    return median(slopes) * (len(recent) - 1) / middle


def _direction(change: float | None) -> str:
    if change is None:
        return "too few runs to tell"
    if abs(change) < _NOTABLE:
        return "steady"
    return f"{'rising' if change > 0 else 'falling'} by {abs(change):.0%}"


def _error_words(latest: float) -> str:
    if latest > ERROR_ALERT:
        return f"alert: above {ERROR_ALERT:.0%}"
    if latest >= ERROR_BASELINE:
        return f"above the baseline of {ERROR_BASELINE:.1%}"
    return "within the baseline"


def _blocked(runs: Sequence[RunSummary], now: datetime) -> list[float]:
    """Hours of each time without a good run, from the first bad one to the end of the next good one, or to `now`."""
    found: list[float] = []
    since: datetime | None = None
    for run in runs:
        if is_bad(run):
            since = since or parse_iso(run.started_at)
        elif is_good(run) and since:
            found.append((parse_iso(run.finished_at) - since).total_seconds() / _HOUR)
            since = None
    return [*found, (now - since).total_seconds() / _HOUR] if since else found


def _hours(values: Sequence[float], target: float) -> Hours:
    if not values:
        return Hours(None, None, target, None)
    return Hours(max(values), median(values), target, max(values) < target)
