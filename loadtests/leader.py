"""The course of a run of several workers, on the master: all there, all ready, begin together, add up, close."""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

import gevent

from loadtests.closings import Sums, total
from loadtests.failures import describe
from loadtests.installation import code_digest
from loadtests.interval import IntervalReport
from loadtests.merging import Event, Merger, Oddity
from loadtests.messages import Kind
from loadtests.outputs import FileSink
from loadtests.parts import OwnStart
from loadtests.plan import Plan
from loadtests.reception import Desk, OverError, Reception, Send
from loadtests.report import Ending
from loadtests.roster import Roster, Worker, named

_log = logging.getLogger(__name__)

SILENCE_S: Final = 3.0
_LEAD_S: Final = 0.5
# A worker imports Locust and its load file between its first word and the next one.
_IMPORTING_S: Final = 20.0
_POLL_S: Final = 0.05
# An order that comes later than this before the end would not reach all workers in time.
_LAST_CALL_S: Final = 0.3


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a leader needs of its process.

    `send` says something to workers, `clients` are those that Locust knows.
    `lost` tells why Locust or the system thinks that one is gone. `begin`,
    `each_second`, `error` and `users_missing` are those of a shape that decides how many users there are.
    """

    send: Send
    clients: Callable[[], Collection[str]]
    lost: Callable[[Worker], str | None]
    begin: Callable[[float], None]
    each_second: Callable[[], None]
    error: Callable[[], Exception | None]
    users_missing: Callable[[], int | None]


class Leader:
    """Leads the workers through a run, and writes what they count as one process would.

    `extend` and `stop` are orders from outside.
    """

    def __init__(
        self, plan: Plan, sink: FileSink, around: Surroundings, welcome: Callable[[Worker], Mapping[str, Any]]
    ) -> None:
        self._plan = plan
        self._sink = sink
        self._around = around
        self._roster = Roster(plan.workers.local, plan.workers.total, _IMPORTING_S)
        self._merger = Merger()
        self._sums = Sums()
        self._duration = plan.duration
        self._t0: float | None = None
        self._stop_words: str | None = None
        self._ending = False
        desk = Desk(around.send, welcome, self._where, code_digest())
        self.reception = Reception(self._roster, self._merger, sink, desk)

    # --- orders

    def extend(self, seconds: float) -> None:
        """Measure that many seconds more; too late once the window is about to end."""
        if self._t0 is None or monotonic() > self._t0 + self._duration - _LAST_CALL_S:
            return
        self._duration += seconds
        self._around.send(Kind.ORDER, {"extend": seconds}, None)
        self._sink.extended(seconds, self._duration)

    def stop(self, why: str) -> None:
        """Measure no further; the closing line repeats those words."""
        self._stop_words = why
        if self._t0 is None:
            self.reception.over = OverError(Ending.ABORTED, why)
        else:
            self._around.send(Kind.ORDER, {"stop": why}, None)

    # --- the course

    def conduct(self, leave: Callable[[], None]) -> None:
        """Run from nobody there to the closing line."""
        try:
            self._await_all_joined()
            self._await_all_ready()
            self._begin()
            self._follow()
            self._end(*self._outcome())
        except OverError as over:
            self._end(over.ending, over.detail)
        except Exception as error:  # noqa: BLE001 - whatever it is, the closing line names it
            _log.exception("The master of the load has failed.")
            self._end(Ending.CRASHED, describe(error))
        finally:
            leave()

    def cut_short(self, **_: Any) -> None:
        """Locust ends without being asked to: say so, unless the run is over."""
        self._end(Ending.CRASHED, f"The load was stopped before its end, {self._where()}.")
        while not self._sink.ended:
            gevent.sleep(_POLL_S)

    def _await_all_joined(self) -> None:
        seconds = self._plan.workers.deadline
        deadline = monotonic() + seconds
        while self._roster.missing:
            if monotonic() > deadline:
                raise OverError(Ending.CRASHED, self._who_is_missing(seconds))
            self._look()

    def _who_is_missing(self, seconds: float) -> str:
        missing, every = self._roster.missing, self._roster.total
        words = f"Only {every - len(missing)} of {every} workers joined within {seconds:g} s; missing"
        return " ".join([f"{words} {', '.join(missing)}.", *self.reception.refusals[-3:]])

    def _await_all_ready(self) -> None:
        # Each worker gives up by itself after `startup` and says why.
        deadline = monotonic() + self._plan.startup + SILENCE_S
        while not all(each.ready for each in self._roster):
            if monotonic() > deadline:
                late = ", ".join(each.name for each in self._roster if not each.ready)
                raise OverError(Ending.CRASHED, f"Not ready within {self._plan.startup:g} s: {late}.")
            self._look()
        self._look()

    def _turn_strangers_away(self) -> None:
        """Locust would give users to whoever has joined, and nobody would count what they send."""
        strangers = set(self._around.clients()) - {each.client for each in self._roster}
        if strangers:
            raise OverError(Ending.CRASHED, f"{min(strangers)[:80]} has joined, and has no part in this run.")

    def _begin(self) -> None:
        self._turn_strangers_away()
        self._roster.begun = True
        moment = OwnStart(_LEAD_S).agree(self._plan.warmup)
        self._sink.start(moment.epoch)
        self._around.send(Kind.BEGIN, {"monotonic": moment.monotonic, "epoch": moment.epoch}, None)
        for each in self._roster:
            each.heard = moment.monotonic - self._plan.warmup
        self._t0 = moment.monotonic
        self._around.begin(moment.monotonic)

    def _follow(self) -> None:
        due = monotonic() + 1.0
        while not all(each.closing for each in self._roster):
            self._look()
            self._write()
            if monotonic() >= due:
                due += 1.0
                self._around.each_second()
        self._look()
        self._write()

    def _write(self) -> None:
        for report in self._merger.ready():
            self._keep(report)

    def _keep(self, report: IntervalReport) -> None:
        self._sums.add(report)
        self._sink.interval(report, _breathe)

    def _outcome(self) -> tuple[Ending, str]:
        if self._stop_words is not None:
            return Ending.ABORTED, self._stop_words
        return Ending.COMPLETED, ""

    # --- looking after everybody

    def _look(self) -> None:
        """Wait a moment; OverError as soon as anything makes going on pointless."""
        gevent.sleep(_POLL_S)
        error = self._around.error()
        if error is not None:
            raise OverError(Ending.LOCUSTFILE_ERROR, str(error))
        for each in self._roster:
            self._look_after(each)
        if self.reception.over is not None:
            raise self.reception.over

    def _look_after(self, worker: Worker) -> None:
        if worker.closing is not None:
            if worker.closing.ending not in (Ending.COMPLETED, Ending.ABORTED):
                raise OverError(worker.closing.ending, f"{worker.name}: {worker.closing.detail}")
            return
        why = self._around.lost(worker) or self._silent(worker)
        if why is not None:
            self.reception.trouble(Oddity(worker.name, Event.LOST, why))

    def _silent(self, worker: Worker) -> str | None:
        if self._t0 is None or monotonic() - worker.heard <= SILENCE_S:
            return None
        return f"no interval came from it for {SILENCE_S:g} s"

    def _where(self) -> str:
        if self._t0 is None:
            return "before the warm-up"
        return f"{max(0.0, monotonic() - self._t0):.1f} s into {self._duration:g} s"

    # --- the end

    def _end(self, ending: Ending, detail: str) -> None:
        if self._ending:
            return
        self._ending = True
        every = tuple(self._workers())
        closings = [each.closing for each in self._roster if each.closing is not None]
        whole = ending in (Ending.COMPLETED, Ending.ABORTED) and len(closings) == self._roster.total
        if not whole:
            for each in self._roster:
                if each.client is not None:
                    self._merger.give_up(each.name)
            self._write()
        missing = self._around.users_missing()
        closing = total(ending, detail, closings, every) if whole else self._sums.closing(ending, detail, every)
        self._sink.end(closing if missing is None else closing.with_users_missing(missing))

    def _workers(self) -> Iterator[dict[str, Any]]:
        known = list(self._roster)
        joined = [each for each in known if each.client is not None]
        most = max((self._merger.expected(each.name) for each in joined), default=0)
        for each in joined:
            sent = self._merger.expected(each.name) if each.closing is not None else most
            yield each.facts(self._merger.received(each.name), sent)
        for name in self._roster.missing:
            facts: dict[str, Any] = {"name": name, "intervals": 0, "expected": most, "skew": None, "rtt": None}
            yield facts | {"trouble": [named(Event.LOST, "it did not join")]}


def _breathe() -> None:
    """Let messages in between two dear steps."""
    gevent.sleep(0)
