"""Find the hotfix that a run is about: its branch resolved once, its ancestry proved, the line examined."""

from dataclasses import replace

from bot.core.candidate import Candidate
from bot.core.gate import Refusal
from bot.core.hotfix import MOST_LACKING, Ground, Hotfix, Quarantined, examine_cases, examine_hotfix, foreign_sides
from bot.core.moments import iso
from bot.core.reasons import Reason
from bot.core.releases import restoring_commits
from bot.core.tampering import examine_rewind
from bot.core.text import plain
from bot.errors import BotError
from bot.flows.candidate import examine_history
from bot.flows.line import standing_now, warn_of_freeze
from bot.flows.quarantined import Quarantines
from bot.flows.run import Run


def look(run: Run, branch: str) -> Ground:
    """Where hotfix, target and source stand; beside `find_candidate` the only place where names become ids (I1)."""
    repository = run.tools.repository
    facts, sha = repository.branch_facts(), repository.branch_tip(branch)
    if sha is None:
        sentence = f"The remote has no branch {plain(branch)!r}."
        raise BotError(Reason.BRANCH_MISSING, sentence, "Push the hotfix branch, or correct its name.")
    lacking = () if repository.contains(sha, facts.target_sha) else repository.commits(sha, facts.target_sha)
    is_on_target = repository.contains(facts.target_sha, sha)
    return Ground(Hotfix(branch, sha), facts, is_on_target, lacking[:MOST_LACKING])


def candidate_of(run: Run, ground: Ground) -> Candidate:
    """The commit that this run is about, and what it brings; the record knows it, whatever becomes of it."""
    sha, base = ground.hotfix.sha, ground.facts.target_sha
    commits = () if examine_hotfix(ground) else run.tools.repository.commits(base, sha)
    candidate = Candidate(sha=sha, base_sha=base, commits=commits, seen_at=iso(run.tools.clock.now()))
    run.know(candidate=candidate)
    run.journal("candidate-found", sha=sha, base_sha=base, branch=plain(ground.hotfix.branch))
    return candidate


def examine(run: Run, ground: Ground, candidate: Candidate) -> Refusal | None:
    """Whether the hotfix may go to the target; a freeze does not hold it up, a quarantine does."""
    return examine_hotfix(ground) or _examine_past(run, ground) or _examine_line(run, ground, candidate)


def _examine_past(run: Run, ground: Ground) -> Refusal | None:
    entries = run.tools.repository.ledger()
    hotfix = ground.hotfix
    as_source = replace(
        ground.facts, source=hotfix.branch, source_sha=hotfix.sha, target_contains_source=ground.is_on_target
    )
    rewound = examine_rewind(as_source, entries)
    try:
        return examine_history(run, entries) or rewound
    except BotError as error:
        # What only this machine knows may be lost; the ledger alone then says what was released.
        run.tools.watcher.step("warning", f"{error.sentence} {error.action}")
        return rewound


def _examine_line(run: Run, ground: Ground, candidate: Candidate) -> Refusal | None:
    repository = run.tools.repository
    standing = Quarantines(repository, standing_now(repository, run.tools.clock))
    warn_of_freeze(run, "a hotfix")
    found = Quarantined(
        commits=candidate.commits,
        cases=standing.at(candidate.sha),
        sides={side: standing.at(side) for side in foreign_sides(candidate.base_sha, candidate.commits)},
        restoring=restoring_commits(repository.ledger()),
    )
    return examine_cases(ground, found)
