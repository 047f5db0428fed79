"""An HTTP server on loopback that says what a test tells it to, one answer after the other; and a clock beside it."""

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

START = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


@dataclass
class HandClock:
    """Time that passes only where somebody sleeps, and how long they slept."""

    slept: list[float] = field(default_factory=list)
    passed: float = 0.0
    begun: datetime = START

    def now(self) -> datetime:
        return self.begun + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return 1000.0 + self.passed

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.passed += seconds


class Broken(Enum):
    """Answers that are none."""

    RESET = "the connection ends before a word"
    CUT = "the body ends early"
    HANG = "nothing comes until the test is over"


@dataclass(frozen=True)
class Say:
    """One answer; `body` is sent as JSON, or as it is where it is bytes. `date` is the host's own time."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/json; charset=utf-8"
    date: str = ""

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    verb: str
    path: str
    headers: dict[str, str] = field(repr=False)
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


class Script:
    """The running server: `answers` are given in that order, the last one for ever; `asked` is what came."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answers: list[Say | Broken] = [Say()]
        self.asked: list[Asked] = []
        self.over = threading.Event()
        self._lock = threading.Lock()

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v3"

    def say(self, *answers: Say | Broken) -> None:
        self.answers = list(answers)

    def next(self, asked: Asked) -> Say | Broken:
        with self._lock:
            self.asked.append(asked)
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def verbs(self) -> list[str]:
        return [asked.verb for asked in self.asked]

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]


class _Handler(BaseHTTPRequestHandler):
    script: Script

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.script.next(Asked(self.command, self.path, headers, body))
        self.close_connection = True
        if isinstance(answer, Say):
            self._say(answer)
        elif answer is Broken.CUT:
            self.wfile.write(
                b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n{"id": 1'
            )
        elif answer is Broken.HANG:
            self.script.over.wait(30)

    def _say(self, answer: Say) -> None:
        self.send_response_only(answer.status)
        headers = {"Content-Type": answer.kind, "Content-Length": str(len(answer.content)), **answer.headers}
        if answer.date:
            headers["Date"] = answer.date
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.content)

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def scripted() -> Iterator[Script]:
    """Serve until the block ends."""
    methods = {f"do_{verb}": _Handler._serve for verb in ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE")}
    handler = type("Handler", (_Handler,), methods)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    script = handler.script = Script(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        script.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
