"""Starting and ending the embedded service as a child process."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from bot.adapters.process import end_group
from bot.errors import BotError, Reason

_READY_WITHIN_S: Final = 30.0
_POLL_S: Final = 0.02
_ANSWER_WITHIN_S: Final = 10.0


class RunningService:
    """A service that answers; `url` has no trailing slash, `log` holds what the process printed."""

    def __init__(self, child: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
        self.child = child
        self.port = port
        self.log = log

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.child.pid

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self.port}"

    def control(self, **changes: Any) -> None:
        """Change its behaviour (see `bot.demo.behaviour`); raises urllib.error.HTTPError when it refuses."""
        self._call("POST", "/control", json.dumps(changes).encode())

    def truth(self) -> dict[str, Any]:
        """What the service measured itself: `count`, and `p50`, `p95`, `p99` in seconds (None without requests)."""
        told: dict[str, Any] = json.loads(self._call("GET", "/truth"))
        return told

    def reset_truth(self) -> None:
        """Begin to measure anew."""
        self._call("DELETE", "/truth")

    def stop(self) -> None:
        """End it now; doing so again does nothing."""
        if self.child.poll() is None:
            end_group(self.child)

    def _call(self, method: str, path: str, body: bytes | None = None) -> bytes:
        request = urllib.request.Request(self.url + path, data=body, method=method)  # noqa: S310 - loopback only
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(request, timeout=_ANSWER_WITHIN_S) as answer:
            told: bytes = answer.read()
        return told


@contextmanager
def running(folder: Path, *, port: int = 0, **behaviour: Any) -> Iterator[RunningService]:
    """Run the service for as long as the block lasts; its state file and log are written to `folder`.

    Raises BotError(BUG) when it does not answer within 30 seconds.
    """
    state = folder / f"service-{time.monotonic_ns()}.json"
    log = folder / "service.log"
    with log.open("ab") as output:
        child = subprocess.Popen(
            _command(state, port, behaviour),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield RunningService(child, _port(child, state, log), log)
    finally:
        if child.poll() is None:
            end_group(child)
        state.unlink(missing_ok=True)


def _command(state: Path, port: int, behaviour: dict[str, Any]) -> list[str]:
    told = ["--state", str(state), "--port", str(port), "--parent", str(os.getpid())]
    return [sys.executable, "-P", "-m", "bot.demo.service", *told, "--behaviour", json.dumps(behaviour)]


def _port(child: "subprocess.Popen[bytes]", state: Path, log: Path) -> int:
    """Wait for the state file, and read the port from it."""
    until = time.monotonic() + _READY_WITHIN_S
    while not state.exists():
        if child.poll() is not None or time.monotonic() > until:
            last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
            raise BotError(Reason.BUG, f"The embedded service did not start: {' '.join(last) or 'it said nothing'}")
        time.sleep(_POLL_S)
    return int(json.loads(state.read_text(encoding="utf-8"))["port"])
