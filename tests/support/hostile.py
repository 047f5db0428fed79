"""HTTP servers that misbehave, on loopback: each handler gets the raw connection after the request was read."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def raw_server(handle: Callable[[socket.socket, int], None]) -> Iterator[str]:
    """Serve connections, numbered from 0, each in a thread of its own; yields the base address."""
    listening = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve(connection: socket.socket, number: int) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10)
            asked = b""
            # A TLS greeting has no blank line to wait for.
            while not (b"\r\n\r\n" in asked or asked.startswith(b"\x16")) and (part := connection.recv(65536)):
                asked += part
            handle(connection, number)

    def accept() -> None:
        number = 0
        while not ended.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection, number), daemon=True).start()
            number += 1

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        ended.set()
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def reply(body: bytes, status: str = "200 OK", kind: str = "application/json", *headers: str) -> bytes:
    """A whole HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


@contextlib.contextmanager
def answering(*bodies: bytes, status: str = "200 OK", kind: str = "application/json") -> Iterator[str]:
    """A server that gives these bodies one after the other, the last one for ever."""

    def handle(connection: socket.socket, number: int) -> None:
        connection.sendall(reply(bodies[min(number, len(bodies) - 1)], status, kind))

    with raw_server(handle) as url:
        yield url


def closed_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port
