"""Whether the ledger still says what this machine saw it say: it only ever grows (invariant I14)."""

from collections.abc import Iterable

from bot.core.candidate import BranchFacts
from bot.core.gate import Refusal
from bot.core.promotion import LedgerEntry
from bot.core.reasons import Reason
from bot.core.record import Outcome, RunKind
from bot.core.selectors import RunSummary


def lost_promotions(runs: Iterable[RunSummary], entries: Iterable[LedgerEntry]) -> tuple[RunSummary, ...]:
    """The runs on record here that promoted, and whose entry is missing from the ledger or says something else."""
    held = {entry.run_id: (entry.sha, entry.tag) for entry in entries}
    released = (run for run in runs if run.outcome is Outcome.PROMOTED and run.tag)
    return tuple(run for run in released if held.get(run.run_id) != (run.sha, run.tag))


def examine_ledger(runs: Iterable[RunSummary], entries: Iterable[LedgerEntry]) -> Refusal | None:
    """A refusal where a promotion that is on record here is missing from the ledger, or another one stands there."""
    lost = lost_promotions(runs, entries)
    if not lost:
        return None
    named = ", ".join(f"{run.run_id} ({run.tag})" for run in lost[:5])
    return Refusal(Reason.LEDGER_BROKEN, f"The ledger on the remote lacks what it held before: {named}.")


def examine_rewind(facts: BranchFacts, entries: Iterable[LedgerEntry]) -> Refusal | None:
    """A refusal where the source's tip was promoted once and the target was taken back since (invariant I4).

    A target that still contains it only went on, be it by a hotfix, by a rollback or by a person.
    """
    if facts.target_contains_source:
        return None
    before = next((entry for entry in entries if entry.sha == facts.source_sha), None)
    if before is None:
        return None
    return Refusal(
        Reason.TARGET_REWOUND,
        f"{before.sha[:12]} was promoted as {before.tag}, and {facts.target} was taken back since.",
    )


def examine_slot(entries: Iterable[LedgerEntry], slot: str | None) -> Refusal | None:
    """A refusal where some machine promoted in that night's slot (a date, None for a run by hand) already (I4)."""
    nightly = (entry for entry in entries if entry.kind == RunKind.PROMOTION)
    done = next((entry for entry in nightly if slot is not None and entry.slot == slot), None)
    return Refusal(Reason.SLOT_DONE, f"The slot of {slot} is done: it was promoted as {done.tag}.") if done else None
