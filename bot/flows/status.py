"""Where things stand: branches, lag, freezes and quarantines, the last run, and since when promotion is blocked."""

from dataclasses import dataclass
from typing import Final

from bot.core.audit import Terms
from bot.core.candidate import BranchFacts
from bot.core.control import Standing
from bot.core.differences import Difference
from bot.core.diverged import diverged
from bot.core.freeze import examine_freeze
from bot.core.gate import Refusal, examine
from bot.core.promotion import LedgerEntry
from bot.core.quarantine import examine_quarantine
from bot.core.record import Repository
from bot.core.selectors import HistoryFilter, RunSummary
from bot.core.tampering import examine_rewind
from bot.core.trouble import blocked_since
from bot.flows import ports
from bot.flows.audit import glance, refusal_of
from bot.flows.line import standing_now
from bot.flows.quarantined import cases

_RECENT: Final = 500


@dataclass(frozen=True, slots=True)
class Status:
    """One look at a repository; `lag_hours` is the age of the oldest commit that is not on the target yet.

    `diverged` is the hotfix or rollback that is on the target alone, None where there is none; `differences` are what
    an audit finds, the gravest first.
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
    standing: Standing
    diverged: LedgerEntry | None
    differences: tuple[Difference, ...]


def look(
    git: ports.Repository, history: ports.History, clock: ports.Clock, repository: Repository, terms: Terms
) -> Status:
    """Fetch, and put what the remote, its audit and the history say into one value."""
    git.fetch()
    found = glance(git, history, terms)
    facts = git.branch_facts()
    entries = git.ledger()
    history.restore(entries)
    waiting = git.commits(facts.target_sha, facts.source_sha)
    now = standing_now(git, clock)
    refusal = (
        examine_rewind(facts, entries) or refusal_of(found) or _stopped(git, facts, now) or examine(facts, entries)
    )
    runs = history.query(HistoryFilter(limit=_RECENT))
    oldest = min((commit.committed_at for commit in waiting), default=None)
    lag = 0.0 if oldest is None else max(0.0, clock.now().timestamp() - oldest) / 3600
    return Status(
        repository=repository,
        facts=facts,
        lag_commits=len(waiting),
        lag_hours=round(lag, 2),
        promotable=refusal is None,
        reason="" if refusal is None else refusal.sentence,
        last_run=runs[0] if runs else None,
        last_promotion=next((run for run in runs if run.tag), None),
        blocked_since=blocked_since(runs),
        standing=now,
        diverged=diverged(facts, entries),
        differences=(*found.serious, *found.warnings),
    )


def _stopped(git: ports.Repository, facts: BranchFacts, now: Standing) -> Refusal | None:
    """What a night would say first, where there is anything to promote at all."""
    tip = facts.source_sha
    if tip == facts.target_sha:
        return None
    return examine_freeze(now) or examine_quarantine(tip, cases(git, now, tip))
