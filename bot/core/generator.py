"""Whether the load generator kept up: late and unsent arrivals are facts about it, and so is a lack of CPU time.

Neither is held against the service. What a strained generator measured is INVALID for latency and rate; that requests
failed stays true all the same.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

from bot.core.bounds import exactly
from bot.core.evidence import ArrivalEvidence, Ending, ScenarioEvidence
from bot.core.finding import Finding
from bot.core.health import SIGNS, ailment, believed, well_being
from bot.core.loadplan import ClosedModel, GeneratorLimits, OpenModel, ScenarioPlan, Spacing
from bot.core.quantiles import PERMILLE, coherent, distribution, point
from bot.core.thresholds import THRESHOLDS
from bot.core.verdict import Result
from bot.core.wording import LARGEST_COUNT, counted, percent, seconds, whole

_LATENESS_PERMILLE: Final = 990
# One of two million Poisson counts lies further off: a seed that a night can never pass with would block for ever.
_DEVIATIONS: Final = 5
_COUNTED: Final = 0.005
_STOPPING: Final = 1.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How the generator fared: what is wrong with it (None: nothing), and whether only its pool ran out of users.

    `share` is started / due, NaN where that is unknown, not planned, or not what is wrong. `wellness` says in words how
    its processes were, `wider` which limits are laxer than the defaults.
    """

    trouble: str | None
    exhausted: bool
    share: float
    due: int
    lateness: float = math.nan
    wellness: str = ""
    wider: str = ""


def pace(evidence: ScenarioEvidence) -> Pace:
    """How the generator fared in the measured window; the closed model plans no arrivals, but its processes tell."""
    model = evidence.plan.model
    unplanned = Pace(None, exhausted=False, share=math.nan, due=0)
    kept = _open_pace(evidence, model) if isinstance(model, OpenModel) else unplanned
    kept = replace(kept, wider=wider(evidence.plan.generator))
    ill = ailment(evidence)
    if ill is None:
        return replace(kept, wellness=well_being(evidence))
    # A process without CPU time inflates service times as well, so these convict nobody.
    share = kept.share if kept.trouble else math.nan
    return replace(kept, trouble="; ".join(filter(None, (kept.trouble, ill))), exhausted=False, share=share)


def generator_limit(plan: ScenarioPlan, kept: Pace) -> str:
    """What a generator must keep at least, for the column of limits beside its share."""
    return "well" if math.isnan(kept.share) else f">= {percent(plan.generator.sent)}"


def judge_generator(kept: Pace) -> Finding:
    """The generator's own check."""
    if kept.trouble:
        return Finding(Result.INVALID, exactly(kept.share, kept.due), kept.trouble + kept.wider)
    return Finding(Result.PASS, exactly(kept.share, kept.due), f"{_kept_up(kept)} ({kept.wellness}){kept.wider}")


def wider(limits: GeneratorLimits) -> str:
    """The words that follow where a limit is laxer than its default: what passed then was believed more easily."""
    usual = GeneratorLimits()
    signs = zip(SIGNS, believed(limits), _signs(limits), _signs(usual), strict=True)
    lax = [f"{name} {shown}" for name, shown, given, default in signs if given > default]
    if limits.lateness_share > usual.lateness_share:
        lax.insert(0, f"lateness {percent(limits.lateness_share)} of the tightest limit")
    if limits.lateness > usual.lateness:
        lax.insert(0, f"lateness {seconds(limits.lateness)}")
    if limits.sent < usual.sent:
        lax.insert(0, f"sent {percent(limits.sent)}")
    return f"; limits are wider than the defaults: {', '.join(lax)}" if lax else ""


def _signs(limits: GeneratorLimits) -> tuple[float, ...]:
    return limits.cpu, limits.wait, limits.throttled, limits.lag, limits.files


def _kept_up(kept: Pace) -> str:
    if not kept.due:
        return "the generator was well"
    late = f", lateness p99 {seconds(kept.lateness)}" if math.isfinite(kept.lateness) else ""
    return f"the generator kept up: {percent(kept.share, 4)} of {counted(kept.due, 'arrival')} were sent{late}"


def rate_sent(evidence: ScenarioEvidence) -> tuple[float, int] | str:
    """The share of arrivals that were really sent, and how many were due; or why there is no such number."""
    arrivals = evidence.arrivals
    if isinstance(evidence.plan.model, ClosedModel):
        return "rate cannot be judged, because the closed model plans no arrivals"
    wrong = _contradiction(arrivals) or ailment(evidence)
    if arrivals is None or wrong:
        return f"rate cannot be judged, because {wrong}"
    return arrivals.started / arrivals.due, arrivals.due


def lateness_limit(plan: ScenarioPlan) -> float | None:
    """The largest lateness p99 in seconds that still lets latency be judged; None where no latency is judged."""
    limits = [objective.limit.value for objective in plan.objectives if objective.key in PERMILLE]
    finite = [limit for limit in limits if math.isfinite(limit)]
    most = plan.generator
    return max(most.lateness, most.lateness_share * min(finite, default=0.0)) if limits else None


def _open_pace(evidence: ScenarioEvidence, model: OpenModel) -> Pace:
    arrivals = evidence.arrivals
    wrong = _contradiction(arrivals)
    if arrivals is None or wrong:
        return Pace(wrong, exhausted=False, share=math.nan, due=0)
    share = arrivals.started / arrivals.due
    lateness = _lateness(arrivals)
    exhausted = 0 < arrivals.pool_size <= arrivals.pool_peak
    unsent = _unsent(evidence.plan, arrivals, share)
    trouble = _missing(evidence, model, arrivals) or unsent or _late(evidence.plan, arrivals, lateness)
    if trouble and exhausted:
        trouble += f"; all {counted(arrivals.pool_size, 'user')} of its pool were busy"
    return Pace(trouble, exhausted, share if unsent or not trouble else math.nan, arrivals.due, lateness)


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
    planned = model.arrivals(evidence.measured)
    if not 0 < planned <= LARGEST_COUNT:
        return "the planned number of arrivals is no number"
    if abs(arrivals.due - planned) <= _astray(evidence, model, planned):
        return None
    only = "only " if arrivals.due < planned else ""
    return f"{only}{arrivals.due:,} arrivals fell due of about {planned:,.0f} planned"


def _astray(evidence: ScenarioEvidence, model: OpenModel, planned: float) -> float:
    """By how many arrivals a count may differ from the plan: by hardly any, except where chance or an end says so."""
    chance = _DEVIATIONS * math.sqrt(planned) if model.spacing is Spacing.POISSON else 0.0
    whole_window = evidence.ending is Ending.COMPLETED and evidence.measured >= evidence.planned - THRESHOLDS.rounding
    # What falls due while a loop is held up is counted a moment later. Who is told to stop does so within a second,
    # and several workers not at the same moment.
    end = min(evidence.plan.generator.lag, _STOPPING) if whole_window else _STOPPING
    return 1 + _COUNTED * planned + chance + model.rate * end


def _unsent(plan: ScenarioPlan, arrivals: ArrivalEvidence, share: float) -> str | None:
    if share >= plan.generator.sent:
        return None
    return (
        f"the generator could not keep up: only {percent(share, 4)} of {counted(arrivals.due, 'arrival')} were sent "
        f"(at least {percent(plan.generator.sent)} must be)"
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
