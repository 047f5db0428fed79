"""A worker within Locust: it does what one process would, and tells the master instead of writing files."""

import os
import signal
from collections.abc import Callable, Mapping
from time import monotonic, time
from typing import Any, Final

import gevent
from gevent.event import AsyncResult, Event
from locust.runners import STATE_RUNNING

from loadtests.conductor import Conductor
from loadtests.interval import IntervalReport
from loadtests.joining import Welcome
from loadtests.messages import Kind, closing_data, interval_data
from loadtests.outcome import Outcome
from loadtests.parts import Moment
from loadtests.recorder import Recorder
from loadtests.report import Closing, Ending
from loadtests.schedule import Share
from loadtests.wiring import wire

_QUESTIONS: Final = 8
_ANSWER_S: Final = 1.0
_APART_S: Final = 0.02
# Locust's master answers every second; one that has been silent so long is gone.
_MASTER_SILENT_S: Final = 6.0
_LEAVING_S: Final = 5
_POLL_S: Final = 0.5


class Link:
    """What master and worker say to each other while Locust runs."""

    def __init__(self, runner: Any, welcome: Welcome) -> None:
        self._runner = runner
        self._incarnation = welcome.incarnation
        self._name = welcome.name
        self._pongs: dict[int, AsyncResult[Mapping[str, Any]]] = {}
        self._begin: AsyncResult[Mapping[str, Any]] = AsyncResult()
        self.bye = Event()
        runner.register_message(str(Kind.PONG), lambda msg, **_: self._pongs[msg.data["number"]].set(msg.data))
        runner.register_message(str(Kind.BEGIN), lambda msg, **_: self._begin.set(msg.data))
        runner.register_message(str(Kind.BYE), lambda **_: self.bye.set())

    def obey(self, conductor: Conductor) -> None:
        """Carry out the master's orders."""

        def on_order(msg: Any, **_: Any) -> None:
            if "stop" in msg.data:
                conductor.stop(str(msg.data["stop"]))
            else:
                conductor.extend(float(msg.data["extend"]))

        self._runner.register_message(str(Kind.ORDER), on_order)

    @property
    def spawned(self) -> bool:
        """Whether the users that the master gave to this worker are there."""
        return bool(self._runner.worker_state == STATE_RUNNING)

    def say(self, kind: Kind, **facts: Any) -> None:
        """Tell the master something."""
        self._runner.send_message(str(kind), {"incarnation": self._incarnation, "worker": self._name, **facts})

    def ask_time(self, number: int) -> tuple[float, float, float] | None:
        """(seconds it took, master's monotonic clock minus ours, its wall clock minus ours); None without an answer."""
        pong = self._pongs[number] = AsyncResult()
        sent, wall = monotonic(), time()
        self.say(Kind.PING, number=number)
        try:
            answer = pong.get(timeout=_ANSWER_S)
        except gevent.Timeout:
            return None
        took = monotonic() - sent
        middle = took / 2
        return took, answer["monotonic"] - (sent + middle), answer["epoch"] - (wall + middle)

    def await_begin(self) -> Mapping[str, Any]:
        """What the master says when all begin; without a master this process ends."""
        told: Mapping[str, Any] = self._begin.get()
        return told


class AgreedStart:
    """All workers begin at the master's moment, each on its own clock."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def possible(self) -> bool:
        """The master may take its users for spawned before this worker has heard of them."""
        return self._link.spawned

    def agree(self, warmup: float) -> Moment:
        """Compare clocks, say that this worker is ready, and wait for the others.

        Of several answers the fastest counts. The monotonic clocks are compared too, so that a wrong wall clock shifts
        nothing.
        """
        del warmup
        answers = [found for number in range(_QUESTIONS) if (found := self._ask(number)) is not None]
        if not answers:
            raise TimeoutError("the master does not answer")
        took, ahead, wall = min(answers)
        self._link.say(Kind.READY, skew=-wall, rtt=took)
        told = self._link.await_begin()
        return Moment(told["monotonic"] - ahead, told["epoch"])

    def _ask(self, number: int) -> tuple[float, float, float] | None:
        gevent.sleep(_APART_S)
        return self._link.ask_time(number)


class MasterSink:
    """Sends every interval to the master as soon as it is over."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._sent = 0
        self.closing: Closing | None = None

    @property
    def ended(self) -> bool:
        """Whether the master was told of the end."""
        return self.closing is not None

    def start(self, epoch: float) -> None:
        """The master knows."""

    def interval(self, report: IntervalReport, pause: Callable[[], None]) -> None:
        """Send it, with its number."""
        pause()
        number, self._sent = self._sent, self._sent + 1
        self._link.say(Kind.INTERVAL, number=number, report=interval_data(report))

    def extended(self, seconds: float, duration: float) -> None:
        """The master said so itself."""

    def end(self, closing: Closing) -> None:
        """Say that this worker is done."""
        if self.closing is None:
            self.closing = closing
            self._link.say(Kind.END, sent=self._sent, closing=closing_data(closing))


class Member:
    """Connects one worker with Locust; `tell` is called with what became of it."""

    def __init__(
        self, environment: Any, welcome: Welcome, recorder: Recorder, tell: Callable[[Outcome, str], None]
    ) -> None:
        self._runner = environment.runner
        self._link = Link(self._runner, welcome)
        self._tell = tell
        self._name = welcome.name
        self._plan = welcome.plan
        self._heard = monotonic()
        self._sink = MasterSink(self._link)
        share = Share(welcome.number - 1, welcome.total)
        start = AgreedStart(self._link)
        self._conductor = wire(environment, welcome.plan, recorder, self._sink, share, start=start)
        self._link.obey(self._conductor)
        environment.events.heartbeat_received.add_listener(self._on_heartbeat)
        environment.events.quitting.add_listener(lambda **_: signal.alarm(_LEAVING_S))

    @property
    def sink(self) -> MasterSink:
        """Where everything goes."""
        return self._sink

    def begin(self) -> None:
        """Join, and set the conductor going."""
        gevent.spawn(self._watch_master)
        self._link.say(Kind.JOINED)
        gevent.spawn(self._conductor.conduct, self._leave)

    def _on_heartbeat(self, **_: Any) -> None:
        self._heard = monotonic()

    def _watch_master(self) -> None:
        """A worker without a master would go on for ever."""
        while monotonic() - self._heard < _MASTER_SILENT_S:
            gevent.sleep(_POLL_S)
        self._tell(Outcome.NO_MASTER, f"The master has been silent for {_MASTER_SILENT_S:g} s.")
        os._exit(1)

    def _leave(self) -> None:
        """Wait until the others are done too: Locust's master would take the last worker's leaving for the end."""
        self._link.bye.wait(self._plan.drain + _MASTER_SILENT_S)
        closing = self._sink.closing
        if closing is None or closing.ending not in {Ending.COMPLETED, Ending.ABORTED}:
            self._tell(Outcome.FAILED, "" if closing is None else closing.detail)
        else:
            self._tell(Outcome.DONE, f"{self._name} has done its part.")
        signal.alarm(_LEAVING_S)  # messages that nobody takes any more would keep Locust from leaving
        self._runner.quit()
