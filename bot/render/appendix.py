"""The appendix as values: what each scenario did, what staging said it ran, timings, versions and refs."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.core.evidence import (
    ArrivalEvidence,
    DeploymentObservation,
    Ending,
    EndpointEvidence,
    Histogram,
    ResourceSeries,
    ScenarioEvidence,
)
from bot.core.record import RunRecord
from bot.core.units import format_size, format_value
from bot.render.figures import lasted, moment, quantile
from bot.render.text import NAME, SENTENCE, SUBJECT, line, short
from bot.render.words import ABSENT, NO_PROOF, counted, load_words

_MOST_ENDPOINTS: Final = 20
_MOST_LINES: Final = 10


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
class ScenarioView:
    """One scenario in words; `troubles` are sentences about whatever did not go as planned."""

    name: str
    kind: str
    load: str
    measured: str
    started: str
    ending: str
    arrivals: str
    lateness: str
    troubles: tuple[str, ...]
    endpoints: tuple[EndpointRow, ...]
    more_endpoints: int
    resources: tuple[str, ...]
    proof: str


@dataclass(frozen=True, slots=True)
class Appendix:
    """Everything that is not needed in the first minute."""

    proof: str
    scenarios: tuple[ScenarioView, ...]
    attempts: tuple[str, ...]
    timings: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]
    updates: tuple[tuple[str, str, str], ...]
    digests: tuple[tuple[str, str], ...]


def appendix(record: RunRecord) -> Appendix:
    """Write out the record's evidence."""
    scenarios = record.evidence.scenarios if record.evidence else ()
    return Appendix(
        proof=_proof_sentence(record),
        scenarios=tuple(_scenario(one) for one in scenarios),
        attempts=tuple(
            f"{one.number}: {line(moment(one.started_at), NAME)}, {line(one.result)}" for one in record.attempts
        ),
        timings=tuple((line(step, NAME), lasted(seconds)) for step, seconds in record.timings),
        versions=tuple((line(tool, NAME), line(version, NAME)) for tool, version in record.versions),
        updates=tuple(
            (line(one.ref, SUBJECT), short(one.expected) if one.expected else "absent", short(one.new))
            for one in record.updates
        ),
        digests=tuple((line(name, SUBJECT), line(digest, 64)) for name, digest in _files(record)),
    )


def _files(record: RunRecord) -> tuple[tuple[str, str], ...]:
    return record.evidence.files if record.evidence else ()


def _proof_sentence(record: RunRecord) -> str:
    if record.evidence is None:
        return "Nothing was measured."
    if not record.evidence.proof:
        return NO_PROOF
    asked = [seen for one in record.evidence.scenarios for seen in one.deployment]
    return "Staging was asked which commit it runs: " + _observations(asked) + "."


def _observations(asked: Iterable[DeploymentObservation]) -> str:
    answers = Counter(_answer(one) for one in asked)
    told = [f"{counted(count, 'time')} {answer}" for answer, count in answers.most_common(_MOST_LINES)]
    return ", ".join(told) or "no answer was recorded"


def _answer(seen: DeploymentObservation) -> str:
    return short(seen.sha) if seen.sha else "no commit (" + line(seen.error or "no reason given", SUBJECT) + ")"


def _scenario(one: ScenarioEvidence) -> ScenarioView:
    return ScenarioView(
        name=line(one.plan.name, NAME),
        kind=one.plan.kind.value,
        load=load_words(one.plan),
        measured=f"{lasted(one.measured)} of {lasted(one.plan.duration)} after {lasted(one.plan.warmup)} warm-up",
        started=line(moment(one.started_at), NAME),
        ending=one.ending.value,
        arrivals=_arrivals(one.arrivals),
        lateness=_lateness(one.arrivals),
        troubles=_troubles(one),
        endpoints=tuple(_endpoint(row) for row in one.endpoints[:_MOST_ENDPOINTS]),
        more_endpoints=max(0, len(one.endpoints) - _MOST_ENDPOINTS),
        resources=tuple(_resource(series) for series in one.resources[:_MOST_LINES]),
        proof=_observations(one.deployment) if one.deployment else "",
    )


def _arrivals(seen: ArrivalEvidence | None) -> str:
    if seen is None:
        return "closed model: no arrivals were planned"
    return f"{seen.due:,} due, {seen.started:,} started, {seen.late:,} late, {seen.unsent:,} unsent"


def _lateness(seen: ArrivalEvidence | None) -> str:
    if seen is None:
        return ""
    p50, p99 = (_time(quantile(seen.lateness, permille)) for permille in (500, 990))
    return f"p50 {p50}, p99 {p99}; {seen.pool_peak:,} of {counted(seen.pool_size, 'pooled user')} busy at most"


def _troubles(one: ScenarioEvidence) -> tuple[str, ...]:
    found = (
        [] if one.ending is Ending.COMPLETED else [f"Ended as {one.ending.value}: {one.ending_detail or 'no detail'}"]
    )
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
    p50, p95, p99 = (_time(quantile(histogram, permille)) for permille in (500, 950, 990))
    return p50, p95, p99


def _time(value: float | None) -> str:
    return ABSENT if value is None else format_value("p50", value)


def _resource(series: ResourceSeries) -> str:
    memory = [sample.memory for sample in series.samples if sample.memory is not None]
    told = f"{line(series.probe, NAME)} ({line(series.instance, NAME)}): {counted(len(series.samples), 'reading')}"
    if memory:
        told += f", memory {format_size(memory[0])} to {format_size(memory[-1])}, at most {format_size(max(memory))}"
    if series.failures:
        told += f", {counted(series.failures, 'failed reading')}, last: {line(series.last_error, SUBJECT)}"
    return told[:SENTENCE]
