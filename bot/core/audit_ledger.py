"""The ledger against itself, and against what this installation saw of it: it only ever grows (invariant I14)."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from bot.core.differences import Difference, Kind
from bot.core.ledgerlog import Reading
from bot.core.selectors import RunSummary
from bot.core.tampering import lost_promotions
from bot.core.text import plain
from bot.core.trail import LedgerStep, Sighting


def ledger_differences(
    steps: Sequence[LedgerStep], reading: Reading, sighting: Sighting, runs: Iterable[RunSummary]
) -> Iterator[Difference]:
    """Lines that were lost or cannot be read, and histories that are not the one that was seen."""
    for fault in reading.faults:
        yield Difference(Kind.LEDGER_UNREADABLE, plain(fault), f"The ledger cannot be read: {plain(fault, 300)}.")
    yield from _lost_lines(reading)
    yield from _lost_history({step.sha for step in steps}, sighting)
    yield from _lost_runs(runs, reading)
    yield from _forks(steps)


def _lost_lines(reading: Reading) -> Iterator[Difference]:
    for loss in reading.losses:
        yield Difference(
            Kind.LEDGER_REWRITTEN,
            f"{loss.commit[:12]}:{loss.path[:12]}",
            f"Ledger commit {loss.commit[:12]} by {plain(loss.author, 60) or 'nobody'} took away or changed lines "
            f"under {loss.path[:14]}.",
        )


def _lost_history(commits: Collection[str], sighting: Sighting) -> Iterator[Difference]:
    seen = sighting.ledger
    if seen is not None and seen not in commits:
        held = "no longer contains that commit" if commits else "is gone"
        yield Difference(
            Kind.LEDGER_REWRITTEN,
            seen[:12],
            f"The ledger was at {seen[:12]} when it was last audited here, and {held}.",
        )


def _lost_runs(runs: Iterable[RunSummary], reading: Reading) -> Iterator[Difference]:
    for run in lost_promotions(runs, reading.entries):
        yield Difference(
            Kind.LEDGER_REWRITTEN,
            run.run_id,
            f"Run {plain(run.run_id)} promoted {(run.sha or '')[:12]} as {run.tag}; the ledger has no such entry.",
        )


def _forks(steps: Sequence[LedgerStep]) -> Iterator[Difference]:
    for step in dict.fromkeys((step.sha, step.parents, step.author) for step in steps):
        sha, parents, author = step
        if len(parents) > 1:
            yield Difference(
                Kind.LEDGER_MERGED, sha[:12], f"Ledger commit {sha[:12]} by {plain(author, 60) or 'nobody'} is a merge."
            )
