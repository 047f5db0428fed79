"""The error rate: failed requests of all that were answered or given up; arrivals never sent are no errors."""

from bot.core.blocks import more_needed, said, widened_share
from bot.core.bounds import settle
from bot.core.evidence import Blocks, EndpointEvidence
from bot.core.finding import Finding, invalid
from bot.core.loadplan import Objective
from bot.core.proportions import bounds, requests_to_settle
from bot.core.text import plain
from bot.core.verdict import Result
from bot.core.wording import LARGEST_COUNT, compared, counted, needed


def judge_errors(
    objective: Objective, endpoints: tuple[EndpointEvidence, ...], blocks: Blocks | None = None
) -> Finding:
    """The share of failed requests over these endpoints against its limit, by exact binomial bounds or wider ones.

    `blocks` are the same requests cut into stretches: where failures come in bursts they ask for wider bounds.
    """
    counts = tuple((endpoint.ok, endpoint.failed) for endpoint in endpoints)
    if not all(0 <= ok <= LARGEST_COUNT and 0 <= failed <= LARGEST_COUNT for ok, failed in counts):
        return invalid(f"{objective.key} cannot be judged, because its counts contradict themselves")
    failed = sum(failed for _, failed in counts)
    total = failed + sum(ok for ok, _ in counts)
    if not total:
        return invalid(f"{objective.key} cannot be judged, because no request was recorded")
    narrow = bounds(failed, total)
    found = widened_share(narrow, failed, blocks)
    if found is None:
        return invalid(f"{objective.key} cannot be judged, because its blocks contradict its counts")
    result, limit = settle(objective.limit, found), objective.limit
    words = compared(objective.key, limit, found, result, said(counted(total, "request"), narrow, found, blocks))
    if result is Result.INCONCLUSIVE:
        enough = more_needed(requests_to_settle(failed, total, limit.value), limit.value, narrow, found)
        words += f"; {needed(enough, 'request')}"
    return Finding(result, found, words + _commonest(endpoints, result))


def _commonest(endpoints: tuple[EndpointEvidence, ...], result: Result) -> str:
    kinds: dict[str, int] = {}
    for endpoint in endpoints:
        for kind, count in endpoint.failures:
            kinds[kind] = kinds.get(kind, 0) + count
    if result is Result.PASS or not kinds:
        return ""
    kind = max(kinds, key=lambda name: kinds[name])
    return f"; most often {plain(kind)}"
