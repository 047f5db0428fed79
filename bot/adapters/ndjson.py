"""Appending observation lines to a scenario's ndjson file beside the load process that writes to it as well."""

import contextlib
import json
import os
import threading
from pathlib import Path
from typing import Any


class ObservationLog:
    """Appends whole lines, one `write(2)` each, until it is closed; any thread may use it.

    A line that cannot be written (a full disk, a vanished folder) is lost without a word: the reader counts what is
    missing, and missing evidence is never a pass.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._closed = False

    def append(self, line: dict[str, Any]) -> None:
        """Append one JSON object as one line; does nothing once closed."""
        data = json.dumps(line, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode() + b"\n"
        with self._lock, contextlib.suppress(OSError):
            if not self._closed:
                _append(self._path, data)

    def close(self) -> None:
        """From now on nothing is written, whatever thread still tries."""
        with self._lock:
            self._closed = True


def _append(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        os.write(descriptor, data)
    finally:
        os.close(descriptor)
