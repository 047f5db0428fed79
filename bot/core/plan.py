"""The plan of one promotion: every byte that it will write, decided before anything is sent."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from bot.core.candidate import Candidate
from bot.core.gate import Approval, Refusal
from bot.core.ledger import SCHEMA
from bot.core.moments import iso
from bot.core.promotion import LEDGER_REF, LedgerEntry, Prepared, PromotionPlan, RefUpdate, TagPlan
from bot.core.reasons import Reason
from bot.core.tags import next_tag
from bot.core.tagtext import ATTEMPTS, EVIDENCE, PROMOTED_COMMIT, RUN_ID, TagText, tag_message

__all__ = ["TagText", "plan_promotion", "preview_updates", "updates"]

TAGGER_NAME: Final = "promotion-bot"
TAGGER_EMAIL: Final = "promotion-bot@localhost"


def plan_promotion(
    candidate: Candidate,
    approval: Approval,
    *,
    ledger_before: str | None,
    existing_tags: Iterable[str],
    kind: str,
    run_id: str,
    actor: str,
    verdict: str,
    at: datetime,
    tag_prefix: str,
    source: str,
    target: str,
    message: TagText,
    slot: str | None = None,
    attempts: int = 1,
) -> PromotionPlan | Refusal:
    """What to write for an approved candidate, or why nothing may be written.

    `at` is the aware moment of the promotion, `source` and `target` are branch names, `existing_tags` all release
    tags of the remote, `ledger_before` the ledger's id or None where there is none, `slot` the night's date.
    `attempts` is how often the candidate was measured until it passed; the tag says so where it was more than once.
    """
    refusal = _examine(candidate, approval, at)
    if refusal is not None:
        return refusal
    name = next_tag(tag_prefix, existing_tags, at)
    if name is None:
        return Refusal(Reason.TAG_EXISTS, f"No name can follow the last {tag_prefix} tag: it is the end of time.")
    repeated = ((ATTEMPTS, str(attempts)),) if attempts > 1 else ()
    trailers = ((PROMOTED_COMMIT, candidate.sha), (RUN_ID, run_id), (EVIDENCE, approval.evidence_sha256), *repeated)
    entry = LedgerEntry(
        schema=SCHEMA,
        kind=str(kind),
        run_id=run_id,
        sha=candidate.sha,
        base=candidate.base_sha,
        tag=name,
        verdict=str(verdict),
        evidence=approval.evidence_sha256,
        actor=actor,
        at=iso(at),
        slot=slot,
    )
    return PromotionPlan(
        target_ref=f"refs/heads/{target}",
        source_ref=f"refs/heads/{source}",
        target_before=candidate.base_sha,
        sha=candidate.sha,
        tag=_tag(name, candidate.sha, at, tag_message(message, trailers)),
        entry=entry,
        ledger_before=ledger_before,
    )


def _tag(name: str, sha: str, at: datetime, message: str) -> TagPlan:
    return TagPlan(
        name=name,
        target=sha,
        tagger_name=TAGGER_NAME,
        tagger_email=TAGGER_EMAIL,
        at=int(at.timestamp()),
        message=message,
    )


def _examine(candidate: Candidate, approval: Approval, at: datetime) -> Refusal | None:
    if (approval.sha, approval.base_sha) != (candidate.sha, candidate.base_sha):
        return Refusal(
            Reason.APPROVAL_MISMATCH,
            f"The approval moves {approval.base_sha[:12]} to {approval.sha[:12]}, "
            f"the candidate {candidate.base_sha[:12]} to {candidate.sha[:12]}.",
        )
    if candidate.sha == candidate.base_sha:
        return Refusal(Reason.UP_TO_DATE, f"The target already is at {candidate.sha[:12]}.")
    if at.timestamp() > approval.expires_at:
        late = at.timestamp() - approval.expires_at
        return Refusal(Reason.APPROVAL_EXPIRED, f"The approval ran out {late:.0f} s before the push.")
    return None


def updates(prepared: Prepared) -> tuple[RefUpdate, ...]:
    """The three lines of the atomic push, each with its lease."""
    plan = prepared.plan
    return (
        RefUpdate(plan.target_ref, plan.target_before, plan.sha),
        RefUpdate(f"refs/tags/{plan.tag.name}", None, prepared.tag_oid),
        RefUpdate(LEDGER_REF, plan.ledger_before, prepared.ledger_oid),
    )


def preview_updates(
    candidate: Candidate,
    *,
    ledger_before: str | None,
    existing_tags: Iterable[str],
    at: datetime,
    tag_prefix: str,
    target: str,
) -> tuple[RefUpdate, ...]:
    """What a promotion at that moment would write; `new` is empty where only a real run makes the object."""
    name = next_tag(tag_prefix, existing_tags, at)
    tag = () if name is None else (RefUpdate(f"refs/tags/{name}", None, ""),)
    return (
        RefUpdate(f"refs/heads/{target}", candidate.base_sha, candidate.sha),
        *tag,
        RefUpdate(LEDGER_REF, ledger_before, ""),
    )
