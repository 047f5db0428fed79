"""How a worker asks the master what to do, before it imports Locust: the guard must stand first.

One message each way over Locust's own port, in Locust's own form. Nothing of Locust is imported here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Final
from uuid import uuid4

import zmq

from loadtests.installation import code_digest
from loadtests.messages import BrokenMessageError, Kind, packed, unpacked
from loadtests.plan import Plan, plan_of

# Long enough for an answer, short enough that a master that has just come up is found at once.
_RETRY_S: Final = 0.5


class NoMasterError(Exception):
    """Nobody answered in time."""


class RefusedError(Exception):
    """The master does not want this worker; its text says why."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the master is."""

    host: str
    port: int

    def __str__(self) -> str:
        """`host:port`."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the master answered: which worker of how many this is, in which life, and what it shall do."""

    name: str
    number: int
    total: int
    incarnation: str
    file: str
    sha256: str
    plan: Plan


def ask(master: Address, host: str, slot: int | None, wait: float) -> Welcome:
    """Ask until the master answers, for `wait` seconds.

    `host` names this machine. `slot` is for the master's own workers, None for those of other machines. Raises
    NoMasterError, RefusedError.
    """
    incarnation = uuid4().hex
    hello = {"host": host, "slot": slot, "incarnation": incarnation, "code": code_digest()}
    context = zmq.Context()
    deadline = monotonic() + wait
    try:
        while monotonic() < deadline:
            answer = _once(context, master, hello)
            if answer is not None:
                return _read(*answer)
    finally:
        context.destroy(linger=0)
    raise NoMasterError(f"No master of a load answered at {master} within {wait:g} s.")


def _once(context: "zmq.Context[Any]", master: Address, hello: Mapping[str, Any]) -> tuple[str, Any] | None:
    """Ask on a connection of its own; a socket that once failed to connect would wait longer and longer."""
    identity = uuid4().hex
    with context.socket(zmq.DEALER) as socket:
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.IPV6, 1)
        socket.setsockopt(zmq.IDENTITY, identity.encode())
        socket.connect(f"tcp://{master}")
        socket.send(packed(Kind.HELLO, hello, identity))
        if not socket.poll(_RETRY_S * 1000):
            return None
        try:
            return unpacked(socket.recv())
        except BrokenMessageError:
            return None


def _read(kind: str, data: Any) -> Welcome:
    if kind == Kind.REFUSED and isinstance(data, Mapping):
        raise RefusedError(str(data.get("words")))
    try:
        if kind != Kind.WELCOME:
            raise BrokenMessageError(kind)
        return Welcome(
            name=str(data["name"]),
            number=int(data["number"]),
            total=int(data["total"]),
            incarnation=str(data["incarnation"]),
            file=str(data["plan"]["locustfile"]),
            sha256=str(data["sha256"]),
            plan=plan_of(data["plan"], Path.cwd() / "worker"),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RefusedError("The master speaks another language: install the same version on both sides.") from error


def tell_end(master: Address, welcome: Welcome, closing: Mapping[str, Any]) -> None:
    """Say that this worker cannot even begin; nobody answers, and a second is enough for it to be sent."""
    context = zmq.Context()
    try:
        with context.socket(zmq.DEALER) as socket:
            socket.setsockopt(zmq.IPV6, 1)
            socket.setsockopt(zmq.LINGER, 1000)
            socket.setsockopt(zmq.IDENTITY, uuid4().hex.encode())
            socket.connect(f"tcp://{master}")
            data = {"incarnation": welcome.incarnation, "worker": welcome.name, "sent": 0, "closing": closing}
            socket.send(packed(Kind.END, data, welcome.incarnation))
    finally:
        context.term()
