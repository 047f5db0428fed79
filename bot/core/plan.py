"""The plan of one promotion: every byte that it will write, decided before anything is sent."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.candidate import Candidate
from bot.core.control import Control
from bot.core.gate import Approval, Refusal
from bot.core.ledger import SCHEMA
from bot.core.moments import iso
from bot.core.naming import inert
from bot.core.objects import BOT_EMAIL, BOT_NAME
from bot.core.promotion import (
    LEDGER_REF,
    CommitPlan,
    LedgerEntry,
    Move,
    Prepared,
    PushPlan,
    RefUpdate,
    TagPlan,
    Way,
)
from bot.core.reasons import Reason
from bot.core.record import RunKind
from bot.core.tags import tag_name
from bot.core.tagtext import ATTEMPTS, EVIDENCE, NO_EVIDENCE, PROMOTED_COMMIT, RUN_ID, TagText, tag_message

__all__ = ["Extras", "Release", "TagText", "plan_promotion", "plan_rewind", "planned_updates", "updates"]


@dataclass(frozen=True, slots=True)
class Release:
    """What is released, by whom, when, and what the remote held when it was looked at.

    `at` is what the clock says (aware), `moment` what tag and ledger call it (see `succession.next_moment`), `source`
    and `target` are branch names, `ledger_before` the ledger's id or None where there is none, `slot` the night's date.
    `attempts` is how often the candidate was measured until it passed; the tag says so where it was more than once.
    `reason` and `restores` are what the ledger keeps of a release that was no ordinary one.
    """

    kind: str
    run_id: str
    actor: str
    verdict: str
    at: datetime
    moment: datetime | None
    tag_prefix: str
    source: str
    target: str
    message: TagText
    ledger_before: str | None
    slot: str | None = None
    attempts: int = 1
    reason: str | None = None
    restores: str | None = None


@dataclass(frozen=True, slots=True)
class Extras:
    """What goes with the target in the same push: further branches, and the commits that are made for them."""

    moves: tuple[Move, ...] = ()
    commits: tuple[CommitPlan, ...] = ()
    controls: tuple[Control, ...] = ()


def plan_promotion(
    candidate: Candidate, approval: Approval, release: Release, extras: Extras = Extras()
) -> PushPlan | Refusal:
    """What to write for an approved candidate, or why nothing may be written."""
    moment = _examine(candidate, approval, release)
    if isinstance(moment, Refusal):
        return moment
    name = tag_name(release.tag_prefix, moment)
    return PushPlan(
        moves=(Move(f"refs/heads/{release.target}", candidate.base_sha, candidate.sha), *extras.moves),
        tag=_tag(name, candidate.sha, approval, release),
        entry=_entry(name, moment, candidate, approval, release),
        ledger_before=release.ledger_before,
        at=int(release.at.timestamp()),
        subject=_subject(name, candidate, release),
        commits=extras.commits,
        controls=extras.controls,
    )


def plan_rewind(
    candidate: Candidate, approval: Approval, release: Release, controls: tuple[Control, ...]
) -> PushPlan | Refusal:
    """What to write to take the target back to a release where it was before; that release's own tag stands."""
    moment = _examine(candidate, approval, release)
    if isinstance(moment, Refusal):
        return moment
    return PushPlan(
        moves=(Move(f"refs/heads/{release.target}", candidate.base_sha, candidate.sha, Way.REWIND),),
        tag=None,
        entry=_entry("", moment, candidate, approval, release),
        ledger_before=release.ledger_before,
        at=int(release.at.timestamp()),
        subject=f"Take {inert(release.target)} back to {candidate.sha[:12]}",
        controls=controls,
    )


def _subject(name: str, candidate: Candidate, release: Release) -> str:
    """What is done, for the ledger's own commit and for whoever watches."""
    match release.kind:
        case RunKind.ROLLBACK:
            return f"Roll back to {inert(release.restores or '')} as {name}"
        case RunKind.HOTFIX:
            return f"Ship hotfix {candidate.sha[:12]} as {name}"
        case _:
            return f"Promote {candidate.sha[:12]} as {name}"


def _entry(tag: str, moment: datetime, candidate: Candidate, approval: Approval, release: Release) -> LedgerEntry:
    return LedgerEntry(
        schema=SCHEMA,
        kind=str(release.kind),
        run_id=release.run_id,
        sha=candidate.sha,
        base=candidate.base_sha,
        tag=tag,
        verdict=str(release.verdict),
        evidence=approval.evidence_sha256,
        actor=release.actor,
        at=iso(moment),
        slot=release.slot,
        reason=release.reason,
        restores=release.restores,
    )


def _tag(name: str, sha: str, approval: Approval, release: Release) -> TagPlan:
    repeated = ((ATTEMPTS, str(release.attempts)),) if release.attempts > 1 else ()
    said = ((PROMOTED_COMMIT, sha), (RUN_ID, release.run_id), (EVIDENCE, approval.evidence_sha256 or NO_EVIDENCE))
    return TagPlan(
        name=name,
        target=sha,
        tagger_name=BOT_NAME,
        tagger_email=BOT_EMAIL,
        at=int(release.at.timestamp()),
        message=tag_message(release.message, (*said, *repeated)),
    )


def _examine(candidate: Candidate, approval: Approval, release: Release) -> datetime | Refusal:
    """The moment that the release has, or why nothing may be written."""
    if (approval.sha, approval.base_sha) != (candidate.sha, candidate.base_sha):
        return Refusal(
            Reason.APPROVAL_MISMATCH,
            f"The approval moves {approval.base_sha[:12]} to {approval.sha[:12]}, "
            f"the candidate {candidate.base_sha[:12]} to {candidate.sha[:12]}.",
        )
    if candidate.sha == candidate.base_sha:
        return Refusal(Reason.UP_TO_DATE, f"The target already is at {candidate.sha[:12]}.")
    late = release.at.timestamp() - approval.expires_at
    if late > 0:
        return Refusal(Reason.APPROVAL_EXPIRED, f"The approval ran out {late:.0f} s before the push.")
    if release.moment is None:
        sentence = f"Nothing can follow the last {release.tag_prefix} release: it is at the end of time."
        return Refusal(Reason.TAG_EXISTS, sentence)
    return release.moment


def updates(prepared: Prepared) -> tuple[RefUpdate, ...]:
    """The lines of the atomic push, each with its lease."""
    return _lines(prepared.plan, prepared.tag_oid or "", prepared.ledger_oid or "")


def planned_updates(plan: PushPlan) -> tuple[RefUpdate, ...]:
    """What that plan would write; `new` is empty where only a real run makes the object."""
    return _lines(plan, "", "")


def _lines(plan: PushPlan, tag_oid: str, ledger_oid: str) -> tuple[RefUpdate, ...]:
    moves = tuple(RefUpdate(move.ref, move.before, move.after) for move in plan.moves)
    tag = (RefUpdate(f"refs/tags/{plan.tag.name}", None, tag_oid),) if plan.tag else ()
    ledger = (RefUpdate(LEDGER_REF, plan.ledger_before, ledger_oid),) if plan.has_ledger else ()
    return (*moves, *tag, *ledger)
