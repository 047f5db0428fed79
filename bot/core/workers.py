"""Whether several load processes were one load: all there from the start to the end, nothing lost, clocks together."""

import math
from collections.abc import Iterator
from typing import Final

from bot.core.bounds import exactly
from bot.core.evidence import Ending, ScenarioEvidence, WorkerEvidence
from bot.core.finding import Finding
from bot.core.text import plain
from bot.core.verdict import Result
from bot.core.wording import LARGEST_COUNT, counted, listed, seconds, whole

MOST_SKEW: Final = 1.0
"""Seconds that two clocks may differ, doubt included; what one second holds would otherwise be two different ones."""

_MOST_NAMED: Final = 4


def judge_workers(evidence: ScenarioEvidence) -> Finding | None:
    """INVALID, with names, unless every planned worker gave every interval; nothing to say where there are none."""
    planned = evidence.plan.workers
    if not planned.distributed or evidence.ending is Ending.NOT_RUN:
        return None
    troubles = [*_absent(evidence.workers, planned.total), *_troubles(evidence.workers)]
    intervals = sum(min(max(0, each.intervals), LARGEST_COUNT) for each in evidence.workers)
    if troubles:
        return Finding(Result.INVALID, exactly(math.nan, intervals), listed(troubles, _MOST_NAMED))
    apart = max(abs(each.skew or 0.0) for each in evidence.workers)
    words = (
        f"{counted(planned.total, 'worker')} sent all of their {counted(intervals, 'interval')}; "
        f"their clocks were at most {seconds(apart)} off"
    )
    return Finding(Result.PASS, exactly(1.0, intervals), words)


def _absent(workers: tuple[WorkerEvidence, ...], planned: int) -> Iterator[str]:
    if len(workers) != planned:
        yield f"{len(workers)} of {counted(planned, 'planned worker')} are on record"


def _troubles(workers: tuple[WorkerEvidence, ...]) -> Iterator[str]:
    for each in workers:
        name = plain(each.name, 100)
        for words in each.trouble or _unnamed(each):
            yield f"{name} {plain(words, 200)}"


def _unnamed(worker: WorkerEvidence) -> tuple[str, ...]:
    """What is wrong with a worker that nobody has put into words."""
    if worker.intervals != worker.expected or not worker.intervals:
        return (f"gave {whole(worker.intervals)} of {counted(worker.expected, 'interval')}",)
    if not all(map(_known, (worker.skew, worker.rtt))):
        return ("does not say how its clock goes",)
    off, doubt = abs(worker.skew or 0.0), (worker.rtt or 0.0) / 2
    if off + doubt <= MOST_SKEW:
        return ()
    if off > MOST_SKEW:
        return (f"has a clock that is {seconds(off)} off",)
    return (f"has a clock that may be {seconds(off + doubt)} off (it answered within {seconds(2 * doubt)})",)


def _known(number: float | None) -> bool:
    return number is not None and math.isfinite(number)
