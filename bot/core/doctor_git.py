"""What of the remote a night needs: two branches that fit, the right to push, and a trail without differences."""

from collections.abc import Sequence
from typing import Final

from bot.core.audit import Audit
from bot.core.backport import CONTINUE, Begun, waiting_words
from bot.core.candidate import BranchFacts
from bot.core.control import Standing
from bot.core.doctor import Area, Finding, Level
from bot.core.gate import Refusal
from bot.core.promotion import PushOutcome, PushReport
from bot.core.reasons import Reason

_REASONS: Final = {
    PushOutcome.NO_ATOMIC: Reason.NO_ATOMIC_PUSH,
    PushOutcome.UNAUTHENTICATED: Reason.BAD_CREDENTIALS,
    PushOutcome.POLICY: Reason.PUSH_POLICY,
    PushOutcome.PROTECTED: Reason.PUSH_PROTECTED,
    PushOutcome.SERVER_FAILED: Reason.REMOTE_FAILED,
    PushOutcome.LOCKED: Reason.REMOTE_FAILED,
    PushOutcome.UNKNOWN: Reason.REMOTE_UNREACHABLE,
}


def judge_branches(facts: BranchFacts, refusal: Refusal | None, waiting: int) -> Finding:
    """Whether the target can be fast-forwarded; `refusal` is why not, `waiting` the commits that would go with it."""
    if refusal is None:
        count = "1 commit waits" if waiting == 1 else f"{waiting:,} commits wait"
        seen = f"{facts.target} can be fast-forwarded to {facts.source} at {facts.source_sha[:12]}; {count}"
        return Finding(Area.GIT, "branches", Level.OK, seen)
    if refusal.reason is Reason.UP_TO_DATE:
        return Finding(Area.GIT, "branches", Level.OK, refusal.sentence)
    return Finding(Area.GIT, "branches", Level.FAIL, refusal.sentence, refusal.reason.action)


def judge_push(report: PushReport, target: str) -> Finding:
    """Whether the remote would take an atomic push from the bot, as a rehearsal showed that wrote nothing."""
    if report.outcome is PushOutcome.LANDED:
        seen = f"the remote would take an atomic push to {target}; its hooks and rules were not asked"
        return Finding(Area.GIT, "push", Level.OK, seen)
    if report.outcome in (PushOutcome.TARGET_MOVED, PushOutcome.TAG_EXISTS):
        seen = f"{target} moved while it was looked at"
        return Finding(Area.GIT, "push", Level.WARN, seen, "Run `promote doctor` again.")
    reason = _REASONS.get(report.outcome, Reason.PUSH_REJECTED)
    return Finding(Area.GIT, "push", Level.FAIL, report.detail or "the push would be refused", reason.action)


def judge_trail(found: Audit) -> Finding:
    """Whether target, release tags and ledger agree; what is grave would stop the night."""
    told = (*found.serious, *found.warnings)
    if not told:
        scope = found.scope
        counts = ((scope.promotions, "promotion"), (scope.tags, "release tag"))
        looked_at = ", ".join(f"{count:,} {noun}{'' if count == 1 else 's'}" for count, noun in counts)
        seen = f"clean: {looked_at}"
        return Finding(Area.GIT, "trail", Level.OK, seen)
    more = f" And {len(told) - 1} more." if len(told) > 1 else ""
    level = Level.FAIL if found.serious else Level.WARN
    action = "See `promote audit`, and put right what it names or accept it in [audit]."
    return Finding(Area.GIT, "trail", level, told[0].sentence + more, action)


def judge_bench(begun: Begun | None, folder: str) -> Finding:
    """Whether a back-merge waits for a person in the work tree in that folder."""
    if begun is None:
        return Finding(Area.GIT, "back-merge", Level.OK, "none waits for a person")
    seen = waiting_words(begun, folder)
    return Finding(Area.GIT, "back-merge", Level.WARN, seen, f"Resolve it there, then {CONTINUE}.")


def judge_standing(now: Standing, stopped: Sequence[Refusal]) -> Finding:
    """Whether people stopped the line; `stopped` are the freeze and the quarantine in the way of the source's tip."""
    if stopped:
        seen = " ".join(refusal.sentence for refusal in stopped)
        return Finding(Area.GIT, "line", Level.WARN, seen, stopped[0].reason.action, stops=True)
    held = len(now.quarantined)
    seen = "not frozen; nothing of the source is quarantined" if held else "not frozen, nothing quarantined"
    return Finding(Area.GIT, "line", Level.OK, seen)
