"""What some cases need beside the service: other addresses, and a metrics page that lies."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Final, Protocol

from bot.adapters.http import Answer, get
from bot.demo.launch import running
from bot.selftest.scene import SHA, Scene

_PROMETHEUS: Final = "text/plain; version=0.0.4"
_ASK_WITHIN_S: Final = 5.0
_LARGEST_PAGE: Final = 1024 * 1024
_OLD_PAGE: Final = """process_resident_memory_bytes 52428800
process_cpu_seconds_total 17.25
process_start_time_seconds 1767225600
"""


@contextmanager
def dead_address(scene: Scene) -> Iterator[Mapping[str, str]]:
    """`{dead}`: an address at which nobody listens."""
    del scene
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield {"dead": f"127.0.0.1:{taken.getsockname()[1]}"}


@contextmanager
def bait(scene: Scene) -> Iterator[Mapping[str, str]]:
    """`{bait}`: an address that the load must never reach; `visits` of the scene counts who did."""
    scene.facts["visits"] = 0
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield {"bait": f"127.0.0.1:{listening.getsockname()[1]}"}
        listening.setblocking(False)
        try:
            listening.accept()[0].close()
        except BlockingIOError:
            return
        scene.facts["visits"] = 1


@contextmanager
def slow_neighbour(scene: Scene) -> Iterator[Mapping[str, str]]:
    """`{slow}`: another service, which takes 900 ms for each answer."""
    folder = scene.folder / "neighbour"
    folder.mkdir()
    with running(folder, sha=SHA, delay_ms=900) as service:
        yield {"slow": f"127.0.0.1:{service.port}"}


class Twist(Protocol):
    """What becomes of a metrics page: of its number (from 0) and its text, a status and another text."""

    def __call__(self, number: int, text: str) -> tuple[int, str]:
        """The status and the text that are answered."""
        ...


def twisted_metrics(twist: Twist) -> "_Twisted":
    """`{metrics}`: the address of the service's own metrics page, as `twist` leaves it."""
    return _Twisted(twist)


class _Twisted:
    def __init__(self, twist: Twist) -> None:
        self._twist = twist

    @contextmanager
    def __call__(self, scene: Scene) -> Iterator[Mapping[str, str]]:
        numbers, twist = count(), self._twist

        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer = get(f"{scene.service.url}/metrics", deadline=_ASK_WITHIN_S, max_bytes=_LARGEST_PAGE)
                text = answer.body.decode() if isinstance(answer, Answer) else ""
                status, told = twist(next(numbers), text)
                self.send_response(status)
                self.send_header("Content-Type", _PROMETHEUS)
                self.end_headers()
                self.wfile.write(told.encode())

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="metrics", daemon=True)
        thread.start()
        try:
            yield {"metrics": f"http://127.0.0.1:{server.server_port}/metrics"}
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def with_nan(number: int, text: str) -> tuple[int, str]:
    """Memory is not a number."""
    del number
    return 200, _memory_replaced(text, "process_resident_memory_bytes NaN")


def without_memory(number: int, text: str) -> tuple[int, str]:
    """Memory is not there."""
    del number
    return 200, _memory_replaced(text, "# nothing to see")


def cached(number: int, text: str) -> tuple[int, str]:
    """Always the page of an hour ago."""
    del number, text
    return 200, _OLD_PAGE


def with_gaps(number: int, text: str) -> tuple[int, str]:
    """Three of ten pages fail."""
    return (503, "") if number % 10 in (2, 5, 8) else (200, text)


def _memory_replaced(text: str, line: str) -> str:
    lines = text.splitlines()
    return "\n".join(line if each.startswith("process_resident_memory_bytes") else each for each in lines) + "\n"
