"""Who takes part in a run of several workers, and what is known of each."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from loadtests.merging import Event
from loadtests.report import Closing


@dataclass(slots=True)
class Worker:
    """One worker, from its first word on; times are those of `time.monotonic` here.

    `client` is its name within Locust, `heard` when anything last came from it. `skew` is its clock minus the master's
    in seconds, `rtt` how long the question took at its fastest. `sent` is its number of intervals, once it has closed.
    """

    name: str
    number: int
    host: str
    incarnation: str
    local: bool
    heard: float
    client: str | None = None
    skew: float | None = None
    rtt: float | None = None
    ready: bool = False
    closing: Closing | None = None
    trouble: list[str] = field(default_factory=list)

    def facts(self, intervals: int, expected: int) -> dict[str, Any]:
        """What the closing line says of it."""
        return {
            "name": self.name,
            "intervals": intervals,
            "expected": expected,
            "skew": self.skew,
            "rtt": self.rtt,
            "trouble": list(self.trouble),
        }


class FullError(Exception):
    """There is no place for another worker; its text says so to whoever asked."""


class Roster:
    """The places of a run: the first ones are for workers of this machine, the others for those that join.

    A worker that asks again in the same life gets the same place. One of another life takes the place of one that has
    been silent for `silence` seconds before Locust knew it, as long as the run has not begun.
    """

    def __init__(self, local: int, total: int, silence: float) -> None:
        self._places: dict[int, Worker | None] = dict.fromkeys(range(1, total + 1))
        self._local = local
        self._silence = silence
        self.begun = False

    def __iter__(self) -> Iterator[Worker]:
        """Those that are there, in the order of their places."""
        return (each for each in self._places.values() if each is not None)

    @property
    def total(self) -> int:
        """How many there should be."""
        return len(self._places)

    @property
    def missing(self) -> list[str]:
        """The names of those that have not joined."""
        return [_name(number) for number, each in self._places.items() if each is None or each.client is None]

    def by_incarnation(self, incarnation: object) -> Worker | None:
        """The worker of that life."""
        return next((each for each in self if each.incarnation == incarnation), None)

    def take_place(self, host: str, slot: int | None, incarnation: str) -> tuple[Worker, Worker | None]:
        """A place for that worker, and whose place it was; FullError when there is none."""
        known = self.by_incarnation(incarnation)
        if known is not None:
            return known, None
        if self.begun:
            raise FullError("The run has begun without this worker.")
        number = self._free(slot)
        before = self._places[number]
        name = _name(number) if slot else f"{host}:{_name(number)}"
        found = Worker(name, number, host, incarnation, local=slot is not None, heard=monotonic())
        self._places[number] = found
        return found, before

    def _free(self, slot: int | None) -> int:
        numbers = [slot] if slot else range(self._local + 1, self.total + 1)
        for number in numbers:
            holder = self._places.get(number)
            if number in self._places and (holder is None or self._gone(holder)):
                return number
        raise FullError("The run has all its workers already.")

    def _gone(self, holder: Worker) -> bool:
        return holder.client is None and monotonic() - holder.heard > self._silence

    def leave(self, worker: Worker) -> None:
        """Its place is free again."""
        self._places[worker.number] = None

    def namesake(self, host: str) -> Worker | None:
        """A worker of another machine that goes by that name."""
        return next((each for each in self if each.host == host and not each.local), None)


def _name(number: int) -> str:
    return f"worker-{number}"


def named(event: Event, detail: str) -> str:
    """One trouble in words that begin with its name."""
    return f"{event}: {detail}"
