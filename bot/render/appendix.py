"""The appendix as values: what staging said it ran, every attempt, timings, versions and refs."""

from collections import Counter
from dataclasses import dataclass

from bot.core.record import Attempt, RunRecord
from bot.core.verdict import Check
from bot.render.figures import lasted, moment
from bot.render.scenario_view import ScenarioView, observed_commits, scenario_view
from bot.render.text import NAME, SUBJECT, line, short
from bot.render.words import NO_PROOF, RESULTS


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One try at measuring: what it and its checks came to, why, and where its files lie."""

    number: str
    started: str
    result: str
    checks: str
    reason: str
    folder: str


@dataclass(frozen=True, slots=True)
class Appendix:
    """Everything that is not needed in the first minute."""

    proof: str
    scenarios: tuple[ScenarioView, ...]
    attempts: tuple[AttemptRow, ...]
    timings: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]
    updates: tuple[tuple[str, str, str], ...]
    digests: tuple[tuple[str, str], ...]


def appendix(record: RunRecord) -> Appendix:
    """Write out the record's evidence."""
    scenarios = record.evidence.scenarios if record.evidence else ()
    return Appendix(
        proof=_proof_sentence(record),
        scenarios=tuple(scenario_view(one, record.verdict) for one in scenarios),
        attempts=tuple(_attempt(one) for one in record.attempts),
        timings=tuple((line(step, NAME), lasted(seconds)) for step, seconds in record.timings),
        versions=tuple((line(tool, NAME), line(version, NAME)) for tool, version in record.versions),
        updates=tuple(
            (line(one.ref, SUBJECT), short(one.expected) if one.expected else "absent", short(one.new))
            for one in record.updates
        ),
        digests=tuple((line(name, SUBJECT), line(digest, 64)) for name, digest in _files(record)),
    )


def _attempt(one: Attempt) -> AttemptRow:
    return AttemptRow(
        number=str(one.number),
        started=line(moment(one.started_at), NAME),
        result=line(one.result, NAME),
        checks=_tally(one.checks),
        reason=line(one.reason),
        folder=line(one.folder, SUBJECT) or "the run's own",
    )


def _tally(checks: tuple[Check, ...]) -> str:
    """`1 INVALID, 13 pass`, the worst first; empty for the last attempt, whose checks are the run's own."""
    found = Counter(check.result for check in checks)
    worst_first = sorted(found.items(), key=lambda item: -item[0].severity)
    return ", ".join(f"{count:,} {RESULTS[result].text}" for result, count in worst_first)


def _files(record: RunRecord) -> tuple[tuple[str, str], ...]:
    return record.evidence.files if record.evidence else ()


def _proof_sentence(record: RunRecord) -> str:
    if record.evidence is None:
        return "Nothing was measured."
    if not record.evidence.proof:
        return NO_PROOF
    asked = [seen for one in record.evidence.scenarios for seen in one.deployment]
    return "Staging was asked which commit it runs: " + observed_commits(asked) + "."
