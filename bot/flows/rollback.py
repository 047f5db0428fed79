"""Roll the target back to the last good release, or to a named one, and keep what was taken back from coming again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from bot.core.candidate import BranchFacts, Candidate, Commit
from bot.core.control import Control
from bot.core.gate import Refusal, examine, grant
from bot.core.moments import iso
from bot.core.plan import Extras, Release, plan_promotion, plan_rewind
from bot.core.promotion import CommitPlan, LedgerEntry, LockProof, Move, PushPlan
from bot.core.quarantine import examine_quarantine
from bot.core.reasons import Reason
from bot.core.record import Outcome, Restored, RunRecord
from bot.core.rollback import (
    Ground,
    RollbackWay,
    Told,
    culprits_of,
    keeping_merge,
    last_good,
    named_release,
    not_behind,
    quarantines,
    restoring_commit,
    taken_back,
    without_merge,
)
from bot.core.trouble import commit_summary
from bot.errors import BotError
from bot.flows.audit import examine_trail
from bot.flows.candidate import examine_history
from bot.flows.land import release, send, show
from bot.flows.line import standing_now, warn_of_freeze
from bot.flows.past import fetch_and_settle
from bot.flows.quarantined import Quarantines
from bot.flows.release_notes import write_rollback_notes
from bot.flows.request import Effect, Request, Tools
from bot.flows.run import Ending, Run, refused
from bot.flows.session import play


@dataclass(frozen=True, slots=True)
class RollbackWish:
    """What is asked for: `tag` None means the last good release; `culprits` name the bad commits, by any id.

    Without culprits all that is taken back counts as bad.
    """

    tag: str | None = None
    way: RollbackWay = RollbackWay.FORWARD
    culprits: tuple[str, ...] = ()


def rollback(tools: Tools, request: Request, wish: RollbackWish) -> RunRecord:
    """Run one rollback from the lock to the reports; see `bot.flows.session`."""
    return play(tools, request, partial(_story, wish=wish))


_BACKPORT: Final = "Run `promote backport`: the source takes the rollback and keeps its content."


@dataclass(frozen=True, slots=True)
class _Choice:
    """Where the rollback begins and where it leads; `taken` is newest first, `culprits` are among it."""

    facts: BranchFacts
    ground: Ground
    good: LedgerEntry
    taken: tuple[Commit, ...]
    culprits: tuple[Commit, ...]


def _story(run: Run, lock: LockProof, *, wish: RollbackWish) -> Ending:
    fetch_and_settle(run, lock)
    tampered = examine_trail(run)
    with run.step("choose release"):
        choice = _choose(run, wish, tampered)
    if isinstance(choice, Refusal):
        return refused(choice)
    if _is_there(run, choice, wish.way):
        sentence = f"{choice.facts.target} already has the content of {choice.good.tag}."
        return Ending(Outcome.UP_TO_DATE, Reason.UP_TO_DATE, sentence)
    with run.effect("write notes"):
        plan = _plan(run, choice, wish.way)
    if isinstance(plan, Refusal):
        return refused(plan)
    if run.request.effect is Effect.DRY_RUN:
        return show(run, plan)
    warn_of_freeze(run, "a rollback")
    return _advised(run, send(run, plan, lock), wish.way)


def _advised(run: Run, ending: Ending, way: RollbackWay) -> Ending:
    """After a rollback: what is to be done before the next promotion."""
    restored = run.record.restored
    if ending.outcome is not Outcome.PROMOTED or restored is None:
        return ending
    backport = [_BACKPORT] if way is RollbackWay.TARGET_ONLY else []
    mend = [Reason.QUARANTINED.action] if restored.quarantined else []
    return replace(ending, action=" ".join((*backport, *mend))) if backport or mend else ending


def _choose(run: Run, wish: RollbackWish, tampered: Refusal | None) -> _Choice | Refusal:
    repository, prefix = run.tools.repository, run.request.tag_prefix
    facts = repository.branch_facts()
    ground = Ground(facts.target, facts.target_sha, repository.ledger())
    refusal = _unproved(facts) or _examine_past(run, ground) or tampered
    if refusal is not None:
        return refusal
    good = _good(run, ground, wish, prefix)
    if isinstance(good, Refusal):
        return good
    taken = taken_back(ground, repository.commits(good.sha, ground.sha))
    culprits = culprits_of(taken, [(name, repository.resolve(name)) for name in wish.culprits])
    return culprits if isinstance(culprits, Refusal) else _Choice(facts, ground, good, taken, culprits)


def _unproved(facts: BranchFacts) -> Refusal | None:
    refusal = examine(facts)
    return refusal if refusal and refusal.reason is Reason.HISTORY_INCOMPLETE else None


def _examine_past(run: Run, ground: Ground) -> Refusal | None:
    try:
        return examine_history(run, ground.entries)
    except BotError as error:
        # What only this machine knows may be lost; the ledger alone then says what was released.
        run.tools.watcher.step("warning", f"{error.sentence} {error.action}")
        return None


def _good(run: Run, ground: Ground, wish: RollbackWish, prefix: str) -> LedgerEntry | Refusal:
    repository = run.tools.repository
    quarantined = Quarantines(repository, standing_now(repository, run.tools.clock))

    def examination(entry: LedgerEntry) -> Refusal | None:
        if not repository.contains(ground.sha, entry.sha):
            return not_behind(ground, entry)
        return examine_quarantine(entry.sha, quarantined.at(entry.sha))

    if wish.tag is None:
        return last_good(ground, examination)
    return named_release(ground, wish.tag, prefix, examination)


def _is_there(run: Run, choice: _Choice, way: RollbackWay) -> bool:
    """Whether there is nothing to write: going back changes nothing about the target."""
    if way is RollbackWay.REWIND:
        return choice.good.sha == choice.ground.sha
    tree_of = run.tools.repository.tree_of
    return tree_of(choice.good.sha) == tree_of(choice.ground.sha)


def _plan(run: Run, choice: _Choice, way: RollbackWay) -> PushPlan | Refusal:
    """What to write; what the record says of it is known from here on, whatever comes of it."""
    now = run.tools.clock.now()
    controls = _controls(run, choice, now)
    restoring = None if way is RollbackWay.REWIND else _restoring(run, choice, now)
    target = restoring.sha if restoring else choice.good.sha
    candidate = Candidate(sha=target, base_sha=choice.ground.sha, commits=(), seen_at=iso(now))
    run.know(candidate=candidate, restored=_restored(choice, way, controls))
    approval = grant(
        candidate,
        run.request.justification or "",
        now=now.timestamp(),
        evidence_sha256=choice.good.evidence,
    )
    if isinstance(approval, Refusal):
        return approval
    ours = _release(run, choice, candidate)
    if restoring is None:
        return plan_rewind(candidate, approval, ours, controls)
    extras = _extras(run, choice, way, restoring)
    if isinstance(extras, Refusal):
        return extras
    return plan_promotion(candidate, approval, ours, replace(extras, controls=controls))


def _controls(run: Run, choice: _Choice, now: datetime) -> tuple[Control, ...]:
    told = Told(iso(now), run.request.actor, run.request.justification or "")
    return quarantines(choice.ground, choice.good, choice.taken, choice.culprits, told)


def _restoring(run: Run, choice: _Choice, now: datetime) -> CommitPlan:
    tree = run.tools.repository.tree_of(choice.good.sha)
    return restoring_commit(choice.ground, choice.good, tree, at=int(now.timestamp()), run_id=run.request.run_id)


def _restored(choice: _Choice, way: RollbackWay, controls: Sequence[Control]) -> Restored:
    return Restored(
        tag=choice.good.tag,
        sha=choice.good.sha,
        way=way.value,
        commits=tuple(map(commit_summary, choice.taken)),
        quarantined=tuple(event.sha for event in controls if event.sha),
    )


def _release(run: Run, choice: _Choice, candidate: Candidate) -> Release:
    """The release of the rollback: its evidence is that of the release whose content it has."""
    ours = release(run, candidate, partial(write_rollback_notes, taken=choice.taken))
    return replace(ours, restores=choice.good.tag, verdict=choice.good.verdict)


def _extras(run: Run, choice: _Choice, way: RollbackWay, restoring: CommitPlan) -> Extras | Refusal:
    """What goes with the target: the source with the restoring commit behind it, and its own content."""
    if way is RollbackWay.TARGET_ONLY:
        return Extras(commits=(restoring,))
    repository, source, sha = run.tools.repository, choice.facts.source, choice.facts.source_sha
    if not repository.contains(sha, choice.ground.sha):
        return without_merge(source, choice.ground)
    tree, run_id = repository.tree_of(sha), run.request.run_id
    merge = keeping_merge(source, sha, tree, restoring.sha, at=restoring.at, run_id=run_id)
    return Extras(moves=(Move(f"refs/heads/{source}", sha, merge.sha),), commits=(restoring, merge))
