"""What a push came to, decided from what the remote holds afterwards (invariants I10 and I11)."""

from dataclasses import dataclass
from typing import Final

from bot.core.gate import Refusal
from bot.core.promotion import Prepared, Promotion, PromotionPlan, PushOutcome, PushReport, ReadBack
from bot.core.reasons import Reason


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Neither done nor refused: the remote shows nothing or a part; sending the same push again is safe and heals."""

    reason: Reason
    sentence: str


_REFUSED: Final = {
    PushOutcome.TARGET_MOVED: Reason.TARGET_MOVED,
    PushOutcome.LEDGER_MOVED: Reason.LEDGER_MOVED,
    PushOutcome.TAG_EXISTS: Reason.TAG_EXISTS,
    PushOutcome.REJECTED: Reason.PUSH_REJECTED,
    PushOutcome.NO_ATOMIC: Reason.NO_ATOMIC_PUSH,
}


def is_landed(prepared: Prepared, seen: ReadBack) -> bool:
    """Whether target, tag object, tagged commit and ledger all are, or have moved on from, what was prepared."""
    return not _missing(prepared, seen)


def is_begun(prepared: Prepared, seen: ReadBack) -> bool:
    """Whether the remote holds any part of it, so that sending the rest completes it."""
    return seen.target == prepared.plan.sha or seen.target_past or _holds_ours(prepared, seen)


def settle(prepared: Prepared, report: PushReport, seen: ReadBack) -> Promotion | Refusal | Unsettled:
    """Promoted only when all of it was read back; refused only when none of it is there; unsettled otherwise."""
    missing = _missing(prepared, seen)
    if not missing:
        return _promotion(prepared)
    if _holds_ours(prepared, seen):
        return Unsettled(
            Reason.READ_BACK_FAILED, f"The remote holds a part of the promotion; {_words(missing)} lacking."
        )
    return _refusal(prepared.plan, report, seen) or _nothing_there(report)


def _missing(prepared: Prepared, seen: ReadBack) -> tuple[str, ...]:
    plan = prepared.plan
    held = {
        plan.target_ref: seen.target == plan.sha or seen.target_past,
        f"tag {plan.tag.name}": seen.tag_oid == prepared.tag_oid and seen.tag_commit == plan.sha,
        "the ledger entry": seen.ledger == prepared.ledger_oid or seen.ledger_past,
    }
    return tuple(name for name, is_held in held.items() if not is_held)


def _promotion(prepared: Prepared) -> Promotion:
    return Promotion(
        tag=prepared.plan.tag.name,
        tag_oid=prepared.tag_oid,
        ledger_oid=prepared.ledger_oid,
        target_before=prepared.plan.target_before,
        target_after=prepared.plan.sha,
    )


def _holds_ours(prepared: Prepared, seen: ReadBack) -> bool:
    # Only this run could have made the tag object and the ledger commit; anybody could have moved the target.
    return seen.tag_oid == prepared.tag_oid or seen.ledger == prepared.ledger_oid or seen.ledger_past


def _words(missing: tuple[str, ...]) -> str:
    return f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'}"


def _refusal(plan: PromotionPlan, report: PushReport, seen: ReadBack) -> Refusal | None:
    if seen.target not in (plan.target_before, plan.sha):
        return Refusal(
            Reason.TARGET_MOVED,
            f"{plan.target_ref} was {plan.target_before[:12]} when the run began and is {_short(seen.target)} now.",
        )
    if seen.ledger != plan.ledger_before:
        return Refusal(
            Reason.LEDGER_MOVED,
            f"The ledger was {_short(plan.ledger_before)} when the run began and is {_short(seen.ledger)} now.",
        )
    if seen.tag_oid is not None:
        return Refusal(Reason.TAG_EXISTS, f"Tag {plan.tag.name} already exists as {seen.tag_oid[:12]}.")
    reason = _REFUSED.get(report.outcome)
    return None if reason is None else Refusal(reason, _refused_sentence(report))


def _short(sha: str | None) -> str:
    return "absent" if sha is None else sha[:12]


def _refused_sentence(report: PushReport) -> str:
    return f"The push was refused: {report.detail or report.outcome.value}"


def _nothing_there(report: PushReport) -> Unsettled:
    if report.outcome is PushOutcome.LANDED:
        return Unsettled(Reason.READ_BACK_FAILED, "git reported success, but the remote holds nothing of it.")
    said = f" git said: {report.detail}" if report.detail else ""
    return Unsettled(
        Reason.PUSH_UNKNOWN, f"The push ended without an answer, and the remote holds nothing of it.{said}"
    )
