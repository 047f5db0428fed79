"""The HTTP server of the fake GitHub: hears a request, checks it, lets it go wrong or be done, and answers.

One thread for all connections: a request is done under the hub's lock anyway, and most connections bring one.
"""

import contextlib
import json
import selectors
import socket
import struct
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from http.client import responses
from typing import Final
from urllib.parse import parse_qs, urlsplit

from support.github import dispatch
from support.github.answers import Answer
from support.github.dispatch import Heard, Reply
from support.github.faults import Wire
from support.github.hub import Hub

_PREFIXES: Final = ("/api/v3", "/api/uploads", "/api")
_LONGEST_SILENCE_S: Final = 60.0
_LONGEST_SEND_S: Final = 30.0
_LOOK_S: Final = 1.0
_PIECE: Final = 1 << 18
_END: Final = b"\r\n\r\n"
_ABORT: Final = struct.pack("ii", 1, 0)


@dataclass(eq=False)
class _Connection:
    """One client: what came from it and is not answered yet; `silent` is since when it gets no answer any more."""

    hub: Hub
    socket: socket.socket
    received: bytearray = field(default_factory=bytearray)
    silent: float | None = None

    def goes_on(self) -> bool:
        """Take what came, and answer what is complete; whether more may follow."""
        try:
            return self._took(self.socket.recv(_PIECE))
        except OSError:
            return False  # clients that hang up are part of the subject
        except Exception as error:  # noqa: BLE001 - whatever else it is, it is ours and fails the test
            where = "".join(traceback.format_tb(error.__traceback__)[-2:])
            self.hub.violations.append(f"the fake itself failed: {error!r}\n{where}")
            return False

    def _took(self, part: bytes) -> bool:
        if not part:
            return False
        self.received += part
        while self.silent is None and (heard := self._next()) is not None:
            if not self._answered(heard):
                return False
        return True

    def _next(self) -> Heard | None:
        """The next request, once all of it is there."""
        head, end, _ = self.received.partition(_END)
        if not end:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        said = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
        begin = len(head) + len(end)
        whole = begin + int(said.get("content-length") or 0)
        if len(self.received) < whole:
            return None
        body = bytes(self.received[begin:whole])
        del self.received[:whole]
        return _heard(first, said, body)

    def _answered(self, heard: Heard) -> bool:
        """Whether the connection goes on after that request."""
        with self.hub.lock:
            reply = dispatch.reply(self.hub, heard)
        match reply.wire:
            case Wire.SILENT:
                self.silent = time.monotonic()
                return True
            case Wire.RESET:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
                return False
            case Wire.CLOSED:
                return False
            case wire:
                self.socket.sendall(self._message(heard, reply))
                return wire is Wire.WHOLE and (heard.header("Connection") or "").lower() != "close"

    def _message(self, heard: Heard, reply: Reply) -> bytes:
        """Head and body in one piece."""
        content = _encoded(reply.answer)
        headers = {
            "Date": formatdate(self.hub.now(), usegmt=True),
            "Server": "github.com",
            "X-GitHub-Media-Type": "github.v3",
            "Content-Type": "application/json; charset=utf-8",
            **reply.answer.headers,
            "Content-Length": str(len(content)),
        }
        status = reply.answer.status
        lines = [f"HTTP/1.1 {status} {responses.get(status, '')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        shown = content[: len(content) // 2] if reply.wire is Wire.CUT else content
        return "\r\n".join(lines).encode("latin-1") + _END + (b"" if heard.method == "HEAD" else shown)


def _heard(first: str, said: dict[str, str], body: bytes) -> Heard:
    method, target, _ = first.split(" ")
    parts = urlsplit(target)
    prefix = next((one for one in _PREFIXES if parts.path.startswith(one + "/")), "")
    query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    return Heard(method, parts.path.removeprefix(prefix), prefix, query, body, said)


def _encoded(answer: Answer) -> bytes:
    if answer.body is None:
        return b""
    return answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()


class _Server:
    """A free port of loopback, and all who are connected to it."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._listener.setblocking(False)
        self._wake, self._woken = socket.socketpair()
        self._connections: dict[socket.socket, _Connection] = {}
        self._selector = selectors.DefaultSelector()
        for one in (self._listener, self._woken):
            self._selector.register(one, selectors.EVENT_READ)
        self.port: int = self._listener.getsockname()[1]

    def run(self) -> None:
        """Answer until the hub closes."""
        while not self._hub.closing.is_set():
            for key, _ in self._selector.select(_LOOK_S):
                self._look(key.fileobj)
            self._end_silence()

    def _look(self, readable: object) -> None:
        if readable is self._listener:
            self._accept()
            return
        known = self._connections.get(readable)  # type: ignore[call-overload] # the other is the one that wakes
        if known is not None and not known.goes_on():
            self._drop(known.socket)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            accepted, _ = self._listener.accept()
            accepted.settimeout(_LONGEST_SEND_S)
            self._connections[accepted] = _Connection(self._hub, accepted)
            self._selector.register(accepted, selectors.EVENT_READ)

    def _drop(self, ended: socket.socket) -> None:
        del self._connections[ended]
        self._selector.unregister(ended)
        ended.close()

    def _end_silence(self) -> None:
        """A client that waits for ever must not do so."""
        now = time.monotonic()
        for each in list(self._connections.values()):
            if each.silent is not None and now - each.silent > _LONGEST_SILENCE_S:
                self._drop(each.socket)

    def stop(self) -> None:
        """Have `run` return, at once."""
        self._hub.closing.set()
        self._wake.send(b".")

    def close(self) -> None:
        """Hang up on everybody."""
        self._selector.close()
        for one in (*self._connections, self._listener, self._wake, self._woken):
            one.close()


@contextlib.contextmanager
def serving(hub: Hub) -> Iterator[None]:
    """Answer on a free port of loopback while the block runs."""
    server = _Server(hub)
    hub.port = server.port
    thread = threading.Thread(target=server.run, name="fake-github")
    thread.start()
    try:
        yield
    finally:
        server.stop()
        thread.join()
        server.close()
