"""A real Prometheus of one's own: scrapes loopback often, keeps its data in a temporary folder, gone at the end."""

import json
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

PROGRAM = shutil.which("prometheus")
EVERY_S = 0.25

_CONFIGURATION = """
global: {{scrape_interval: {every:.0f}ms, scrape_timeout: {every:.0f}ms}}
scrape_configs:
- job_name: shop
  static_configs:
  - targets: {targets}
"""


class Prometheus:
    """The server as a test sees it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._folder = folder
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Serve, and return when it answers."""
        options = ["--config.file=prometheus.yml", "--storage.tsdb.path=data"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [PROGRAM, *options, f"--web.listen-address=127.0.0.1:{self._port}"],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        last = time.monotonic() + 30
        while not self._ready():
            if time.monotonic() > last or self._process.poll() is not None:
                raise RuntimeError((self._folder / "log").read_text(errors="replace"))
            time.sleep(0.05)

    def _ready(self) -> bool:
        try:
            with urlopen(f"{self.url}/-/ready", timeout=5) as answer:
                return answer.status == 200
        except (URLError, OSError):
            return False

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Let it neither scrape nor answer while the block runs."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def value(self, query: str) -> float | None:
        """What the query says now, None where it says nothing or several things."""
        with urlopen(f"{self.url}/api/v1/query?{urlencode({'query': query})}", timeout=5) as answer:
            found = json.load(answer)["data"]["result"]
        return float(found[0]["value"][1]) if len(found) == 1 else None

    def wait_for(self, targets: int) -> None:
        """Return when it has looked at so many targets; that takes it about five seconds after its start."""
        last = time.monotonic() + 30
        while self.value("count(up)") != targets:
            assert time.monotonic() < last, "the server scrapes nothing"
            time.sleep(0.05)

    def stop(self) -> None:
        """End it; safe to call again."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)


@contextmanager
def running_prometheus(*targets: str, every: float = EVERY_S) -> Iterator[Prometheus]:
    """A server that scrapes these `host:port` pairs every so many seconds."""
    with tempfile.TemporaryDirectory(prefix="prometheus-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        configuration = _CONFIGURATION.format(every=every * 1000, targets=list(targets))
        (folder / "prometheus.yml").write_text(configuration)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        server = Prometheus(folder, port)
        try:
            server.start()
            server.wait_for(len(targets))
            yield server
        finally:
            server.stop()
