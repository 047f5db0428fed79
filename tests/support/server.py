"""A tiny HTTP server in a process of its own, that can be slow, fail, freeze, redirect or hang up; loopback only.

`/echo` answers the body; `/status/503` that status; `/slow/0.2` after that many seconds; `/stall/1/0.5` at once, but
everything stands still for 0.5 s once, 1 s after the first such request; `/to/PORT` redirects to that port of loopback;
`/hangup` closes; `/never` does not answer; `/count` tells how many connections were made, `/echoed` how many echoes.
"""

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.request import urlopen


class _Connection(asyncio.Protocol):
    connections = 0
    echoed = 0
    first_stall = 0.0
    stalled = False

    def connection_made(self, transport):
        self.transport = transport
        self.buffer = b""
        type(self).connections += 1

    def data_received(self, data):
        self.buffer += data
        while self._one_request():
            pass

    def _one_request(self):
        head, end, rest = self.buffer.partition(b"\r\n\r\n")
        if not end:
            return False
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        if len(rest) < length:
            return False
        self.buffer = rest[length:]
        self._route(head.split(b" ")[1].decode(), rest[:length])
        return True

    def _route(self, path, body):
        parts = path.strip("/").split("/")
        match parts:
            case ["echo"]:
                type(self).echoed += 1
                self._answer(200, body)
            case ["status", status]:
                self._answer(int(status), b"")
            case ["slow", seconds]:
                asyncio.get_running_loop().call_later(float(seconds), self._answer, 200, b"slow")
            case ["stall", after, seconds]:
                self._stall(float(after), float(seconds))
                self._answer(200, b"")
            case ["to", port]:
                self._answer(302, b"", f"Location: http://127.0.0.1:{port}/echo\r\n")
            case ["hangup"]:
                self.transport.close()
            case ["never"]:
                pass
            case ["count"]:
                self._answer(200, str(self.connections - 1).encode())
            case ["echoed"]:
                self._answer(200, str(self.echoed).encode())
            case _:
                self._answer(404, b"")

    def _stall(self, after, seconds):
        kind = type(self)
        kind.first_stall = kind.first_stall or time.monotonic()
        if not kind.stalled and time.monotonic() - kind.first_stall > after:
            kind.stalled = True
            time.sleep(seconds)

    def _answer(self, status, body, extra=""):
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
        self.transport.write(head.encode() + body)


async def _serve(host):
    server = await asyncio.get_running_loop().create_server(_Connection, host, 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


class Server:
    """The server as a test sees it."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.port = port
        self.url = f"http://{host}:{port}"

    def connections(self) -> int:
        """How many connections were made to it, this one aside."""
        with urlopen(f"{self.url}/count", timeout=5) as answer:
            return int(answer.read())

    def echoed(self) -> int:
        """How many requests to `/echo` it has answered."""
        with urlopen(f"{self.url}/echoed", timeout=5) as answer:
            return int(answer.read())


@contextlib.contextmanager
def serve(host: str = "127.0.0.1") -> Iterator[Server]:
    """A running server on a free port; gone when the context ends."""
    command = [sys.executable, __file__, host]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as child:
        try:
            yield Server(int(child.stdout.readline()), host)
        finally:
            child.kill()


if __name__ == "__main__":
    asyncio.run(_serve(*sys.argv[1:]))
