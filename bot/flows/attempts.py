"""Measuring the candidate as often as the configuration allows: the very same commit, each time whole (I1, I16)."""

from bot.core.attempts import kept, may_repeat
from bot.core.candidate import Candidate
from bot.core.manifest import measured_files
from bot.core.verdict import Verdict
from bot.flows.measure import measure
from bot.flows.run import Run


def measure_with_retries(run: Run, candidate: Candidate) -> Verdict:
    """Measure it, and again while that proved nothing and `retry` allows it; the verdict is the last attempt's.

    Whatever cuts a measurement off ends the run: only a verdict is repeated.
    """
    verdict = measure(run, candidate)
    while may_repeat(verdict.result, len(run.record.attempts), run.plan.retry):
        _set_aside(run, verdict)
        verdict = measure(run, candidate)
    return verdict


def _set_aside(run: Run, verdict: Verdict) -> None:
    """Move what the last attempt left into a folder of its own, with the record as it stood then."""
    record = run.record
    *before, last = record.attempts
    aside = kept(last, verdict)
    with run.step(f"attempt {last.number + 1}", f"attempt {last.number} was {last.result}: {last.reason}"):
        run.folder.journal("set-aside", attempt=last.number, folder=aside.folder, evidence=last.evidence_sha256)
        # Known first: whoever interrupts this must not leave a verdict beside files that are not its own any more.
        run.know(evidence=None, verdict=None, attempts=(*before, aside))
        run.tools.runs.set_aside(record, aside.folder, measured_files(run.folder.names()))
        run.tools.runs.save(run.record)
