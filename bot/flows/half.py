"""Complete a push of which the remote holds a part because somebody died in the middle of it (I8, I12)."""

from dataclasses import dataclass

from bot.core.completion import LedgerNow, Stuck, completable, rest_plan
from bot.core.promotion import LockProof, Prepared, Promotion, PushPlan, ReadBack
from bot.core.reasons import Reason
from bot.core.record import RunKind
from bot.core.resume import prepared_document
from bot.core.settle import lack
from bot.errors import BotError
from bot.flows.ports import RunFolder
from bot.flows.push import write
from bot.flows.request import Effect
from bot.flows.run import Run


@dataclass(frozen=True, slots=True)
class Half:
    """What an earlier run was sending, and what the remote holds of it."""

    prepared: Prepared
    seen: ReadBack


def complete(run: Run, folder: RunFolder, half: Half, lock: LockProof) -> Promotion | Stuck | None:
    """Send what is lacking; None where this run may write nothing, so that the next one does it.

    `folder` is that of the run that was cut off.

    Raises:
        BotError: the remote could not be asked or does not take the rest; what is built on a half would make it last.
    """
    plan = completable(half.prepared, half.seen, _ledger_now(run, half.prepared.plan))
    if isinstance(plan, Stuck):
        run.tools.watcher.step("warning", plan.sentence)
        return plan
    if run.request.effect is not Effect.WRITE or run.request.kind is RunKind.GATE:
        told = f"The remote holds a part of {plan.subject!r}; the next promotion sends the rest."
        run.tools.watcher.step("warning", told)
        return None
    whole = _made(run, half, plan)
    if whole != half.prepared:
        run.journal("prepared", into=folder, **prepared_document(whole))
    with run.effect("read back old run"):
        seen = run.tools.repository.read_back(whole)
    end = write(run, folder, whole, lock, seen)
    if not isinstance(end, Promotion):
        raise BotError(end.reason, f"An earlier run is half there ({plan.subject}). {end.sentence}")
    return end


def _ledger_now(run: Run, plan: PushPlan) -> LedgerNow:
    repository = run.tools.repository
    tip, before = repository.ledger_tip(), plan.ledger_before
    has_grown = tip is not None and (before is None or repository.contains(tip, before))
    return LedgerNow(tip, has_grown, repository.ledger())


def _made(run: Run, half: Half, plan: PushPlan) -> Prepared:
    """The plan with what is lacking made anew, where the cache lost it; it must come out as it was sent."""
    sent = half.prepared
    with run.step("make again", plan.subject):
        made = run.tools.repository.prepare(rest_plan(plan, lack(sent, half.seen)), run.effect)
    ledger_oid = made.ledger_oid or sent.ledger_oid
    is_other = plan.ledger_before == sent.plan.ledger_before and ledger_oid != sent.ledger_oid
    if is_other or made.tag_oid not in (None, sent.tag_oid):
        sentence = f"What was sent as {plan.subject!r} cannot be made again: it would have other ids."
        raise BotError(Reason.READ_BACK_FAILED, sentence)
    return Prepared(plan, sent.tag_oid, ledger_oid)
