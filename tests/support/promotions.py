"""Approved candidates and plans for tests, from a real repository or from thin air."""

from datetime import UTC, datetime
from pathlib import Path

from support.gitrepos import Repo

from bot.adapters.git import GitRepository
from bot.core.candidate import Candidate
from bot.core.gate import Approval, Refusal, decide
from bot.core.plan import Extras, Release, TagText, plan_promotion
from bot.core.promotion import LockProof, Prepared, Promotion, PushOutcome, PushPlan, PushReport
from bot.core.settle import Unsettled, settle
from bot.core.succession import next_moment
from bot.core.verdict import Result, Verdict

TWO = datetime(2026, 11, 21, 2, 0, 0, tzinfo=UTC)
PASSED = Verdict(result=Result.PASS, checks=(), evidence_sha256="e" * 64, objectives_sha256="0" * 64)


def candidate(sha: str = "a" * 40, base: str = "b" * 40) -> Candidate:
    return Candidate(sha=sha, base_sha=base, commits=(), seen_at="2026-11-21T01:30:00Z")


def approval(of: Candidate, at: datetime = TWO) -> Approval:
    made = decide(of, PASSED, now=at.timestamp())
    assert isinstance(made, Approval)
    return made


def release(**more: object) -> Release:
    """What is released at two o'clock, as the plans of these tests have it."""
    values = {
        "kind": "promotion",
        "run_id": "run-1",
        "actor": "ada",
        "verdict": "pass",
        "at": TWO,
        "moment": TWO,
        "tag_prefix": "release/",
        "source": "staging",
        "target": "main",
        "message": TagText("Nightly Release: 2026-11-21", "### Features\n\n- begin\n"),
        "ledger_before": None,
    }
    return Release(**(values | more))


def open_repository(remote: Repo, folder: Path, **more: object) -> GitRepository:
    """A repository on that remote with a cache below the folder."""
    options = {"source": "staging", "target": "main", "tag_prefix": "release/"} | more
    return GitRepository(remote.url, folder / "cache.git", **options)


def plan_for(
    repository: GitRepository,
    *,
    run_id: str = "run-1",
    at: datetime = TWO,
    extras: Extras | None = None,
    **more: object,
) -> PushPlan:
    """Plan the promotion of what that repository has fetched."""
    facts = repository.branch_facts()
    chosen = candidate(facts.source_sha, facts.target_sha)
    values = {
        "ledger_before": repository.ledger_tip(),
        "run_id": run_id,
        "at": at,
        "moment": next_moment("release/", repository.release_tags(), repository.ledger(), at),
        "source": facts.source,
        "target": facts.target,
    } | more
    plan = plan_promotion(chosen, approval(chosen, at), release(**values), extras or Extras())
    assert isinstance(plan, PushPlan)
    return plan


def prepared_on(remote: Repo, folder: Path, **more: object) -> tuple[GitRepository, Prepared]:
    """Fetch, plan and prepare: everything up to the push."""
    repository = open_repository(remote, folder)
    repository.fetch()
    return repository, repository.prepare(plan_for(repository, **more))


def pushed(
    repository: GitRepository, prepared: Prepared, lock: LockProof
) -> tuple[PushReport, Promotion | Refusal | Unsettled]:
    """Push, read back and settle, as a run does."""
    report = repository.push(prepared, lock)
    return report, settle(prepared, report, repository.read_back(prepared))


def landed(repository: GitRepository, prepared: Prepared) -> bool:
    """Whether the remote, asked anew, holds all of it."""
    unanswered = PushReport(PushOutcome.UNKNOWN, (), "")
    return isinstance(settle(prepared, unanswered, repository.read_back(prepared)), Promotion)
