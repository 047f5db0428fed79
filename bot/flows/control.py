"""Stop the line and start it again: one event in the ledger, sent with a lease, read back, and never written twice.

No run: nothing is measured or moved, so there is no folder and no journal. Whatever cuts it off, doing it again reads
the ledger first and writes only what is not there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from bot.core.audit import Terms
from bot.core.control import Control, ControlKind, Standing, standing
from bot.core.controlling import Change, change, subject_of
from bot.core.moments import iso
from bot.core.plan import planned_updates, updates
from bot.core.promotion import LockProof, Prepared, Promotion, PushPlan, RefUpdate
from bot.core.reasons import Reason
from bot.core.text import plain
from bot.errors import BotError
from bot.flows import ports
from bot.flows.audit import check_ledger
from bot.flows.line import standing_now
from bot.flows.push import Sender, send
from bot.flows.request import Effect, NoPoints

# A lost race starts anew from the new ledger: each loss is another bot's event, and those come seldom.
_TRIES: Final = 10
_LEAST_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Desk:
    """The effects that writing an event may have, as ports."""

    clock: ports.Clock
    lock: ports.Lock
    repository: ports.Repository
    watcher: ports.Watcher
    terms: Terms
    points: ports.Points = field(default_factory=NoPoints)

    @contextmanager
    def step(self, name: str, detail: str = "") -> Iterator[None]:
        """One effect by its name: announced, and a point where the process may be cut off."""
        self.watcher.step(name, detail)
        self.points.reached(f"before {name}")
        yield
        self.points.reached(f"after {name}")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to hold from now on; `commit` as typed, `until` as UTC ISO 8601."""

    kind: ControlKind
    actor: str
    reason: str
    effect: Effect = Effect.WRITE
    until: str | None = None
    commit: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: what changed, what holds now, and the ref updates that were sent or, in a dry run, would be.

    `sha` is the full id of the commit that was named, None where none was.
    """

    change: Change
    standing: Standing
    sha: str | None = None
    updates: tuple[RefUpdate, ...] = ()


def control(desk: Desk, wish: Wish) -> Done:
    """Make the wish hold for every bot of the repository; nothing is written where it holds already.

    Raises:
        BotError: AUDIT_FAILED (the ledger is not what it was), BAD_USAGE (no such commit), LEDGER_MOVED (lost every
            race), or why the remote did not take it.
    """
    with desk.lock.hold() as lock:
        _fetch(desk)
        with desk.step("audit"):
            check_ledger(desk.repository, desk.terms)
        sha = _commit(desk, wish)
        for _ in range(_TRIES):
            done = _once(desk, wish, sha, lock)
            if done is not None:
                return done
            _fetch(desk)
    raise BotError(
        Reason.LEDGER_MOVED, f"The ledger moved {_TRIES} times meanwhile; nothing of this was written.", "Run again."
    )


def _fetch(desk: Desk) -> None:
    with desk.step("fetch"):
        desk.repository.fetch()


def _commit(desk: Desk, wish: Wish) -> str | None:
    """The full id of the commit that the wish names, resolved once: a branch may move before the next try."""
    if wish.commit is None:
        return None
    held = _quarantined(desk, wish.commit) if wish.kind is ControlKind.CLEAR else None
    sha = held or desk.repository.resolve(wish.commit)
    facts = desk.repository.branch_facts()
    if held or (sha and any(desk.repository.contains(tip, sha) for tip in (facts.source_sha, facts.target_sha))):
        return sha
    sentence = f"{plain(wish.commit)!r} is no commit of {facts.source} or {facts.target}, or not only one."
    raise BotError(Reason.BAD_USAGE, sentence, f"Name a commit that is on {facts.source} or {facts.target} by its id.")


def _quarantined(desk: Desk, name: str) -> str | None:
    """The one quarantined commit whose id begins so: it may be cleared also after it left both branches."""
    shas = (event.sha or "" for event in standing_now(desk.repository, desk.clock).quarantined)
    found = [sha for sha in shas if len(name) >= _LEAST_DIGITS and sha.startswith(name)]
    return found[0] if len(found) == 1 else None


def _once(desk: Desk, wish: Wish, sha: str | None, lock: LockProof) -> Done | None:
    """One try on the ledger as fetched; None where it moved meanwhile."""
    at = desk.clock.now()
    events = desk.repository.controls()
    now = standing(events, iso(at))
    wanted = Control(wish.kind, iso(at), wish.actor, wish.reason, until=wish.until, sha=sha)
    found = change(now, wanted)
    if found.event is None:
        return Done(found, now, sha)
    plan = _plan(desk, found.event, int(at.timestamp()))
    if wish.effect is Effect.DRY_RUN:
        return Done(found, now, sha, planned_updates(plan))
    with desk.step("prepare"):
        prepared = desk.repository.prepare(plan)
    if not _has_landed(desk, prepared, lock):
        return None
    return Done(found, standing((*events, found.event), iso(at)), sha, updates(prepared))


def _plan(desk: Desk, event: Control, at: int) -> PushPlan:
    return PushPlan(
        moves=(),
        tag=None,
        entry=None,
        ledger_before=desk.repository.ledger_tip(),
        at=at,
        subject=subject_of(event),
        controls=(event,),
    )


def _has_landed(desk: Desk, prepared: Prepared, lock: LockProof) -> bool:
    """Whether the remote holds it now; False where the race was lost."""
    end = send(Sender(desk.repository, desk.clock, desk.step, _forget), prepared, lock)
    if isinstance(end, Promotion):
        return True
    if end.reason is Reason.LEDGER_MOVED:
        return False
    raise BotError(end.reason, end.sentence)


def _forget(event: str, **facts: object) -> None:
    """Where no run has a journal: the ledger itself says what was written."""
    del event, facts
