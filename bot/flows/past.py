"""What earlier runs left: those that did not see their own end are settled by what the remote holds (I8, I10)."""

from dataclasses import replace
from typing import Final

from bot.core.evidence import Past
from bot.core.gate import Refusal
from bot.core.promotion import LockProof, Prepared, Promotion, PushOutcome, PushPlan, PushReport
from bot.core.reasons import Reason
from bot.core.record import Outcome, RunRecord
from bot.core.resume import plan_from
from bot.core.selectors import HistoryFilter, RunSummary, repository_key, summary_of
from bot.core.settle import Unsettled, is_begun, settle
from bot.core.trouble import last_promoted, trouble
from bot.core.verdict import Verdict
from bot.errors import BotError
from bot.flows.ports import RunFolder
from bot.flows.push import write
from bot.flows.run import Run

ENDED: Final = "ended"
RECENT: Final = 500
_NOTHING: Final = "The remote shows that nothing was moved."

# After these the remote may hold the promotion although the run did not see it.
UNSETTLED: Final = frozenset({Reason.PUSH_UNKNOWN, Reason.READ_BACK_FAILED, Reason.INTERRUPTED})


def settle_unfinished(run: Run, lock: LockProof) -> bool:
    """Settle every run of this repository that did not see its own end; returns whether anything was sent for one.

    What cannot be settled now is told and tried again the next time: an old run never blocks a new one (I12).
    """
    sent = False
    for run_id in run.tools.runs.unfinished():
        if run_id == run.request.run_id:
            continue
        try:
            sent = _settle(run, run_id, lock) or sent
        except BotError as error:
            run.tools.watcher.step("warning", f"run {run_id} cannot be settled: {error.sentence}")
    return sent


def _settle(run: Run, run_id: str, lock: LockProof) -> bool:
    folder, record = run.tools.runs.folder(run_id), _record(run, run_id)
    if record and repository_key(record.repository) != repository_key(run.request.repository):
        return False
    plan = _journalled_plan(folder)
    if plan is None:
        _end(run, folder, record and replace(record, reason=f"{record.reason} {_NOTHING}"))
        return False
    prepared = run.tools.repository.prepare(plan)
    seen = run.tools.repository.read_back(prepared)
    end = settle(prepared, PushReport(PushOutcome.UNKNOWN, (), ""), seen)
    if isinstance(end, Unsettled) and is_begun(prepared, seen):
        return _complete(run, folder, record, prepared, lock)
    _end(run, folder, record and _settled(record, end, _NOTHING))
    return False


def _complete(run: Run, folder: RunFolder, record: RunRecord | None, prepared: Prepared, lock: LockProof) -> bool:
    """Send the rest of a promotion of which the remote holds a part."""
    end = write(run, folder, prepared, lock)
    if isinstance(end, Unsettled):
        raise BotError(end.reason, end.sentence)
    _end(run, folder, record and _settled(record, end, end.sentence if isinstance(end, Refusal) else ""))
    return True


def _record(run: Run, run_id: str) -> RunRecord | None:
    """What is on record of it; None where that was lost: the journal and the remote still say what it came to."""
    try:
        return run.tools.runs.load(run_id)
    except BotError:
        return None


def _journalled_plan(folder: RunFolder) -> PushPlan | None:
    """What the run was about to send; None where it never came so far."""
    told = [line for line in folder.journal_lines() if line.get("event") == "prepared"]
    try:
        return plan_from(told[-1].get("plan")) if told else None
    except ValueError as error:
        raise BotError(Reason.STATE_UNUSABLE, f"Its journal is damaged: {error}") from None


def _end(run: Run, folder: RunFolder, record: RunRecord | None) -> None:
    """Write down how an old run ended, before anything that may fail is made of it."""
    if record is not None:
        run.tools.runs.save(record)
    folder.journal(ENDED, settled_by=run.request.run_id)
    if record is not None:
        run.tools.history.add(record)
        for _ in run.tools.reporter.write(record, folder):
            pass


def _settled(record: RunRecord, end: Promotion | Refusal | Unsettled, otherwise: str) -> RunRecord:
    """The record of a run that did not see its own end, in the light of what the remote holds."""
    if not isinstance(end, Promotion):
        return replace(record, reason=f"{record.reason} {otherwise}")
    return replace(
        record,
        outcome=Outcome.PROMOTED,
        reason_code=Reason.PROMOTED.code,
        reason=f"{end.target_after[:12]} was promoted as {end.tag}; the run did not see it, the next one did.",
        action=Reason.PROMOTED.action,
        promotion=end,
    )


def know_trouble(run: Run) -> None:
    """Add to the record since when the source is not promotable, and whose commits are in question."""
    commits = run.record.candidate.commits if run.record.candidate else ()
    run.know(trouble=trouble(_recent(run), summary_of(run.record), commits))


def previous_verdict(run: Run) -> Verdict | None:
    """The verdict of the last promoted run whose record is still here, for "what changed"."""
    try:
        summary = last_promoted(_recent(run))
        return None if summary is None else run.tools.runs.load(summary.run_id).verdict
    except BotError:
        return None


def past_nights(run: Run) -> tuple[Past, ...]:
    """What earlier nights showed for the objectives of this one; nothing where the history cannot be read.

    Then no entry says that a history was looked for, and a limit relative to it is INVALID, not "no baseline yet".
    """
    try:
        return run.tools.history.past(run.plan)
    except BotError as error:
        run.tools.watcher.step("warning", f"{error.sentence} {error.action}")
        return ()


def _recent(run: Run) -> tuple[RunSummary, ...]:
    """The last runs: a year of nights and some gates by hand."""
    return run.tools.history.query(HistoryFilter(limit=RECENT))
