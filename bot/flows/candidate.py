"""Find the commit that this run is about: fetched, resolved once, its ancestry proved."""

from bot.core.candidate import Candidate
from bot.core.gate import Refusal, examine
from bot.core.moments import iso
from bot.flows.past import read_past
from bot.flows.run import Run


def find_candidate(run: Run) -> Candidate | Refusal:
    """The candidate, or why there is none; the only place of a run where a branch name becomes an id (I1)."""
    repository = run.tools.repository
    with run.step("fetch", run.request.repository.remote):
        repository.fetch()
        read_past(run)
    with run.step("candidate"):
        facts = repository.branch_facts()
        refusal = examine(facts)
        candidate = Candidate(
            sha=facts.source_sha,
            base_sha=facts.target_sha,
            commits=() if refusal else repository.commits(facts.target_sha, facts.source_sha),
            seen_at=iso(run.tools.clock.now()),
        )
        run.know(candidate=candidate)
    run.folder.journal("candidate-found", sha=candidate.sha, base_sha=candidate.base_sha)
    return refusal or candidate
