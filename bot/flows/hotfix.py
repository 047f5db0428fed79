"""A hotfix, whole: prove where it leads, test it in short, move target and source to it or say why not."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from bot.core.candidate import Candidate
from bot.core.gate import Approval, Refusal, grant
from bot.core.hotfix import Gate, Ground, Reach, SourceTip
from bot.core.plan import Extras, Release, plan_promotion
from bot.core.promotion import LockProof, PushPlan
from bot.core.reasons import Reason
from bot.core.record import Outcome, RunRecord
from bot.core.text import plain
from bot.flows.announce import say_begun
from bot.flows.audit import check_signing, examine_trail
from bot.flows.gate import tested
from bot.flows.hotfix_ground import candidate_of, examine, look
from bot.flows.hotfix_source import brought, source_at, source_now
from bot.flows.land import look_again, release, send, show
from bot.flows.past import fetch_and_settle
from bot.flows.release_notes import recall
from bot.flows.request import Effect, Request, Tools
from bot.flows.run import Ending, Run, refused
from bot.flows.session import play

# How often somebody may push to the source between the last look at it and the push.
_PUSHES: Final = 3


@dataclass(frozen=True, slots=True)
class HotfixWish:
    """What is asked for: the branch (raw), whether it is tested, and where it goes."""

    branch: str
    gate: Gate = Gate.EXPEDITED
    reach: Reach = Reach.BOTH


def ship_hotfix(tools: Tools, request: Request, wish: HotfixWish) -> RunRecord:
    """Run one hotfix from the lock to the reports; see `bot.flows.session`."""
    return play(tools, request, partial(_story, wish=wish))


@dataclass(frozen=True, slots=True)
class _Ship:
    """One hotfix under way: what was asked for, where it stands, the source as it began, and the candidate."""

    wish: HotfixWish
    ground: Ground
    source: SourceTip
    candidate: Candidate


def _story(run: Run, lock: LockProof, *, wish: HotfixWish) -> Ending:
    fetch_and_settle(run, lock)
    tampered = examine_trail(run)
    with run.step("candidate", plain(wish.branch)):
        ground = look(run, wish.branch)
        source = source_at(run, ground.facts.source_sha, ground.hotfix)
        ship = _Ship(wish, ground, source, candidate_of(run, ground))
        refusal = examine(run, ground, ship.candidate) or tampered or _preflight(run, ship)
    return refused(refusal) if refusal else _approved(run, ship, lock)


def _preflight(run: Run, ship: _Ship) -> Refusal | None:
    """Whether the source could take the hotfix now: known before any test, so that no test is in vain."""
    if ship.wish.reach is Reach.TARGET_ONLY:
        return None
    found = brought(run, ship.source, ship.ground.hotfix, int(run.tools.clock.now().timestamp()))
    return found if isinstance(found, Refusal) else None


def _approved(run: Run, ship: _Ship, lock: LockProof) -> Ending:
    check_signing(run)
    say_begun(run)
    recall(run, ship.candidate)
    approval = _GATES[ship.wish.gate](run, ship.candidate)
    if isinstance(approval, Refusal):
        return refused(approval)
    if run.request.effect is Effect.DRY_RUN:
        plan = _plan(run, ship, approval)
        return refused(plan) if isinstance(plan, Refusal) else show(run, plan)
    return _land(run, ship, approval, lock)


def _untested(run: Run, candidate: Candidate) -> Approval | Refusal:
    return grant(candidate, run.request.justification or "", now=run.tools.clock.now().timestamp())


_GATES: Final[dict[Gate, Callable[[Run, Candidate], Approval | Refusal]]] = {
    # Fewer scenarios than a night has, and the same proof and judgement.
    Gate.EXPEDITED: tested,
    Gate.SKIPPED: _untested,
}


def _land(run: Run, ship: _Ship, approval: Approval, lock: LockProof) -> Ending:
    """Send it all in one push; where only the source moved under it, with a merge into what the source is now.

    Nothing of a refused push is on the remote, and the target's lease stays that of the beginning. A source that moves
    back and forth that fast ends in `source-moved`.
    """
    ending = Ending(Outcome.REFUSED, Reason.SOURCE_MOVED, "The source never stood still.")
    for _ in range(_PUSHES):
        plan = _plan(run, ship, approval)
        if isinstance(plan, Refusal):
            return refused(plan)
        ending = send(run, plan, lock)
        if ending.reason is not Reason.SOURCE_MOVED:
            break
    return _with_divergence(ship, ending)


def _plan(run: Run, ship: _Ship, approval: Approval) -> PushPlan | Refusal:
    """What to write, with the source as it is now.

    I2 forbids a new base for what was tested, and that is the target's move: its lease is the value of the beginning,
    and the commit is the one that was tested. The source is no part of that. People push to it during the tests, and
    what it gets is git's own clean merge into whatever it is then (I29), leased on that very value; a hotfix need not
    be tested again for it.
    """
    refusal = look_again(run, ship.ground.hotfix.branch, ship.candidate)
    if refusal is not None:
        return refusal
    with run.effect("write notes"):
        ours = _release(run, ship)
    extras = _extras(run, ship, ours)
    return extras if isinstance(extras, Refusal) else plan_promotion(ship.candidate, approval, ours, extras)


def _release(run: Run, ship: _Ship) -> Release:
    ours = release(run, ship.candidate)
    return ours if ship.wish.gate is Gate.EXPEDITED else replace(ours, verdict=Gate.SKIPPED.value)


def _extras(run: Run, ship: _Ship, ours: Release) -> Extras | Refusal:
    if ship.wish.reach is Reach.TARGET_ONLY:
        return Extras()
    source = source_now(run, ship.ground.hotfix)
    return source if isinstance(source, Refusal) else brought(run, source, ship.ground.hotfix, int(ours.at.timestamp()))


def _with_divergence(ship: _Ship, ending: Ending) -> Ending:
    """The ending of a hotfix that went to the target alone, with what that leaves to do."""
    is_alone = ship.wish.reach is Reach.TARGET_ONLY and not ship.source.has_hotfix
    if ending.outcome is not Outcome.PROMOTED or not is_alone:
        return ending
    sentence = f"{ending.sentence} {ship.source.branch} lacks it: the branches have diverged, and no night promotes."
    return replace(ending, sentence=sentence, action=Reason.DIVERGED.action)
