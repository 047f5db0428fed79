"""Sending and receiving on a kept connection with fewer steps than gevent's sockets take.

A gevent socket asks the kernel for the size of its send buffer before it sends, and tries to read before it waits. A
request is small and its answer is never there yet: here it is sent, then waited for, then read. Sockets that are not
plain ones (TLS) do all of it themselves.
"""

from typing import Any, Final

from gevent import getcurrent
from gevent.socket import socket as PlainSocket  # noqa: N812 - a class

BLOCK: Final = 65_536


def take_kept(pool: Any) -> Any:
    """An idle connection of that pool (geventhttpclient's) that is still alive; None when the next one is not."""
    kept = pool._socket_queue  # noqa: SLF001 - no other way into the pool that does not connect
    if pool._closed or kept.empty():  # noqa: SLF001
        return None
    pool._semaphore.acquire()  # noqa: SLF001 - whatever is idle has given it back
    sock = kept.get(block=False)
    if pool._is_socket_alive(sock):  # noqa: SLF001
        return sock
    pool.release_socket(sock)
    return None


def send(sock: Any, data: bytes) -> None:
    """Send all of it. Raises OSError as `sendall` does."""
    if type(sock) is not PlainSocket:
        sock.sendall(data)
        return
    try:
        sent = sock._sock.send(data)  # noqa: SLF001 - the socket itself, which never waits
    except BlockingIOError:
        sent = 0
    if sent < len(data):
        sock.sendall(memoryview(data)[sent:])


def receive(sock: Any) -> bytes:
    """The first bytes that come, none when the other side has closed. Raises OSError, and TimeoutError as `recv`."""
    if type(sock) is PlainSocket and sock.timeout and sock._read_event.callback is None:  # noqa: SLF001
        _await(sock)
    return bytes(sock.recv(BLOCK))


def _await(sock: Any) -> None:
    hub = sock.hub
    timer = hub.loop.timer(sock.timeout)
    timer.start(getcurrent().throw, TimeoutError("timed out"), update=True)
    try:
        hub.wait(sock._read_event)  # noqa: SLF001
    finally:
        timer.stop()
        timer.close()
