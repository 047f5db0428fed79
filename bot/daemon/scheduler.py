"""The long-lived parent: one APScheduler job a repository, each looking at its night; ends without leaving a child.

Nothing heavy is imported here and nothing is tested or pushed: that is the child's work.
"""

import contextlib
import fcntl
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any, Final

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.adapters import files
from bot.core.calendar import Schedule, next_slot
from bot.core.moments import iso
from bot.core.reasons import Reason
from bot.daemon.night import Job, Night, Say
from bot.errors import BotError
from bot.flows.ports import Clock

LOCK_FILE: Final = "scheduler.lock"
GRACE_S: Final = 30.0
# Looking is cheap, and a look decides by the calendar alone: one that comes early, late or twice does no harm.
LOOK_S: Final = 1
# A clock that was set back would leave APScheduler waiting for the old time; seen after at most this many seconds.
CHECK_S: Final = 30.0
_POLL_S: Final = 0.2
_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


class Scheduler:
    """Serves jobs until it is told to stop."""

    def __init__(self, jobs: Sequence[Job], clock: Clock, say: Say, grace: float = GRACE_S) -> None:
        """`grace` is how many seconds a night gets to end by itself once SIGTERM has come."""
        self._jobs = jobs
        self._clock = clock
        self._say = say
        self._grace = grace
        self._wake = threading.Event()
        self._signals = 0

    def stop(self) -> None:
        """Stop serving; the second call kills what still runs. Safe to call from a signal handler."""
        self._signals += 1
        self._wake.set()

    def serve(self) -> None:
        """Serve until SIGTERM or SIGINT; at the end no child is alive.

        Raises:
            BotError: LOCKED where another scheduler serves the same state directory; STATE_UNUSABLE, DISK_FULL.
        """
        with contextlib.ExitStack() as held:
            for job in self._jobs:
                held.enter_context(_only_one(job))
            nights = [Night(job, self._clock, self._say) for job in self._jobs]
            held.enter_context(_signals_to(self))
            try:
                self._run(nights)
            finally:
                self._end(nights)

    def _run(self, nights: Sequence[Night]) -> None:
        scheduler = background()
        for night in nights:
            scheduler.add_job(night.tick, IntervalTrigger(seconds=LOOK_S, timezone=UTC), name=night.job.name)
            self._say("serving", config=night.job.name, **self._plan(night.job.schedule))
        scheduler.start()
        try:
            while not self._wake.wait(CHECK_S):
                catch_up(scheduler)
        finally:
            scheduler.shutdown(wait=True)

    def _plan(self, schedule: Schedule) -> dict[str, object]:
        due = next_slot(schedule, self._clock.now()).due
        return {"cron": schedule.cron.text, "zone": schedule.zone, "next": iso(due)}

    def _end(self, nights: Sequence[Night]) -> None:
        """Ask every child to end, wait for the grace or a second signal, kill the rest."""
        for night in nights:
            night.ask_to_stop()
        last = self._clock.monotonic() + self._grace
        while self._signals < 2 and self._clock.monotonic() < last and _any_running(nights):  # noqa: PLR2004 - twice
            threading.Event().wait(_POLL_S)
        for night in nights:
            night.kill()
        self._say("stopped")


def catch_up(scheduler: Any) -> None:
    """Let jobs run now that wait for a moment which a clock set back has moved far away."""
    now = datetime.now(tz=UTC)
    for job in scheduler.get_jobs():
        if job.next_run_time > now + timedelta(seconds=CHECK_S):
            job.modify(next_run_time=now)


def _any_running(nights: Sequence[Night]) -> bool:
    for night in nights:
        night.watch()
    return any(night.is_running for night in nights)


def background() -> Any:
    """A scheduler that drops no fire for being late, adds up those that gathered, and never runs one job twice."""
    return BackgroundScheduler(
        jobstores={"default": MemoryJobStore()},
        executors={"default": ThreadPoolExecutor(max_workers=1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=UTC,
    )


@contextlib.contextmanager
def _only_one(job: Job) -> Iterator[None]:
    """Hold the state directory against a second scheduler; the kernel lets go when this process ends, however."""
    files.make_folder(job.state_dir)
    path = job.state_dir / LOCK_FILE
    with files.state_errors(path):
        handle = os.open(path, os.O_RDWR | os.O_CREAT, files.PRIVATE_FILE)
    try:
        _lock(handle, path, job)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, path: Path, job: Job) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sentence = f"Another scheduler already serves the state directory of {job.name} ({path})."
        action = "Stop it, or give each configuration a [state] dir of its own."
        raise BotError(Reason.LOCKED, sentence, action) from None


@contextlib.contextmanager
def _signals_to(scheduler: Scheduler) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(_number: int, _frame: FrameType | None) -> None:
        scheduler.stop()

    before = {number: signal.signal(number, handle) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
