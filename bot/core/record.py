"""The run record: all that is known of one run, the only thing stored and the only input of a renderer."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.core.candidate import Candidate
from bot.core.conflict import Conflict
from bot.core.enrichment import Brought
from bot.core.evidence import Evidence
from bot.core.hosting import Announced, SeenCheck
from bot.core.loadplan import LoadPlan
from bot.core.promotion import Promotion, RefUpdate
from bot.core.verdict import Check, Verdict

SCHEMA_VERSION: Final = 2


class RunKind(StrEnum):
    """What sort of run it was."""

    PROMOTION = "promotion"
    GATE = "gate"
    HOTFIX = "hotfix"
    ROLLBACK = "rollback"
    BACKPORT = "backport"


class Trigger(StrEnum):
    """Who or what started it."""

    MANUAL = "manual"
    NIGHTLY = "nightly"


class Outcome(StrEnum):
    """How it ended."""

    PROMOTED = "promoted"
    PASSED = "passed"
    UP_TO_DATE = "up-to-date"
    BLOCKED = "blocked"
    INCONCLUSIVE = "inconclusive"
    INVALID = "invalid"
    REFUSED = "refused"
    DRY_RUN = "dry-run"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Repository:
    """Which repository, for people: the remote without any secret, branch names, and the web address if known."""

    remote: str
    source: str
    target: str
    web_url: str | None


@dataclass(frozen=True, slots=True)
class CommitSummary:
    """One commit for lists; `at` is UTC ISO 8601."""

    sha: str
    author: str
    subject: str
    at: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Since when the source is not promotable, and what came in since it last was.

    `since` is the start of the first bad run after the last good one, `nights` counts the bad runs, this one included;
    `suspects` are the commits new since `last_good_sha` (the last promoted or passed commit), newest first.
    """

    since: str
    nights: int
    last_good_sha: str | None
    last_good_at: str | None
    suspects: tuple[CommitSummary, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a rollback went back to, and what it took back.

    `tag` and `sha` are those of the restored release, `way` is forward, target-only or rewind, `commits` what is no
    longer on the target, newest first, and `quarantined` the commits that may not come again without a fix.
    """

    tag: str
    sha: str
    way: str
    commits: tuple[CommitSummary, ...]
    quarantined: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at measuring; there is a further one only after INCONCLUSIVE or INVALID, and the last one decides.

    `number` counts from 1, `started_at` is when its first scenario was about to begin, `result` that of its verdict,
    `reason` the first sentence that led to it (empty after a pass). `evidence_sha256` is the digest of what was
    measured. `folder` (below the run's) holds its files and `checks` are all that its verdict had; of the last attempt
    both are empty, because its files and its verdict are the run's own.
    """

    number: int
    started_at: str
    result: str
    reason: str = ""
    evidence_sha256: str = ""
    folder: str = ""
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """An earlier run that had not seen its own end, and how it ended; of one whose record was lost nobody knows."""

    run_id: str
    outcome: Outcome | None
    reason_code: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class NightPoint:
    """What one earlier run showed for one objective, in its base unit, and how that run ended."""

    run_id: str
    at: str
    outcome: Outcome
    observed: float


@dataclass(frozen=True, slots=True)
class Nights:
    """The last nights of the same profile for one objective whatever their outcome, oldest first, one point a date."""

    scenario: str
    endpoint: str | None
    objective: str
    points: tuple[NightPoint, ...]


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run, whole. Times are UTC ISO 8601 with `Z`, durations seconds, sizes bytes.

    `reason` is one sentence, `action` what to do next. `timings` are (step, seconds) pairs in order,
    `versions` (tool, version) pairs. `updates` are the ref updates that a promotion would make or made.
    `previous` is the verdict of the last promoted run of the same repository, for "what changed". `nights` are only
    shown, and None where the history could not be read; what decides of earlier nights is part of the evidence.
    `justification` is why a person went past a rule or rolled back, in their own words, `restored` what a rollback did.
    `conflict` is the merge that a hotfix or a back-merge needs and that git cannot make by itself. `differences` are
    the sentences of what the audit at the beginning found and did not stop at. `required_checks` are the host's words
    on the candidate for each check that it must have passed, `announced` is what was said on the host. `pulls` are the
    pull requests that the host named for the commits, as the release notes have them. `dry_run` says that it would have
    written nothing, however it ended. `settled` are the earlier runs that this one found without an end and ended.
    """

    schema_version: int
    run_id: str
    kind: RunKind
    trigger: Trigger
    actor: str
    outcome: Outcome
    reason_code: str
    reason: str
    action: str
    started_at: str
    finished_at: str
    slot: str | None
    repository: Repository
    candidate: Candidate | None
    plan: LoadPlan | None
    evidence: Evidence | None
    verdict: Verdict | None
    promotion: Promotion | None
    updates: tuple[RefUpdate, ...]
    notes_title: str | None
    trouble: Trouble | None
    previous: Verdict | None
    attempts: tuple[Attempt, ...]
    timings: tuple[tuple[str, float], ...]
    versions: tuple[tuple[str, str], ...]
    nights: tuple[Nights, ...] | None = ()
    justification: str | None = None
    restored: Restored | None = None
    conflict: Conflict | None = None
    differences: tuple[str, ...] = ()
    required_checks: tuple[SeenCheck, ...] = ()
    announced: tuple[Announced, ...] = ()
    pulls: tuple[Brought, ...] = ()
    dry_run: bool = False
    settled: tuple[Settled, ...] = ()

    @property
    def tag(self) -> str:
        """The release tag that the run made; empty where it made none."""
        return (self.promotion.tag or "") if self.promotion else ""
