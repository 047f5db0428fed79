"""One run in progress: its record grows as facts become known, and every step is journalled and timed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.core.gate import Refusal
from bot.core.loadplan import LoadPlan
from bot.core.moments import iso
from bot.core.promotion import Prepared
from bot.core.reasons import Exit, Reason
from bot.core.record import SCHEMA_VERSION, Outcome, RunRecord
from bot.flows.ports import RunFolder
from bot.flows.request import Request, Tools


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
    `prepared` is what a push may have sent, None before the first one.
    """

    def __init__(self, tools: Tools, request: Request) -> None:
        self.tools = tools
        self.request = request
        with self._pointed("create run"):
            self.folder: RunFolder = tools.runs.create(request.run_id)
        self.record = _blank(request, iso(tools.clock.now()), tools.versions)
        self.known_authors: frozenset[str] | None = None
        self.prepared: Prepared | None = None
        # Whoever finds this run after a crash reads what it was about from here.
        with self._pointed("save beginning"):
            tools.runs.save(self.record)
        with self._pointed("journal beginning"):
            self.folder.journal("started", run_id=request.run_id, kind=request.kind.value, slot=request.slot)

    @property
    def plan(self) -> LoadPlan:
        """What is measured; a run that measures nothing has none to ask for."""
        if self.request.plan is None:
            raise TypeError("this run measures nothing")
        return self.request.plan

    def know(self, **facts: Any) -> None:
        """Add facts to the record."""
        self.record = replace(self.record, **facts)

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

    def end(self, ending: Ending) -> None:
        """Write the ending into the record."""
        self.know(
            outcome=ending.outcome,
            reason_code=ending.reason.code,
            reason=ending.sentence,
            action=ending.action or ending.reason.action,
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
    )
