"""What earlier runs left: those that did not see their own end are settled by what the remote holds (I8, I10)."""

from collections import deque
from dataclasses import replace
from typing import Final

from bot.core.completion import Stuck
from bot.core.evidence import Past
from bot.core.gate import Refusal
from bot.core.promotion import LockProof, Prepared, Promotion, PushOutcome, PushReport
from bot.core.reasons import Reason
from bot.core.record import Outcome, RunRecord, Settled
from bot.core.resume import prepared_from
from bot.core.selectors import HistoryFilter, RunSummary, repository_key, summary_of
from bot.core.settle import Unsettled, is_begun, settle
from bot.core.telling import tells
from bot.core.trouble import is_troubled, last_promoted, trouble
from bot.core.verdict import Verdict
from bot.errors import BotError
from bot.flows.half import Half, complete
from bot.flows.manifests import seal
from bot.flows.ports import RunFolder
from bot.flows.run import Run
from bot.flows.taken_back import releases_taken_back

ENDED: Final = "ended"
RECENT: Final = 500
_NOTHING: Final = "The remote shows that nothing was moved."


def fetch_and_settle(run: Run, lock: LockProof) -> None:
    """Fetch, settle what earlier runs left, and fetch again where that changed the remote: how every run begins."""
    with run.step("fetch", run.request.repository.remote):
        run.tools.repository.fetch()
    if settle_unfinished(run, lock):
        with run.step("fetch again", run.request.repository.remote):
            run.tools.repository.fetch()


def settle_unfinished(run: Run, lock: LockProof) -> bool:
    """Settle every run of this repository that did not see its own end; returns whether anything was sent for one.

    What nobody can read any more is told and passed over: an old run never blocks a new one (I12).

    Raises:
        BotError: the remote could not be asked about one, or holds a part of what it sent and does not take the rest.
            Whatever is built on such a half would make it last (I8).
    """
    sent = False
    for run_id in run.tools.runs.unfinished():
        if run_id != run.request.run_id:
            sent = _settle(run, run_id, lock) or sent
    return sent


def _settle(run: Run, run_id: str, lock: LockProof) -> bool:
    try:
        folder, record = run.tools.runs.folder(run_id), _record(run, run_id)
        prepared = _journalled(folder)
    except BotError as error:
        run.tools.watcher.step("warning", f"run {run_id} cannot be settled: {error.sentence}")
        return False
    if record and repository_key(record.repository) != repository_key(run.request.repository):
        return False
    if prepared is None:
        _end(run, folder, record and _without_push(record))
        return False
    with run.effect("read back old run"):
        seen = run.tools.repository.read_back(prepared)
    end = settle(prepared, PushReport(_reported(folder), (), ""), seen)
    if isinstance(end, Promotion) or not is_begun(prepared, seen):
        _end(run, folder, record and _settled(record, end, _NOTHING))
        return False
    if isinstance(end, Unsettled) and end.reason is Reason.BRANCH_REWOUND:
        _end(run, folder, record and _and(record, end.sentence))
        return False
    return _complete(run, folder, record, Half(prepared, seen), lock)


def _complete(run: Run, folder: RunFolder, record: RunRecord | None, half: Half, lock: LockProof) -> bool:
    end = complete(run, folder, half, lock)
    if end is not None:
        _end(run, folder, record and _settled(record, end, end.sentence if isinstance(end, Stuck) else ""))
    return isinstance(end, Promotion)


def _record(run: Run, run_id: str) -> RunRecord | None:
    """What is on record of it; None where that was lost: the journal and the remote still say what it came to."""
    try:
        return run.tools.runs.load(run_id)
    except BotError:
        return None


def _journalled(folder: RunFolder) -> Prepared | None:
    """What the run was about to send; None where it never came so far."""
    told = [line for line in folder.journal_lines() if line.get("event") == "prepared"]
    try:
        return prepared_from(told[-1]) if told else None
    except ValueError as error:
        raise BotError(Reason.STATE_UNUSABLE, f"Its journal is damaged: {error}") from None


def _reported(folder: RunFolder) -> PushOutcome:
    """What was said of its last push, where it came to that: a half that it called landed was taken back since."""
    told = [line.get("outcome") for line in folder.journal_lines() if line.get("event") == "pushed"]
    return PushOutcome.LANDED if told and told[-1] == PushOutcome.LANDED.value else PushOutcome.UNKNOWN


def _end(run: Run, folder: RunFolder, record: RunRecord | None) -> None:
    """Write down how an old run ended; its journal says so last, so that a crash in between does all of it again."""
    if record is not None:
        with run.effect("save old run"):
            run.tools.runs.save(record)
        with run.effect("add old run to history"):
            run.attempt(lambda: run.tools.history.add(record))
        with run.effect("write reports of old run"):
            run.attempt(lambda: deque(run.tools.reporter.write(record, folder), maxlen=0))
            run.attempt(lambda: seal(folder, record))
    owes = record is not None and record.candidate is not None and tells(folder.journal_lines())
    run.journal(ENDED, into=folder, settled_by=run.request.run_id, tells=owes)
    ended = _as_settled(folder.path.name, record)
    run.tools.watcher.step("settled", f"run {ended.run_id}: {ended.reason}")
    run.know(settled=(*run.record.settled, ended))


def _as_settled(run_id: str, record: RunRecord | None) -> Settled:
    if record is None:
        return Settled(run_id, None, None, "Its record was lost.")
    return Settled(run_id, record.outcome, record.reason_code, record.reason)


def _without_push(record: RunRecord) -> RunRecord:
    """The record of a run that never sent anything; one that knows its own end is left as it is."""
    return _and(record, _NOTHING) if record.reason_code == Reason.INTERRUPTED.code else record


def _and(record: RunRecord, sentence: str) -> RunRecord:
    return record if record.reason.endswith(sentence) else replace(record, reason=f"{record.reason} {sentence}")


def _settled(record: RunRecord, end: Promotion | Refusal | Unsettled | Stuck, otherwise: str) -> RunRecord:
    """The record of a run that did not see its own end, in the light of what the remote holds."""
    if not isinstance(end, Promotion):
        return _and(record, otherwise)
    if record.promotion == end:
        return record
    named = f" as {end.tag}" if end.tag else ""
    return replace(
        record,
        outcome=Outcome.PROMOTED,
        reason_code=Reason.PROMOTED.code,
        reason=f"{end.target_after[:12]} was promoted{named}; the run did not see it, the next one did.",
        action=Reason.PROMOTED.action,
        promotion=end,
    )


def know_trouble(run: Run) -> None:
    """Add to the record since when the source is not promotable, and whose commits are in question."""
    ours = summary_of(run.record)
    if is_troubled(ours):
        commits = run.record.candidate.commits if run.record.candidate else ()
        run.know(trouble=trouble(_recent(run), ours, commits, without=_taken_back(run)))


def _taken_back(run: Run) -> frozenset[str]:
    """Also of a run that was refused before it looked; a ledger that cannot be understood takes nothing back."""
    try:
        return releases_taken_back(run.tools.repository, run.tools.clock)
    except BotError:
        return run.taken_back


def previous_verdict(run: Run) -> Verdict | None:
    """The verdict of the last promoted run whose record is still here, for "what changed"."""
    try:
        summary = last_promoted(_recent(run), without=run.taken_back)
        return None if summary is None else run.tools.runs.load(summary.run_id).verdict
    except BotError:
        return None


def past_nights(run: Run) -> tuple[Past, ...]:
    """What earlier nights showed for the objectives of this one; nothing where the history cannot be read.

    Then no entry says that a history was looked for, and a limit relative to it is INVALID, not "no baseline yet".
    """
    try:
        return run.tools.history.past(run.plan, without=run.taken_back)
    except BotError as error:
        run.tools.watcher.step("warning", f"{error.sentence} {error.action}")
        return ()


def _recent(run: Run) -> tuple[RunSummary, ...]:
    """The last runs: a year of nights and some gates by hand."""
    return run.tools.history.query(HistoryFilter(limit=RECENT))
