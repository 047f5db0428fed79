"""Find the commit that this run is about: fetched, resolved once, its ancestry proved."""

from bot.core.blocking import blocks
from bot.core.candidate import BranchFacts, Candidate, Commit
from bot.core.gate import Refusal, examine
from bot.core.moments import iso
from bot.core.nights import done_in_slot
from bot.core.promotion import LedgerEntry, LockProof
from bot.core.reasons import Reason
from bot.core.record import Outcome, RunKind
from bot.core.selectors import HistoryFilter
from bot.core.tags import is_release
from bot.core.tampering import examine_ledger, examine_rewind, examine_slot
from bot.errors import BotError
from bot.flows.audit import check_signing, examine_trail
from bot.flows.line import examine_line
from bot.flows.past import RECENT, fetch_and_settle
from bot.flows.run import Run, refused
from bot.flows.taken_back import new_commits


def find_candidate(run: Run, lock: LockProof) -> Candidate | Refusal:
    """The candidate, or why there is none; the only place of a run where a branch name becomes an id (I1)."""
    repository = run.tools.repository
    fetch_and_settle(run, lock)
    tampered = examine_trail(run)
    with run.step("candidate"):
        facts = repository.branch_facts()
        refusal = _examine_past(run, facts) or tampered or _examine_line(run, facts) or _examine_branches(run, facts)
        candidate = Candidate(
            sha=facts.source_sha,
            base_sha=facts.target_sha,
            commits=_commits(run, facts, refusal),
            seen_at=iso(run.tools.clock.now()),
        )
        run.know(candidate=candidate)
    run.journal("candidate-found", sha=candidate.sha, base_sha=candidate.base_sha)
    if refusal is None:
        check_signing(run)
    return refusal or candidate


def _commits(run: Run, facts: BranchFacts, refusal: Refusal | None) -> tuple[Commit, ...]:
    """What a promotion would bring, or what waits for the person who takes away what is in its way."""
    in_question = refusal is None or blocks(refused(refusal).outcome, refusal.reason.code)
    # Of a history that is not whole, nobody can tell what is new.
    if not in_question or (refusal and refusal.reason is Reason.HISTORY_INCOMPLETE):
        return ()
    return new_commits(run.tools.repository, facts.target_sha, facts.source_sha)


def _examine_past(run: Run, facts: BranchFacts) -> Refusal | None:
    """Hold the ledger against what is known here, and the night's slot against the ledger (I4, I9, I14)."""
    entries = run.tools.repository.ledger()
    told = examine_rewind(facts, entries) or examine_slot(entries, run.request.slot)
    try:
        return examine_history(run, entries) or told or _examine_slot(run)
    except BotError as error:
        # What only this machine knows may be lost; the remote alone then says what may be promoted.
        run.tools.watcher.step("warning", f"{error.sentence} {error.action}")
        return told


def examine_history(run: Run, entries: tuple[LedgerEntry, ...]) -> Refusal | None:
    """Hold the ledger against the promotions that are on record here, and learn those that are not (I9, I14)."""
    known = run.tools.history.query(HistoryFilter(outcome=Outcome.PROMOTED.value))
    # Whoever changed the prefix has older releases on record; the audit holds those against the whole ledger.
    ours = (one for one in known if one.tag and is_release(run.request.tag_prefix, one.tag))
    refusal = examine_ledger(ours, entries)
    if refusal is None:
        with run.effect("restore history"):
            run.tools.history.restore(entries)
    return refusal


def _examine_slot(run: Run) -> Refusal | None:
    """The slot again, now that promotions of other machines are known."""
    slot = run.request.slot
    done = slot and done_in_slot(run.tools.history.query(HistoryFilter(limit=RECENT)), slot)
    if not done:
        return None
    how = f"it was promoted as {done.tag}" if done.tag else f"run {done.run_id} ended {done.outcome.value}"
    return Refusal(Reason.SLOT_DONE, f"The slot of {slot} is done: {how}.")


def _examine_line(run: Run, facts: BranchFacts) -> Refusal | None:
    """Whether people stopped the line (nothing is stopped where nothing is to be promoted)."""
    return examine_line(run, facts.source_sha) if facts.source_sha != facts.target_sha else None


def _examine_branches(run: Run, facts: BranchFacts) -> Refusal | None:
    """Whether the source may be promoted; a gate also tests what the target already holds."""
    # What the ledger says of the branches matters only where they parted.
    refusal = examine(facts, () if facts.target_is_ancestor else run.tools.repository.ledger())
    if refusal and refusal.reason is Reason.UP_TO_DATE and run.request.kind is RunKind.GATE:
        return None
    return refusal
