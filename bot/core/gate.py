"""The gate: the only maker of approvals."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from bot.core.candidate import BranchFacts, Candidate, Meanwhile
from bot.core.diverged import diverged, diverged_sentence
from bot.core.promotion import LedgerEntry
from bot.core.reasons import Reason
from bot.core.text import plain
from bot.core.verdict import Result, Verdict, decisive

_SEAL: Final = object()


@dataclass(frozen=True, slots=True)
class Approval:
    """Permission to move the target from `base_sha` to `sha`, once, until `expires_at` (seconds since the epoch).

    Only this module can make one: whoever holds an Approval knows that the gate has passed.
    """

    sha: str
    base_sha: str
    evidence_sha256: str
    expires_at: float
    seal: object = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse to exist without the gate's seal."""
        if self.seal is not _SEAL:
            raise TypeError("an Approval is made by bot.core.gate only")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing will be written: the reason, and the sentence that names what was seen."""

    reason: Reason
    sentence: str
    commits: tuple[str, ...] = ()


# Hours may pass between the first scenario and the push; a day never does in a healthy run.
APPROVAL_LIFETIME_S: Final = 3600.0


def decide(candidate: Candidate, verdict: Verdict, *, now: float) -> Approval | Refusal:
    """Approve exactly when every check passed; `now` is seconds since the epoch."""
    match verdict.result:
        case Result.PASS:
            return Approval(
                sha=candidate.sha,
                base_sha=candidate.base_sha,
                evidence_sha256=verdict.evidence_sha256,
                expires_at=now + APPROVAL_LIFETIME_S,
                seal=_SEAL,
            )
        case Result.FAIL:
            return Refusal(Reason.SLO_FAILED, decisive(verdict).reason)
        case Result.INVALID:
            cause = decisive(verdict)
            return Refusal(_INVALID.get(cause.objective, Reason.MEASUREMENT_INVALID), cause.reason)
        case Result.INCONCLUSIVE:
            return Refusal(Reason.NOT_ENOUGH_EVIDENCE, decisive(verdict).reason)


def grant(candidate: Candidate, justification: str, *, now: float, evidence_sha256: str = "") -> Approval | Refusal:
    """Approve without a verdict, because a person says so and why: a hotfix past its tests, a rollback, a back-merge.

    `evidence_sha256` is that of an earlier verdict about the same tree, where there is one; the ledger says the rest.
    """
    if not justification.strip():
        return Refusal(Reason.BAD_USAGE, "What goes past the gate needs a reason, and none was given.")
    return Approval(
        sha=candidate.sha,
        base_sha=candidate.base_sha,
        evidence_sha256=evidence_sha256,
        expires_at=now + APPROVAL_LIFETIME_S,
        seal=_SEAL,
    )


# What makes a measurement invalid is mostly the measurement's own affair; this is the deployment's.
_INVALID: Final = {"deployment": Reason.STAGING_MISMATCH}


def examine_again(candidate: Candidate, branch: str, target: str, seen: Meanwhile) -> Refusal | None:
    """Whether the candidate may still be pushed, looked at once more just before; `branch` (raw) is what it came from.

    A push asks no lease for a ref that already is where it goes, so a target that somebody moved to the very candidate
    is seen here or not at all (I2); the leases see every other move.
    """
    if not seen.has_candidate:
        sentence = f"{plain(branch)} no longer contains {candidate.sha[:12]}, the commit that was tested."
        return Refusal(Reason.SOURCE_REWRITTEN, sentence)
    if seen.target_sha == candidate.sha:
        began = f"{plain(target)} was {candidate.base_sha[:12]} when the run began"
        sentence = f"{began}, and somebody else moved it to {candidate.sha[:12]} meanwhile."
        return Refusal(Reason.TARGET_MOVED, sentence)
    return None


def examine(facts: BranchFacts, entries: Iterable[LedgerEntry] = ()) -> Refusal | None:
    """Whether the source may be promoted at all; None when it may (invariant I3).

    `entries` are those of the ledger, oldest first: they tell a hotfix that the source lacks from a push by hand.
    """
    if facts.incomplete:
        return Refusal(
            Reason.HISTORY_INCOMPLETE, f"Ancestry cannot be proved: the repository has {', '.join(facts.incomplete)}."
        )
    if facts.source_sha == facts.target_sha:
        return Refusal(
            Reason.UP_TO_DATE, f"{facts.target} already is at {facts.source_sha[:12]}, the tip of {facts.source}."
        )
    if not facts.target_is_ancestor:
        only = tuple(commit.sha for commit in facts.only_on_target)
        alone = diverged(facts, entries)
        if alone is not None:
            return Refusal(Reason.DIVERGED, diverged_sentence(facts, alone), only)
        named = ", ".join(sha[:12] for sha in only[:5])
        return Refusal(
            Reason.NOT_FAST_FORWARD,
            f"{facts.target} has commits that {facts.source} lacks ({named}), so it cannot be fast-forwarded.",
            only,
        )
    return None
