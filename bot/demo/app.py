"""The embedded service as an ASGI application, written for speed: no framework, one dictionary of routes.

`/truth` is what the service itself knows about `/echo`: of each request, the time from the moment at which the event
loop took its first bytes from the socket (`ARRIVED` in the scope; without it, from the call of the application) until
its answer was handed to the transport, which sends it in the same turn of the loop. It is kept in microseconds with
three significant digits, so quantiles are right within 0.1 %. What the kernel adds on both sides is outside of it, and
so is the turn of the loop in which requests that came together wait for each other to be read.

A freeze: requests that come during it are counted with all of the time that is left of it. A client that keeps its
schedule sends some in each moment of the freeze, so this truth is what its users feel. A client that waits for answers
(closed model), or that runs out of users, sends few, and this truth knows nothing of those that were never sent: what
they would have felt follows from the schedule, not from here. With requests spread evenly over `T` seconds, `F` of them
frozen, the quantile `q > 1 - F/T` is `F - (1 - q) * T` seconds.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

import psutil
from hdrh.histogram import HdrHistogram

from bot.core import jsondoc
from bot.demo.behaviour import Behaviour, falls_on
from bot.demo.sleep import Sleeper

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Reply = tuple[int, bytes, bytes]

ARRIVED: Final = "arrived"
"""Key of the scope under which the server tells when the request's first bytes were read (`time.perf_counter`)."""

_LARGEST_BODY: Final = 16 * 1024 * 1024
_LARGEST_LEAK: Final = 1024 * 1024 * 1024
_LONGEST_US: Final = 3_600_000_000

_TEXT: Final = b"text/plain; charset=utf-8"
_JSON: Final = b"application/json"
_BYTES: Final = b"application/octet-stream"
_PROMETHEUS: Final = b"text/plain; version=0.0.4; charset=utf-8"


class Service:
    """All state of the running service; one instance is one ASGI application."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._process = psutil.Process(os.getpid())
        self._requests: Counter[tuple[str, int]] = Counter()
        self._echoes = 0
        self._waiting = 0
        self._asked_version = 0
        self._leaked: list[bytes] = []
        self._leaked_bytes = 0
        self._thaw_at = 0.0
        self._truth = _new_truth()
        self._sleeper = Sleeper()
        self._routes: dict[tuple[str, str], Callable[[bytes], Reply]] = {
            ("GET", "/version"): self._version,
            ("GET", "/metrics"): self._metrics,
            ("GET", "/healthz"): lambda _: (200, _TEXT, b"ok\n"),
            ("GET", "/json-stats"): self._json_stats,
            ("POST", "/control"): self._control,
            ("GET", "/truth"): self._tell_truth,
            ("DELETE", "/truth"): self._reset_truth,
        }

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        called = time.perf_counter()
        body = await _body(receive)
        if body is None:
            return
        path = scope["path"]
        if path == "/echo" and scope["method"] == "POST":
            await self._timed_echo(scope.get(ARRIVED, called), body, send)
            return
        if path not in ("/control", "/truth"):
            await self._stand_still()
        await self._answer(scope["method"], path, body, send)

    async def _answer(self, method: str, path: str, body: bytes, send: Send) -> None:
        route = self._routes.get((method, path))
        if route is None:
            await self._send(send, "other", (404, _TEXT, b"no such page\n"))
        else:
            await self._send(send, path, route(body))

    async def _timed_echo(self, arrived: float, body: bytes, send: Send) -> None:
        self._waiting += 1
        try:
            await self._echo(body, send)
        finally:
            self._waiting -= 1
        self._truth.record_value(max(1, round((time.perf_counter() - arrived) * 1e6)))

    async def _echo(self, body: bytes, send: Send) -> None:
        behaviour = self._behaviour
        self._echoes += 1
        number = self._echoes
        if behaviour.freeze_s or self._thaw_at:
            await self._stand_still()
        if pause := behaviour.pause(number):
            await self._sleeper.sleep(pause)
        if behaviour.leak_bytes:
            self._leak(behaviour.leak_bytes)
        if behaviour.redirect_to:
            await self._send(send, "/echo", (307, _TEXT, b""), (b"location", behaviour.redirect_to.encode()))
        elif falls_on(behaviour.error_rate, number):
            await self._send(send, "/echo", (500, _TEXT, b"told to fail\n"))
        else:
            await self._send(send, "/echo", (200, _BYTES, body))

    async def _send(self, send: Send, path: str, reply: Reply, *headers: tuple[bytes, bytes]) -> None:
        status, kind, body = reply
        self._requests[path, status] += 1
        length = str(len(body)).encode()
        listed = [(b"content-type", kind), (b"content-length", length), *headers]
        await send({"type": "http.response.start", "status": status, "headers": listed})
        await send({"type": "http.response.body", "body": body})

    async def _stand_still(self) -> None:
        now = time.monotonic()
        if self._behaviour.freeze_s:
            self._thaw_at = now + self._behaviour.freeze_s
            self._behaviour = self._behaviour.changed({"freeze_s": 0})
        if self._thaw_at > now:
            await self._sleeper.sleep(self._thaw_at - now)
        elif self._thaw_at:
            self._thaw_at = 0.0

    def _leak(self, size: int) -> None:
        # Written to byte by byte, so that the pages are really resident; bounded, so that no machine is brought down.
        if self._leaked_bytes + size <= _LARGEST_LEAK:
            self._leaked.append(b"\x01" * size)
            self._leaked_bytes += size

    def _control(self, body: bytes) -> Reply:
        try:
            changes = jsondoc.load(body)
            if not isinstance(changes, dict):
                raise ValueError("an object is expected")  # noqa: TRY004, TRY301 - bad input like any other
            behaviour = self._behaviour.changed(changes)
        except ValueError as error:
            return 400, _JSON, _json({"error": str(error)})
        if behaviour.sha != self._behaviour.sha:
            self._forget()
        self._behaviour = behaviour
        return 200, _JSON, _json({"ok": True})

    def _forget(self) -> None:
        """Another build begins with empty hands, as after a restart."""
        self._leaked.clear()
        self._leaked_bytes = 0
        self._echoes = 0

    def _version(self, _: bytes) -> Reply:
        self._asked_version += 1
        other = self._behaviour.other_sha and self._asked_version % 2 == 0
        sha = self._behaviour.other_sha if other else self._behaviour.sha
        return self._behaviour.version_status, _JSON, _json({"sha": sha})

    def _metrics(self, _: bytes) -> Reply:
        lines = [
            "# HELP process_resident_memory_bytes Resident memory size in bytes.",
            "# TYPE process_resident_memory_bytes gauge",
            f"process_resident_memory_bytes {self._process.memory_info().rss}",
            "# TYPE process_cpu_seconds_total counter",
            f"process_cpu_seconds_total {time.process_time():.6f}",
            "# TYPE process_start_time_seconds gauge",
            f"process_start_time_seconds {self._process.create_time():.2f}",
            "# TYPE demo_waiting gauge",
            f"demo_waiting {self._waiting}",
            "# TYPE demo_requests_total counter",
        ]
        for (path, status), count in sorted(self._requests.items()):
            lines.append(f'demo_requests_total{{path="{path}",status="{status}"}} {count}')
        return 200, _PROMETHEUS, ("\n".join(lines) + "\n").encode()

    def _json_stats(self, _: bytes) -> Reply:
        stats = {
            "memory": {"rss": self._process.memory_info().rss},
            "cpu_seconds": time.process_time(),
            "started": self._process.create_time(),
        }
        return 200, _JSON, _json({"process": stats})

    def _tell_truth(self, _: bytes) -> Reply:
        truth = self._truth
        told = {f"p{p}": truth.get_value_at_percentile(p) / 1e6 if truth.total_count else None for p in (50, 95, 99)}
        return 200, _JSON, _json({"count": truth.total_count, **told})

    def _reset_truth(self, _: bytes) -> Reply:
        self._truth = _new_truth()
        return 200, _JSON, _json({"ok": True})


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None when the client went away or sends too much."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        return bytes(message["body"])
    parts = bytearray()
    while message["type"] == "http.request":
        parts += message["body"]
        if len(parts) > _LARGEST_BODY:
            return None
        if not message.get("more_body"):
            return bytes(parts)
        message = await receive()
    return None


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()


def _new_truth() -> HdrHistogram:
    return HdrHistogram(1, _LONGEST_US, 3)
