"""Latency objectives: response time from the due time in the open model, service time in the closed one."""

from enum import Enum

from bot.core.blocks import more_needed, said, widened_quantile
from bot.core.bounds import settle
from bot.core.evidence import Blocks, EndpointEvidence, ScenarioEvidence
from bot.core.finding import Finding, invalid
from bot.core.generator import Pace
from bot.core.loadplan import ClosedModel, Objective
from bot.core.quantiles import PERMILLE, Distribution, bounds, coherent, distribution, merge, requests_to_settle
from bot.core.verdict import Result
from bot.core.wording import compared, counted, needed


class Timing(Enum):
    """From when a request is timed: from its arrival's due time, or from the send."""

    RESPONSE = "response"
    SERVICE = "service"


def timing(evidence: ScenarioEvidence, generator: Pace | None) -> Timing:
    """What latency is judged by: in the closed model and beside a generator that lagged it is service time."""
    lagged = generator is not None and generator.trouble is not None
    return Timing.SERVICE if lagged or isinstance(evidence.plan.model, ClosedModel) else Timing.RESPONSE


def latencies(endpoints: tuple[EndpointEvidence, ...], kind: Timing) -> Distribution | None:
    """Endpoints merged by exact adding of their counts; None where a histogram contradicts itself."""
    histograms = tuple(endpoint.response if kind is Timing.RESPONSE else endpoint.service for endpoint in endpoints)
    return distribution(merge(histograms)) if all(map(coherent, histograms)) else None


def judge_latency(
    objective: Objective, sample: Distribution | None, generator: Pace | None, blocks: Blocks | None = None
) -> Finding:
    """One quantile against its limit, given how the generator kept up (None in the closed model).

    `sample` is what `timing` chose, `blocks` the same requests cut into stretches. A generator that lagged makes
    latency INVALID. Where its whole pool waited for the service, the service time alone may still convict: it knows
    nothing of the generator's schedule.
    """
    if generator is not None and generator.trouble:
        return _beside_lag(objective, sample, generator, generator.trouble)
    return _quantile(objective, sample, blocks)


def _beside_lag(objective: Objective, service: Distribution | None, generator: Pace, trouble: str) -> Finding:
    # Blocks are of response times here, which are the generator's fault too: they say nothing of the service alone.
    alone = _quantile(objective, service, None)
    if generator.exhausted and alone.result is Result.FAIL:
        words = f"{alone.words}, by service time alone; its response time cannot be judged, because {trouble}"
        return Finding(Result.FAIL, alone.bounds, words)
    return invalid(f"{objective.key} cannot be judged, because {trouble}", alone.bounds.samples)


def _quantile(objective: Objective, sample: Distribution | None, blocks: Blocks | None) -> Finding:
    if sample is None:
        return invalid(f"{objective.key} cannot be judged, because its histogram contradicts itself")
    if not sample.total:
        return invalid(f"{objective.key} cannot be judged, because no request was recorded")
    permille, limit = PERMILLE[objective.key], objective.limit
    narrow = bounds(sample, permille)
    found = widened_quantile(narrow, sample, permille, blocks)
    if found is None:
        return invalid(f"{objective.key} cannot be judged, because its blocks contradict its histogram")
    result = settle(limit, found)
    words = compared(objective.key, limit, found, result, said(counted(sample.total, "request"), narrow, found, blocks))
    if result is Result.INCONCLUSIVE:
        enough = more_needed(requests_to_settle(sample, permille, limit), limit.value, narrow, found)
        words += f"; {needed(enough, 'request')}"
    return Finding(result, found, words)
