"""Whether the load generator kept up: late and unsent arrivals are facts about it, not about the service."""

import math
from dataclasses import dataclass
from typing import Final

from bot.core.bounds import exactly
from bot.core.evidence import ArrivalEvidence, ScenarioEvidence
from bot.core.finding import Finding
from bot.core.loadplan import ClosedModel, OpenModel, ScenarioPlan
from bot.core.quantiles import PERMILLE, coherent, distribution, point
from bot.core.thresholds import THRESHOLDS
from bot.core.verdict import Result
from bot.core.wording import LARGEST_COUNT, counted, percent, seconds, whole

_LATENESS_PERMILLE: Final = 990


@dataclass(frozen=True, slots=True)
class Pace:
    """How the generator kept its pace: what is wrong with it (None: nothing), and whether its pool ran out of users.

    `share` is started / due, NaN where that is unknown.
    """

    trouble: str | None
    exhausted: bool
    share: float
    due: int
    lateness: float = math.nan


def pace(evidence: ScenarioEvidence) -> Pace | None:
    """The generator's pace in the measured window; None in the closed model, which plans no arrivals."""
    match evidence.plan.model:
        case ClosedModel():
            return None
        case OpenModel() as model:
            return _open_pace(evidence, model)


def judge_generator(kept: Pace) -> Finding:
    """The generator's own check."""
    if kept.trouble:
        return Finding(Result.INVALID, exactly(kept.share, kept.due), kept.trouble)
    late = f", lateness p99 {seconds(kept.lateness)}" if math.isfinite(kept.lateness) else ""
    words = f"the generator kept up: {percent(kept.share, 4)} of {counted(kept.due, 'arrival')} were sent{late}"
    return Finding(Result.PASS, exactly(kept.share, kept.due), words)


def rate_sent(evidence: ScenarioEvidence) -> tuple[float, int] | str:
    """The share of arrivals that were really sent, and how many were due; or why there is no such number."""
    arrivals = evidence.arrivals
    if isinstance(evidence.plan.model, ClosedModel):
        return "rate cannot be judged, because the closed model plans no arrivals"
    if arrivals is None or _contradiction(arrivals):
        return f"rate cannot be judged, because {_contradiction(arrivals)}"
    return arrivals.started / arrivals.due, arrivals.due


def lateness_limit(plan: ScenarioPlan) -> float | None:
    """The largest lateness p99 in seconds that still lets latency be judged; None where no latency is judged."""
    limits = [objective.limit.value for objective in plan.objectives if objective.key in PERMILLE]
    finite = [limit for limit in limits if math.isfinite(limit)]
    return max(THRESHOLDS.lateness, THRESHOLDS.lateness_share * min(finite, default=0.0)) if limits else None


def _open_pace(evidence: ScenarioEvidence, model: OpenModel) -> Pace:
    arrivals = evidence.arrivals
    wrong = _contradiction(arrivals)
    if arrivals is None or wrong:
        return Pace(wrong, exhausted=False, share=math.nan, due=0)
    share = arrivals.started / arrivals.due
    lateness = _lateness(arrivals)
    exhausted = 0 < arrivals.pool_size <= arrivals.pool_peak
    trouble = (
        _missing(evidence, model, arrivals) or _unsent(arrivals, share) or _late(evidence.plan, arrivals, lateness)
    )
    if trouble and exhausted:
        trouble += f"; all {counted(arrivals.pool_size, 'user')} of its pool were busy"
    return Pace(trouble, exhausted, share, arrivals.due, lateness)


def _contradiction(arrivals: ArrivalEvidence | None) -> str | None:
    if arrivals is None:
        return "the generator left no count of its arrivals"
    counts = (arrivals.due, arrivals.started, arrivals.late, arrivals.unsent)
    if not all(0 <= count <= LARGEST_COUNT for count in counts) or arrivals.started + arrivals.unsent != arrivals.due:
        return (
            f"the generator's counts contradict each other: {whole(arrivals.due)} due, "
            f"{whole(arrivals.started)} started, {whole(arrivals.unsent)} unsent"
        )
    return None if arrivals.due else "no arrival fell due in the measured time"


def _missing(evidence: ScenarioEvidence, model: OpenModel, arrivals: ArrivalEvidence) -> str | None:
    planned = model.rate * evidence.measured
    if not 0 < planned <= LARGEST_COUNT:
        return "the planned number of arrivals is no number"
    # Arrivals may be planned at random times; three deviations of a Poisson count are no fault.
    if arrivals.due + 3 * math.sqrt(planned) + 1 >= THRESHOLDS.sent * planned:
        return None
    return f"only {arrivals.due:,} arrivals fell due of about {planned:,.0f} planned"


def _unsent(arrivals: ArrivalEvidence, share: float) -> str | None:
    if share >= THRESHOLDS.sent:
        return None
    return (
        f"the generator could not keep up: only {percent(share, 4)} of {counted(arrivals.due, 'arrival')} were sent "
        f"(at least {percent(THRESHOLDS.sent)} must be)"
    )


def _lateness(arrivals: ArrivalEvidence) -> float:
    if not coherent(arrivals.lateness):
        return math.nan
    sample = distribution(arrivals.lateness)
    known = sample.total >= THRESHOLDS.lateness_known * arrivals.started
    return point(sample, _LATENESS_PERMILLE) if known else math.nan


def _late(plan: ScenarioPlan, arrivals: ArrivalEvidence, lateness: float) -> str | None:
    limit = lateness_limit(plan)
    if limit is None or lateness <= limit:
        return None
    if math.isnan(lateness):
        return f"how late the {counted(arrivals.started, 'arrival')} were sent is not on record"
    return f"the generator could not keep up: its lateness p99 of {seconds(lateness)} exceeds {seconds(limit)}"
