"""What earlier runs left: promotions read again from the ledger, and runs that were killed settled by it (I8, I9)."""

from dataclasses import replace
from typing import Final

from bot.core.promotion import LedgerEntry, Promotion
from bot.core.reasons import Reason
from bot.core.record import Outcome, RunRecord
from bot.core.selectors import HistoryFilter, RunSummary, summary_of
from bot.core.trouble import last_promoted, trouble
from bot.core.verdict import Verdict
from bot.errors import BotError
from bot.flows.request import Tools
from bot.flows.run import Run

ENDED: Final = "ended"
_RECENT: Final = 500

# After these the remote may hold the promotion although the run did not see it.
UNSETTLED: Final = frozenset({Reason.PUSH_UNKNOWN.code, Reason.READ_BACK_FAILED.code, Reason.INTERRUPTED.code})


def read_past(run: Run) -> None:
    """Bring the history up to the ledger just fetched, and settle every run that did not end by itself."""
    entries = run.tools.repository.ledger()
    run.tools.history.restore(entries)
    for run_id in run.tools.runs.unfinished():
        if run_id != run.request.run_id:
            _settle(run.tools, run_id, entries)


def _settle(tools: Tools, run_id: str, entries: tuple[LedgerEntry, ...]) -> None:
    """Read what became of one run from the remote's ledger alone, and write that into its record."""
    folder = tools.runs.folder(run_id)
    try:
        record = tools.runs.load(run_id)
    except BotError:
        folder.journal(ENDED, outcome=Outcome.ERROR.value, settled="no record")
        return
    record = settled(record, next((entry for entry in entries if entry.run_id == run_id), None))
    tools.runs.save(record)
    tools.history.add(record)
    for _ in tools.reporter.write(record, folder):
        pass
    folder.journal(ENDED, outcome=record.outcome.value, settled="by the ledger")


def settled(record: RunRecord, entry: LedgerEntry | None) -> RunRecord:
    """The record of a run that did not see its own end, in the light of the ledger entry that names it, if any."""
    if entry is None:
        if record.outcome is not Outcome.ERROR:
            return record
        return replace(record, reason=f"{record.reason} The ledger shows that nothing was moved.")
    return replace(
        record,
        outcome=Outcome.PROMOTED,
        reason_code=Reason.PROMOTED.code,
        reason=f"{entry.sha[:12]} was promoted as {entry.tag}; the run did not see it, the ledger does.",
        action=Reason.PROMOTED.action,
        promotion=record.promotion or _from_ledger(entry),
    )


def _from_ledger(entry: LedgerEntry) -> Promotion:
    return Promotion(tag=entry.tag, tag_oid="", ledger_oid="", target_before=entry.base, target_after=entry.sha)


def know_trouble(run: Run) -> None:
    """Add to the record since when the source is not promotable, and whose commits are in question."""
    commits = run.record.candidate.commits if run.record.candidate else ()
    run.know(trouble=trouble(_recent(run), summary_of(run.record), commits))


def previous_verdict(run: Run) -> Verdict | None:
    """The verdict of the last promoted run whose record is still here, for "what changed"."""
    summary = last_promoted(_recent(run))
    if summary is None:
        return None
    try:
        return run.tools.runs.load(summary.run_id).verdict
    except BotError:
        return None


def _recent(run: Run) -> tuple[RunSummary, ...]:
    """The last runs: a year of nights and some gates by hand."""
    return run.tools.history.query(HistoryFilter(limit=_RECENT))
