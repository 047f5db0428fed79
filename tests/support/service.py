"""The embedded staging service for tests: a real process on a free loopback port."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.demo.launch import RunningService, running

SHA = "5ca1ab1e" * 5


@contextmanager
def running_service(sha: str = SHA, *, port: int = 0, **behaviour: object) -> Iterator[RunningService]:
    """`with running_service(sha=…, delay_ms=5) as service:` gives service.url, .port, .pid, .control(**changes)."""
    with (
        tempfile.TemporaryDirectory(prefix="service-") as folder,
        running(Path(folder), port=port, sha=sha, **behaviour) as service,
    ):
        yield service
