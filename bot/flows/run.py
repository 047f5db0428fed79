"""One run in progress: its record grows as facts become known, and every step is journalled and timed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.core.advice import action_of
from bot.core.enrichment import NO_EXTRAS, Extras
from bot.core.gate import Refusal
from bot.core.hosting import Announcement
from bot.core.loadplan import LoadPlan
from bot.core.moments import iso
from bot.core.promotion import Prepared
from bot.core.reasons import Exit, Reason
from bot.core.record import SCHEMA_VERSION, Outcome, RunKind, RunRecord
from bot.core.telling import STARTED
from bot.errors import BotError
from bot.flows.ports import RunFolder
from bot.flows.request import Effect, Request, Tools


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended: outcome, reason, and the sentence that names what was seen."""

    outcome: Outcome
    reason: Reason
    sentence: str
    action: str | None = None


_OUTCOMES: Final = {
    Exit.OK: Outcome.UP_TO_DATE,
    Exit.BLOCKED: Outcome.BLOCKED,
    Exit.INCONCLUSIVE: Outcome.INCONCLUSIVE,
    Exit.INVALID: Outcome.INVALID,
    Exit.REFUSED: Outcome.REFUSED,
}


def refused(refusal: Refusal) -> Ending:
    """The ending that a refusal leads to: its exit code decides the outcome's name."""
    return Ending(_OUTCOMES.get(refusal.reason.exit, Outcome.ERROR), refusal.reason, refusal.sentence)


class Run:
    """What is known so far of one run; `record` is replaced, never changed.

    `known_authors` are the addresses of everybody who contributed before this range, None while nobody looked;
    `taken_back` are the releases (full ids) that earlier nights must not be compared with;
    `extras` is what the host knows of the commits, asked once;
    `prepared` is what a push may have sent, None before the first one; `is_settled` says that what came of it was read
    from the remote, so that the next run need not ask again; `said` is what it said on the host so far.
    """

    def __init__(self, tools: Tools, request: Request) -> None:
        self.tools = tools
        self.request = request
        self.record = _blank(request, iso(tools.clock.now()), tools.versions)
        self.known_authors: frozenset[str] | None = None
        self.taken_back: frozenset[str] = frozenset()
        self.extras: Extras = NO_EXTRAS
        self.prepared: Prepared | None = None
        self.is_settled = False
        self.said: list[Announcement] = []
        with self._pointed("create run"):
            self.folder: RunFolder = tools.runs.create(request.run_id)
        kind = request.kind.value
        self.journal(STARTED, run_id=request.run_id, kind=kind, slot=request.slot, tells=self.tells)
        # Whoever finds this run after a crash reads what it was about from here.
        with self.effect("save beginning"):
            tools.runs.save(self.record)

    @property
    def plan(self) -> LoadPlan:
        """What is measured; a run that measures nothing has none to ask for."""
        if self.request.plan is None:
            raise TypeError("this run measures nothing")
        return self.request.plan

    @property
    def tells(self) -> bool:
        """Whether it says on the host what becomes of it: one that moves nothing is nobody's business there."""
        is_for_real = self.request.effect is Effect.WRITE and self.request.kind is not RunKind.GATE
        return is_for_real and bool(self.tools.host.name)

    def know(self, **facts: Any) -> None:
        """Add facts to the record."""
        self.record = replace(self.record, **facts)

    def journal(self, event: str, *, into: RunFolder | None = None, **facts: object) -> None:
        """One line with facts that another process may need, here or `into` an earlier run's; a point as any effect."""
        with self._pointed(f"journal {event}"):
            (into or self.folder).journal(event, **facts)

    @contextmanager
    def effect(self, name: str) -> Iterator[None]:
        """One effect on the world by its name: journalled before it happens, a point where a run may be cut off."""
        self.folder.journal(name)
        with self._pointed(name):
            yield

    @contextmanager
    def _pointed(self, name: str) -> Iterator[None]:
        self.tools.points.reached(f"before {name}")
        yield
        self.tools.points.reached(f"after {name}")

    @contextmanager
    def step(self, name: str, detail: str = "") -> Iterator[None]:
        """An effect that people see and wait for: announced, journalled and timed."""
        self.tools.watcher.step(name, detail)
        self.folder.journal(name, detail=detail)
        begun = self.tools.clock.monotonic()
        try:
            with self._pointed(name):
                yield
        finally:
            took = round(self.tools.clock.monotonic() - begun, 3)
            self.know(timings=(*self.record.timings, (name, took)))

    def attempt(self, effect: Callable[[], object]) -> None:
        """Do what the run can end without; a failure is told, and changes nothing about what happened on the remote."""
        try:
            effect()
        except BotError as error:
            self.tools.watcher.step("warning", f"{error.sentence} {error.action}")
        except Exception as error:  # noqa: BLE001 - a bug in a report must not unsay a promotion
            self.tools.watcher.step(
                "warning", f"{type(error).__name__} while the run was written down; please report it"
            )

    def discard(self) -> None:
        """Leave nothing of a run that was only asked for by mistake."""
        with self._pointed("discard run"):
            self.tools.runs.discard(self.request.run_id)

    def advice(self, ending: Ending) -> str:
        """What to do next after that ending."""
        return ending.action or action_of(self.request.kind, ending.reason, self.request.repository)

    def end(self, ending: Ending) -> None:
        """Write the ending into the record."""
        self.know(
            outcome=ending.outcome,
            reason_code=ending.reason.code,
            reason=ending.sentence,
            action=self.advice(ending),
            finished_at=iso(self.tools.clock.now()),
        )


def _blank(request: Request, now: str, versions: tuple[tuple[str, str], ...]) -> RunRecord:
    """A record that knows nothing yet; until it is told otherwise, the run was interrupted."""
    return RunRecord(
        schema_version=SCHEMA_VERSION,
        run_id=request.run_id,
        kind=request.kind,
        trigger=request.trigger,
        actor=request.actor,
        outcome=Outcome.ERROR,
        reason_code=Reason.INTERRUPTED.code,
        reason="The run was interrupted.",
        action=Reason.INTERRUPTED.action,
        started_at=now,
        finished_at=now,
        slot=request.slot,
        repository=request.repository,
        candidate=None,
        plan=request.plan,
        evidence=None,
        verdict=None,
        promotion=None,
        updates=(),
        notes_title=None,
        trouble=None,
        previous=None,
        attempts=(),
        timings=(),
        versions=versions,
        justification=request.justification,
        dry_run=request.effect is Effect.DRY_RUN,
    )
