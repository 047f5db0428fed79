"""Where things stand: branches, lag, freezes and quarantines, the last run, and since when promotion is blocked."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.core.audit import Terms
from bot.core.backport import Begun
from bot.core.candidate import BranchFacts, Commit
from bot.core.control import Standing
from bot.core.differences import Difference
from bot.core.diverged import diverged
from bot.core.freeze import examine_freeze
from bot.core.gate import Refusal, examine
from bot.core.promotion import LedgerEntry
from bot.core.quarantine import examine_quarantine
from bot.core.reasons import Reason
from bot.core.record import Repository
from bot.core.selectors import HistoryFilter, RunSummary
from bot.core.tampering import examine_rewind
from bot.core.trouble import blocked_since, last_promoted
from bot.errors import BotError
from bot.flows import ports
from bot.flows.audit import glance, refusal_of
from bot.flows.line import standing_now
from bot.flows.quarantined import cases
from bot.flows.taken_back import releases_taken_back

_RECENT: Final = 500


@dataclass(frozen=True, slots=True)
class Told:
    """What the ledger says: its entries, what holds, and the releases (full ids) that were taken back.

    Nothing of it is known, and `standing` is None, where `fault` says why nobody can understand it.
    """

    entries: tuple[LedgerEntry, ...] = ()
    standing: Standing | None = None
    taken_back: frozenset[str] = frozenset()
    fault: BotError | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """One look at a repository; `lag_hours` is the age of the oldest commit that is not on the target yet.

    `diverged` is the hotfix or rollback that is on the target alone, None where there is none; `differences` are what
    an audit finds, the gravest first. `standing` is None where nobody can understand the ledger. `waiting` is the
    back-merge that waits for a person, in a work tree at `bench`. `fault` is why a part of this could not be read.
    """

    repository: Repository
    facts: BranchFacts
    lag_commits: int
    lag_hours: float
    promotable: bool
    reason: str
    last_run: RunSummary | None
    last_promotion: RunSummary | None
    blocked_since: str | None
    standing: Standing | None
    diverged: LedgerEntry | None
    differences: tuple[Difference, ...]
    bench: Path
    waiting: Begun | None = None
    fault: BotError | None = None


@dataclass(frozen=True, slots=True)
class Sources:
    """Whom a status asks."""

    git: ports.Repository
    history: ports.History
    bench: ports.Workbench
    clock: ports.Clock


def look(sources: Sources, repository: Repository, terms: Terms) -> Status:
    """Fetch, and put what the remote, its audit and the history say into one value."""
    git, history = sources.git, sources.history
    git.fetch()
    found = glance(git, history, terms)
    facts = git.branch_facts()
    told = _told(git, sources.clock)
    history.restore(told.entries)
    waits, unread = _begun(sources.bench)
    waiting = git.commits(facts.target_sha, facts.source_sha)
    refusal = (
        examine_rewind(facts, told.entries)
        or refusal_of(found.serious)
        or _stopped(git, facts, told)
        or examine(facts, told.entries)
    )
    runs = history.query(HistoryFilter(limit=_RECENT))
    return Status(
        repository=repository,
        facts=facts,
        lag_commits=len(waiting),
        lag_hours=_hours(waiting, sources.clock),
        promotable=refusal is None,
        reason="" if refusal is None else refusal.sentence,
        last_run=runs[0] if runs else None,
        last_promotion=last_promoted(runs, without=told.taken_back),
        blocked_since=blocked_since(runs, in_the_way=refusal is not None),
        standing=told.standing,
        diverged=diverged(facts, told.entries),
        differences=(*found.serious, *found.warnings),
        bench=sources.bench.path,
        waiting=waits,
        fault=told.fault or unread,
    )


def _told(git: ports.Repository, clock: ports.Clock) -> Told:
    try:
        return Told(git.ledger(), standing_now(git, clock), releases_taken_back(git, clock))
    except BotError as error:
        if error.reason is not Reason.LEDGER_BROKEN:
            raise
        return Told(fault=error)


def _begun(bench: ports.Workbench) -> tuple[Begun | None, BotError | None]:
    try:
        return bench.begun(), None
    except BotError as error:
        return None, error


def _hours(waiting: Sequence[Commit], clock: ports.Clock) -> float:
    """The age of the oldest."""
    oldest = min((commit.committed_at for commit in waiting), default=None)
    return 0.0 if oldest is None else round(max(0.0, clock.now().timestamp() - oldest) / 3600, 2)


def _stopped(git: ports.Repository, facts: BranchFacts, told: Told) -> Refusal | None:
    """What a night would say first, where there is anything to promote at all."""
    tip = facts.source_sha
    if told.fault:
        return Refusal(told.fault.reason, told.fault.sentence)
    if tip == facts.target_sha or told.standing is None:
        return None
    return examine_freeze(told.standing) or examine_quarantine(tip, cases(git, told.standing, tip))
