"""Orders from the bot while the load runs: one JSON object a line on standard input.

`{"extend": seconds}` goes on for longer, `{"stop": "why"}` ends the measured time at once. The end of the input means
nothing, and neither does a line that is no order, whatever is in it.
"""

import json
import logging
import os
import stat
from typing import Any, Final, Protocol

import gevent
from gevent.os import make_nonblocking, nb_read

_log = logging.getLogger(__name__)

_MOST_AT_ONCE: Final = 4096
_LONGEST_LINE: Final = 64 * 1024
_MOST_EXTENSION_S: Final = 7 * 24 * 3600


class Steered(Protocol):
    """Whoever carries orders out."""

    def extend(self, seconds: float) -> None:
        """Measure so many seconds more."""
        ...

    def stop(self, why: str) -> None:
        """Measure no further."""
        ...


def obey(steered: Steered, fd: int = 0) -> Any:
    """Carry out the orders that come through that pipe, in a greenlet of its own; None where it is no pipe."""
    try:
        if not stat.S_ISFIFO(os.fstat(fd).st_mode):
            return None
        make_nonblocking(fd)
    except OSError:
        return None
    return gevent.spawn(_listen, steered, fd)


def _listen(steered: Steered, fd: int) -> None:
    rest = b""
    while chunk := _read(fd):
        *lines, rest = (rest + chunk).split(b"\n")
        rest = rest[-_LONGEST_LINE:]
        for line in lines:
            _survive(line, steered)


def _read(fd: int) -> bytes:
    try:
        return bytes(nb_read(fd, _MOST_AT_ONCE))
    except OSError:
        return b""


def _survive(line: bytes, steered: Steered) -> None:
    """An order that fails must not make the load deaf to the next one, which may be to stop."""
    try:
        carry_out(line, steered)
    except Exception:  # noqa: BLE001 - whatever it is, the pipe must stay open to the order to stop
        _log.exception("This order could not be carried out: %.200r", line)


def carry_out(line: bytes, steered: Steered) -> None:
    """Do what one line says; a line that says nothing is logged and passed over."""
    match _object(line):
        case {"stop": str(why)}:
            steered.stop(why)
        case {"extend": int() | float() as seconds} if _sensible(seconds):
            steered.extend(float(seconds))
        case _:
            _log.warning("This is no order: %.200r", line)


def _object(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _sensible(seconds: float) -> bool:
    # A comparison only: an integer may be too long to be a float, and NaN is in no order with anything.
    return not isinstance(seconds, bool) and 0 < seconds <= _MOST_EXTENSION_S
