"""One repository's nights: what is due is started, what ended is noted, what was missed is said (invariant I18)."""

import signal
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from bot.core.calendar import Schedule, Slot, agenda
from bot.core.moments import iso
from bot.core.reasons import Exit
from bot.daemon.child import Child
from bot.daemon.slots import SlotBook, SlotState, is_settled
from bot.errors import BotError
from bot.flows.ports import Clock

# A slot that could not run because of a lock or an error is tried again this often.
RETRY_S: Final = 60.0


class Say(Protocol):
    """Where the scheduler's lines go."""

    def __call__(self, event: str, **facts: object) -> None:
        """Say one line: what happened, and to what."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """One repository to serve: `command` is what a night runs, in `folder`.

    A slot that could not begin on time still runs when it is at most `late` seconds old. A night that has not ended
    after `deadline` seconds is killed. `stdout` is the descriptor that its results go to; None: stdout.
    """

    name: str
    command: tuple[str, ...]
    folder: Path
    state_dir: Path
    schedule: Schedule
    late: float
    deadline: float
    stdout: int | None = None


@dataclass(frozen=True, slots=True)
class _Running:
    child: Child
    slot: Slot
    kill_at: float


class Night:
    """The nights of one job. `tick` never waits; it may be called at any time, by one thread at a time."""

    def __init__(self, job: Job, clock: Clock, say: Say) -> None:
        """Read the job's memory; says so where it was damaged."""
        self.job = job
        self._clock = clock
        self._say = say
        self._book = SlotBook(job.state_dir, clock.now())
        self._running: _Running | None = None
        self._stopping = False
        self._retry_at = clock.monotonic()
        if self._book.damaged is not None:
            say("memory-damaged", config=job.name, moved_to=self._book.damaged)

    @property
    def is_running(self) -> bool:
        """Whether a child has not ended yet."""
        return self._running is not None

    def tick(self) -> None:
        """Note a child that ended, then start the slot that is due; a failure is said and tried again."""
        try:
            self.watch()
            if self._running is None and self._clock.monotonic() >= self._retry_at:
                self._begin_what_is_due()
        except (BotError, OSError) as error:
            self._retry_later()
            self._say("tick-failed", config=self.job.name, error=error)

    def watch(self) -> None:
        """Note a child that ended, kill one that is past its deadline; start nothing."""
        running = self._running
        if running is None:
            return
        code = running.child.poll()
        if code is not None:
            self._note_end(running, code, "")
        elif self._clock.monotonic() >= running.kill_at:
            self._note_end(running, running.child.kill(), f"killed after {self.job.deadline:g} s")

    def ask_to_stop(self) -> None:
        """Pass SIGTERM on to the child, which ends its run, writes its record and leaves; nothing starts any more."""
        self._stopping = True
        if self._running is not None:
            self._running.child.ask(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the child with all its descendants."""
        if self._running is not None:
            self._note_end(self._running, self._running.child.kill(), "killed")

    def _begin_what_is_due(self) -> None:
        now = self._clock.now()
        self._book.watch_from(now)
        handled = self._book.memory.handled_until(now)
        due = agenda(self.job.schedule, now=now, handled_until=handled, late=self.job.late)
        self._note_missed(due.missed, now)
        if due.run is not None and not self._is_settled(due.run):
            self._begin(due.run, now)

    def _is_settled(self, slot: Slot) -> bool:
        entry = self._book.memory.slots.get(slot.id)
        return entry is not None and is_settled(entry)

    def _begin(self, slot: Slot, now: datetime) -> None:
        """Remember first, start second: a night that is remembered and never started is tried again or reported."""
        self._book.note(slot, SlotState.STARTED, now)
        child = self._start(slot, now)
        self._running = _Running(child, slot, self._clock.monotonic() + self.job.deadline)
        late = int((now - slot.due).total_seconds())
        self._say("night-started", config=self.job.name, slot=slot.id, due=iso(slot.due), late_s=late, pid=child.pid)

    def _start(self, slot: Slot, now: datetime) -> Child:
        try:
            return Child(self.job.command, slot.id, self.job.folder, self.job.stdout)
        except OSError as error:
            self._book.note(slot, SlotState.BUSY, now, why=f"it could not be started: {error.strerror}")
            raise

    def _note_missed(self, slots: tuple[Slot, ...], now: datetime) -> None:
        missed = {slot: self._why_missed(slot) for slot in slots if not self._is_settled(slot)}
        self._book.note_missed(missed, now)
        for slot, why in missed.items():
            self._say("night-missed", config=self.job.name, slot=slot.id, due=iso(slot.due), why=why)

    def _why_missed(self, slot: Slot) -> str:
        entry = self._book.memory.slots.get(slot.id)
        return (entry.why if entry else "") or _WHY_MISSED[entry.state if entry else None]

    def _note_end(self, running: _Running, code: int, why: str) -> None:
        """Forget the child first: whatever fails now, there is none any more."""
        self._running = None
        facts = {"why": why} if why else {}
        self._say("night-ended", config=self.job.name, slot=running.slot.id, exit=code, **facts)
        state = self._state_after(code, why)
        if state is SlotState.BUSY:
            self._retry_later()
        try:
            self._book.note(running.slot, state, self._clock.now(), exit_code=code, why=why)
        except BotError as error:
            self._say("memory-failed", config=self.job.name, slot=running.slot.id, error=error)

    def _state_after(self, code: int, why: str) -> SlotState:
        if code == Exit.LOCKED:
            return SlotState.BUSY
        if self._stopping and (why or code == Exit.INTERRUPTED or code < 0):
            return SlotState.INTERRUPTED
        return SlotState.ENDED

    def _retry_later(self) -> None:
        self._retry_at = self._clock.monotonic() + RETRY_S


_WHY_MISSED: Final = {
    None: "nothing was there to start it in time",
    SlotState.BUSY: "another run held the lock until it was too late",
    SlotState.STARTED: "the scheduler ended while this night ran; `promote history` says what became of it",
    SlotState.INTERRUPTED: "it was interrupted when the scheduler was stopped, and started again too late",
}
