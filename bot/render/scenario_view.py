"""One scenario as words and rows: what it did, what was not as planned, and how those fared who sent the load."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from bot.core.evidence import (
    ArrivalEvidence,
    DeploymentObservation,
    Ending,
    EndpointEvidence,
    Histogram,
    ProbeCost,
    ResourceSeries,
    ScenarioEvidence,
    WorkerEvidence,
)
from bot.core.generator import lateness_limit
from bot.core.health import believed, readings
from bot.core.loadplan import ClosedModel
from bot.core.units import format_share, format_size, format_value
from bot.core.verdict import Verdict
from bot.render.diagnosis import Diagnosis, diagnosis
from bot.render.figures import lasted, moment, quantile
from bot.render.text import NAME, SENTENCE, SUBJECT, line, short
from bot.render.words import ABSENT, counted, load_words

_MOST_ENDPOINTS: Final = 20
_MOST_LINES: Final = 10
_MOST_PROCESSES: Final = 50
_P50, _P95, _P99 = 500, 950, 990

CLOSED: Final = (
    "Closed model: every user waits for its answer before it asks again, so these are service times, and a stall also "
    "holds back the requests that would have met it. Stalls may be hidden (coordinated omission)."
)


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """One endpoint: counts, response time from the due time, service time from the send."""

    endpoint: str
    ok: str
    failed: str
    response: tuple[str, str, str]
    service: tuple[str, str, str]
    failures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """One load process, or the limits of all: for each of `GENERATOR_SIGNS` a cell, and whether it is too much."""

    process: str
    cells: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """One worker as the master saw it."""

    name: str
    intervals: str
    skew: str
    trouble: str


@dataclass(frozen=True, slots=True)
class ScenarioView:
    """One scenario in words; `notes` are what must be known to read its numbers, `troubles` what did not go as planned.

    `generator` starts with the row of the limits, and is empty where nothing is known of any process.
    """

    name: str
    kind: str
    load: str
    measured: str
    started: str
    ending: str
    arrivals: str
    lateness: str
    pool: str
    diagnosis: Diagnosis
    notes: tuple[str, ...]
    troubles: tuple[str, ...]
    endpoints: tuple[EndpointRow, ...]
    more_endpoints: int
    generator: tuple[ProcessRow, ...]
    workers: tuple[WorkerRow, ...]
    resources: tuple[str, ...]
    proof: str


GENERATOR_SIGNS: Final = ("CPU, p95", "waiting for a core", "throttled", "loop lag, p95", "open files")
"""The heads of the columns, in the order of `bot.core.health.SIGNS`."""


def scenario_view(one: ScenarioEvidence, verdict: Verdict | None) -> ScenarioView:
    """Write out one scenario."""
    return ScenarioView(
        name=line(one.plan.name, NAME),
        kind=one.plan.kind.value,
        load=load_words(one.plan),
        measured=f"{lasted(one.measured)} of {lasted(one.planned)} after {lasted(one.plan.warmup)} warm-up",
        started=line(moment(one.started_at), NAME),
        ending=one.ending.value,
        arrivals=_arrivals(one.arrivals),
        lateness=_lateness(one),
        pool=_pool(one.arrivals),
        diagnosis=diagnosis(one, verdict),
        notes=tuple(_notes(one)),
        troubles=_troubles(one),
        endpoints=tuple(_endpoint(row) for row in one.endpoints[:_MOST_ENDPOINTS]),
        more_endpoints=max(0, len(one.endpoints) - _MOST_ENDPOINTS),
        generator=tuple(_processes(one)),
        workers=tuple(_worker(each) for each in one.workers[:_MOST_PROCESSES]),
        resources=(
            *(_resource(series) for series in one.resources[:_MOST_LINES]),
            *(_cost(cost) for cost in one.probe_costs[:_MOST_LINES]),
        ),
        proof=observed_commits(one.deployment) if one.deployment else "",
    )


def observed_commits(asked: Iterable[DeploymentObservation]) -> str:
    """How often staging named which commit."""
    answers = Counter(_answer(one) for one in asked)
    told = [f"{counted(count, 'time')} {answer}" for answer, count in answers.most_common(_MOST_LINES)]
    return ", ".join(told) or "no answer was recorded"


def _answer(seen: DeploymentObservation) -> str:
    return short(seen.sha) if seen.sha else "no commit (" + line(seen.error or "no reason given", SUBJECT) + ")"


def _notes(one: ScenarioEvidence) -> Iterator[str]:
    if isinstance(one.plan.model, ClosedModel):
        yield CLOSED
    if one.extended:
        yield (
            f"Went on for another {lasted(one.extended)} after {lasted(one.plan.duration)}, "
            "because an objective was undecided."
        )
    if one.abort is not None:
        left = max(0.0, one.planned - one.measured)
        yield line(
            f"Stopped early at {lasted(one.abort.at)}, because it could no longer pass: {one.abort.words}. "
            f"Not measured: the other {lasted(left)} of {lasted(one.planned)}."
        )


def _arrivals(seen: ArrivalEvidence | None) -> str:
    if seen is None:
        return "closed model: no arrivals were planned"
    told = f"{seen.due:,} due, {seen.started:,} started, {seen.late:,} late, {seen.unsent:,} unsent"
    return f"{told}, {seen.empty:,} without a request" if seen.empty else told


def _lateness(one: ScenarioEvidence) -> str:
    if one.arrivals is None:
        return ""
    p50, p99 = (_time(quantile(one.arrivals.lateness, permille)) for permille in (_P50, _P99))
    most, sent = lateness_limit(one.plan), format_share(one.plan.generator.sent)
    limit = "" if most is None else f" (p99 at most {_time(most)}, at least {sent} sent)"
    return f"p50 {p50}, p99 {p99}{limit}"


def _pool(seen: ArrivalEvidence | None) -> str:
    return "" if seen is None else f"{seen.pool_peak:,} of {counted(seen.pool_size, 'pooled user')} busy at most"


def _troubles(one: ScenarioEvidence) -> tuple[str, ...]:
    as_told = one.ending is Ending.COMPLETED or one.abort is not None
    found = [] if as_told else [f"Ended as {one.ending.value}: {one.ending_detail or 'no detail'}"]
    if one.users_missing:
        found.append(f"{counted(one.users_missing, 'user')} fewer than its shape wanted at the worst moment")
    found += [f"Truncated: {what}" for what in one.truncated[:_MOST_LINES]]
    found += [f"Refused connection to {where}: {counted(n, 'time')}" for where, n in one.refused_connects[:_MOST_LINES]]
    found += [f"Exception in a task, {counted(n, 'time')}: {text}" for text, n in one.user_errors[:_MOST_LINES]]
    return tuple(line(text) for text in found)


def _endpoint(row: EndpointEvidence) -> EndpointRow:
    return EndpointRow(
        endpoint=line(row.endpoint, NAME),
        ok=f"{row.ok:,}",
        failed=f"{row.failed:,}",
        response=_quantiles(row.response),
        service=_quantiles(row.service),
        failures=tuple((line(kind, SUBJECT), f"{count:,}") for kind, count in row.failures[:_MOST_LINES]),
    )


def _quantiles(histogram: Histogram) -> tuple[str, str, str]:
    p50, p95, p99 = (_time(quantile(histogram, permille)) for permille in (_P50, _P95, _P99))
    return p50, p95, p99


def _time(value: float | None) -> str:
    return ABSENT if value is None else format_value("p50", value)


def _processes(one: ScenarioEvidence) -> Iterator[ProcessRow]:
    if not one.health:
        return
    yield ProcessRow("limit", tuple((f"<= {most}", False) for most in believed(one.plan.generator)))
    for process in one.health[:_MOST_PROCESSES]:
        found = readings(process, one.plan.generator)
        cells = tuple((ABSENT, False) if each is None else (each.observed, not each.is_well) for each in found)
        yield ProcessRow(line(process.process, NAME), cells)


def _worker(seen: WorkerEvidence) -> WorkerRow:
    skew = ABSENT if seen.skew is None else f"{seen.skew * 1e3:+,.1f}ms"
    if seen.skew is not None and seen.rtt is not None:
        skew += f" ± {seen.rtt * 5e2:,.1f}ms"
    return WorkerRow(
        name=line(seen.name, NAME),
        intervals=f"{seen.intervals:,} of {seen.expected:,}",
        skew=skew,
        trouble=line("; ".join(seen.trouble)) or "none",
    )


def _resource(series: ResourceSeries) -> str:
    memory = [sample.memory for sample in series.samples if sample.memory is not None]
    whose = line(f"{series.replica} {series.instance}", NAME)
    told = f"{line(series.probe, NAME)} ({whose}): {counted(len(series.samples), 'reading')}"
    if memory:
        told += f", memory {format_size(memory[0])} to {format_size(memory[-1])}, at most {format_size(max(memory))}"
    if series.failures:
        told += f", {counted(series.failures, 'failed reading')}, last: {line(series.last_error, SUBJECT)}"
    return told[:SENTENCE]


def _cost(cost: ProbeCost) -> str:
    share = cost.cpu / cost.observed if cost.observed > 0 else 0.0
    told = f"{line(cost.probe, NAME)} was asked {counted(cost.readings, 'time')}: {_time(cost.seconds)} in all, "
    told += f"{_time(cost.longest)} at most, {format_size(cost.taken_in)} read, {share:.2%} of one core of the bot"
    if cost.skipped:
        told += f", {counted(cost.skipped, 'beat')} left out because it was slow"
    return told[:SENTENCE]
