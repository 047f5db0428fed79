"""Where things stand: branches, lag, the last run, and since when promotion is blocked."""

from dataclasses import dataclass
from typing import Final

from bot.core.candidate import BranchFacts
from bot.core.gate import examine
from bot.core.record import Repository
from bot.core.selectors import HistoryFilter, RunSummary
from bot.core.trouble import blocked_since
from bot.flows import ports

_RECENT: Final = 500


@dataclass(frozen=True, slots=True)
class Status:
    """One look at a repository; `lag_hours` is the age of the oldest commit that is not on the target yet."""

    repository: Repository
    facts: BranchFacts
    lag_commits: int
    lag_hours: float
    promotable: bool
    reason: str
    last_run: RunSummary | None
    last_promotion: RunSummary | None
    blocked_since: str | None


def look(git: ports.Repository, history: ports.History, clock: ports.Clock, repository: Repository) -> Status:
    """Fetch, and put what the remote and the history say into one value."""
    git.fetch()
    facts = git.branch_facts()
    history.restore(git.ledger())
    waiting = git.commits(facts.target_sha, facts.source_sha)
    refusal = examine(facts)
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
    )
