"""The HTTP server of the fake GitHub: hears a request, checks it, lets it go wrong or be done, and answers."""

import contextlib
import json
import socket
import struct
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from support.github import dispatch
from support.github.answers import Answer
from support.github.dispatch import Heard, Reply
from support.github.faults import Wire
from support.github.hub import Hub

_PREFIXES: Final = ("/api/v3", "/api/uploads", "/api")
_LONGEST_SILENCE: Final = 60.0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave in one piece
    timeout = 30
    hub: Hub
    connections: "set[socket.socket]"

    def setup(self) -> None:
        super().setup()
        self.connections.add(self.connection)

    def finish(self) -> None:
        self.connections.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def log_message(self, *_: object) -> None:
        pass

    def _serve(self) -> None:
        heard = self._heard()
        with self.hub.lock:
            reply = dispatch.reply(self.hub, heard)
        match reply.wire:
            case Wire.SILENT:
                self._be_silent()
            case Wire.RESET:
                self._reset()
            case Wire.CLOSED:
                self.close_connection = True
            case wire:
                self._send(heard, reply, is_cut=wire is Wire.CUT)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = _serve  # noqa: N815 - the library's names

    def _heard(self) -> Heard:
        parts = urlsplit(self.path)
        prefix = next((one for one in _PREFIXES if parts.path.startswith(one + "/")), "")
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return Heard(self.command, parts.path.removeprefix(prefix), prefix, query, body, dict(self.headers.items()))

    def _send(self, heard: Heard, reply: Reply, *, is_cut: bool) -> None:
        content = _encoded(reply.answer)
        self.send_response_only(reply.answer.status)
        headers = {
            "Date": formatdate(self.hub.now(), usegmt=True),
            "Server": "github.com",
            "X-GitHub-Media-Type": "github.v3",
        }
        headers["Content-Type"] = "application/json; charset=utf-8"
        headers |= reply.answer.headers
        headers["Content-Length"] = str(len(content))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if heard.method != "HEAD":
            self.wfile.write(content[: len(content) // 2] if is_cut else content)
        self.close_connection = self.close_connection or is_cut

    def _be_silent(self) -> None:
        """Until the client gives up or the test is over."""
        self.close_connection = True
        self.connection.settimeout(0.05)
        end = time.monotonic() + _LONGEST_SILENCE
        while not self.hub.closing.is_set() and time.monotonic() < end:
            with contextlib.suppress(TimeoutError):
                if not self.connection.recv(1):
                    return

    def _reset(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _encoded(answer: Answer) -> bytes:
    if answer.body is None:
        return b""
    return answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are part of the subject; anything else is ours and fails the test."""
        del request, client_address
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            where = "".join(traceback.format_tb(error.__traceback__)[-2:])
            self.RequestHandlerClass.hub.violations.append(f"the fake itself failed: {error!r}\n{where}")  # type: ignore[attr-defined] # set in serving


@contextlib.contextmanager
def serving(hub: Hub) -> Iterator[None]:
    """Answer on a free port of loopback while the block runs."""
    handler = type("Handler", (_Handler,), {"hub": hub, "connections": set()})
    server = _Server(("127.0.0.1", 0), handler)
    hub.port = server.server_port
    thread = threading.Thread(target=lambda: server.serve_forever(0.05), name="fake-github")
    thread.start()
    try:
        yield
    finally:
        hub.closing.set()
        server.shutdown()
        thread.join()
        for connection in list(handler.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        server.server_close()
