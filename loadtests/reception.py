"""What the workers say to the master, before, during and after a run; whatever is odd about it ends the run."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic, time
from typing import Any, Final

from bot.core.text import plain
from loadtests.merging import Event, Merger, Oddity
from loadtests.messages import BrokenMessageError, Kind, closing_of, count, finite, interval_number, interval_of
from loadtests.outputs import FileSink
from loadtests.report import Ending
from loadtests.roster import FullError, Roster, Worker, named

_log = logging.getLogger(__name__)

MOST_SKEW_S: Final = 1.0
_LONGEST_NAME: Final = 80
_OTHER_CODE: Final = "Another version of the bot is installed on the master: install the same one here."

Send = Callable[[Kind, Mapping[str, Any], str | None], None]
"""Says something to a worker by its Locust name, None to all."""


class OverError(Exception):
    """The run cannot go on: how it ends, and why."""

    def __init__(self, ending: Ending, detail: str) -> None:
        super().__init__(detail)
        self.ending = ending
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Desk:
    """What the reception works with: `welcome` is what a new worker is told, `where` how far the run has come."""

    send: Send
    welcome: Callable[[Worker], Mapping[str, Any]]
    where: Callable[[], str]
    code: str


class Reception:
    """Hears the workers, each message at once, and passes what they count to the merger.

    `over` is why the run must end, None while it may go on; `refusals` tell of workers that could not take part.
    """

    def __init__(self, roster: Roster, merger: Merger, sink: FileSink, desk: Desk) -> None:
        self._roster = roster
        self._merger = merger
        self._sink = sink
        self._desk = desk
        self.over: OverError | None = None
        self.refusals: list[str] = []

    @property
    def listeners(self) -> Mapping[Kind, Callable[[Mapping[str, Any], str], None]]:
        """Who hears which kind of message: its data, and the Locust name of its sender."""
        return {
            Kind.HELLO: self.on_hello,
            Kind.JOINED: self.on_joined,
            Kind.PING: self.on_ping,
            Kind.READY: self.on_ready,
            Kind.INTERVAL: self.on_interval,
            Kind.END: self.on_end,
        }

    def on_hello(self, data: Mapping[str, Any], client: str) -> None:
        """A worker asks for a place."""
        host, incarnation = plain(str(data["host"]), _LONGEST_NAME), str(data["incarnation"])
        if data["code"] != self._desk.code or len(incarnation) > _LONGEST_NAME:
            self._refuse(host, _OTHER_CODE, client)
            return
        try:
            slot = None if data["slot"] is None else count(data["slot"])
            found, before = self._roster.take_place(host, slot, incarnation)
        except FullError as full:
            self._refuse(host, str(full), client)
            return
        if before is not None:
            self.note(Oddity(before.name, Event.LEFT, "it was silent, and another one has its place"))
        self._desk.send(Kind.WELCOME, self._desk.welcome(found), client)

    def _refuse(self, host: str, words: str, client: str) -> None:
        self._desk.send(Kind.REFUSED, {"words": words}, client)
        namesake = self._roster.namesake(host)
        if self._roster.begun and namesake is not None and namesake.closing is None:
            self.trouble(Oddity(namesake.name, Event.RESTART, "a new process of it asked for a place after the start"))

    def on_joined(self, data: Mapping[str, Any], client: str) -> None:
        """Locust knows the worker now."""
        worker = self._known(data)
        if worker is None or worker.client is not None:
            return
        worker.client = client
        self._merger.add_worker(worker.name, worker.incarnation)
        self.note(Oddity(worker.name, Event.JOINED, f"as one of {self._roster.total}"))

    def on_ping(self, data: Mapping[str, Any], client: str) -> None:
        """A worker asks what time it is."""
        self._desk.send(Kind.PONG, {"number": data["number"], "monotonic": monotonic(), "epoch": time()}, client)

    def on_ready(self, data: Mapping[str, Any], _client: str) -> None:
        """A worker could begin at any time, and knows how its clock goes."""
        worker = self._known(data)
        if worker is None:
            return
        try:
            skew, rtt = finite(data["skew"]), _duration(data["rtt"])
        except ValueError as error:
            self.trouble(Oddity(worker.name, Event.SKEW, f"it sent {error}"))
            return
        worker.skew, worker.rtt, worker.ready = skew, rtt, True
        words = _apart(worker.skew, worker.rtt)
        if words:
            self.trouble(Oddity(worker.name, Event.SKEW, words))

    def on_interval(self, data: Mapping[str, Any], client: str) -> None:
        """A worker has counted an interval."""
        worker = next((each for each in self._roster if each.name == data["worker"]), None)
        if worker is None or worker.client is None:
            _log.warning("An interval came from %.80r, which has no part in this run.", client)
            return
        worker.heard = monotonic()
        try:
            number = interval_number(data["number"])
            found = self._merger.accept(worker.name, data["incarnation"], number, interval_of(data["report"]))
        except (BrokenMessageError, ValueError) as error:
            found = [Oddity(worker.name, Event.GAP, f"it sent {error}")]
        for each in found:
            self.trouble(each)

    def on_end(self, data: Mapping[str, Any], _client: str) -> None:
        """A worker is done, or cannot go on; it may have failed before Locust knew it."""
        worker = self._known(data)
        if worker is None or worker.closing is not None:
            return
        try:
            closing, sent = closing_of(data["closing"]), interval_number(data["sent"])
        except (BrokenMessageError, ValueError) as error:
            self.trouble(Oddity(worker.name, Event.GAP, f"it sent {error}"))
            return
        worker.closing = closing
        if worker.client is None:
            self._turned_away(worker, closing.detail)
            return
        for each in self._merger.close(worker.name, sent):
            self.trouble(each)
        self.note(Oddity(worker.name, Event.LEFT, f"{closing.ending}. {closing.detail}".strip(". ")))

    def _turned_away(self, worker: Worker, detail: str) -> None:
        """It could not even begin: one of our own ends the run, another machine's may be replaced by a better one."""
        self.note(Oddity(worker.name, Event.LEFT, detail))
        if worker.local:
            self.over = OverError(Ending.LOCUSTFILE_ERROR, f"{worker.name}: {detail}")
            return
        self.refusals.append(f"{worker.name} left: {detail}")
        self._roster.leave(worker)

    def _known(self, data: Mapping[str, Any]) -> Worker | None:
        return self._roster.by_incarnation(data["incarnation"])

    def trouble(self, odd: Oddity) -> None:
        """The run is invalid now: note by whom, and let it end."""
        self.note(odd)
        words = named(odd.event, odd.detail)
        for each in self._roster:
            if each.name == odd.worker:
                each.trouble.append(words)
        if self.over is None:
            self.over = OverError(Ending.CRASHED, f"{odd.worker}, {self._desk.where()}, {words}.")

    def note(self, odd: Oddity) -> None:
        """Put it on record."""
        if not self._sink.ended:
            self._sink.worker(odd.worker, odd.event, odd.detail)


def _apart(skew: float, rtt: float) -> str | None:
    """Why that clock is no use, in words: half of what the question took may be added to any difference."""
    if abs(skew) + rtt / 2 <= MOST_SKEW_S:
        return None
    right = f"{MOST_SKEW_S:g} s at most is right"
    if abs(skew) > MOST_SKEW_S:
        return f"its clock is {abs(skew):.2f} s {'ahead of' if skew > 0 else 'behind'} the master's, {right}"
    return f"its clock may be {abs(skew) + rtt / 2:.2f} s off (to ask took {rtt:.2f} s), {right}"


def _duration(value: Any) -> float:
    found = finite(value)
    if found < 0:
        raise ValueError("a duration below zero")
    return found
