"""The two files that a load process writes while it runs, each append in one write(2)."""

import errno
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from time import gmtime, strftime
from typing import Any, Final
from urllib.parse import quote

DISK_FULL_EXIT: Final = 74
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Appender:
    """A file that only grows; a full disk ends the process with `DISK_FULL_EXIT`, because nothing can be kept then."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)

    def append(self, text: str) -> None:
        """Append that text whole."""
        rest = memoryview(text.encode("utf-8"))
        try:
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError as error:
            _give_up(error)

    def sync(self) -> None:
        """Have the disk keep what was written."""
        try:
            os.fsync(self._fd)
        except OSError as error:
            if error.errno != errno.EINVAL:  # what is not a regular file cannot be synced
                _give_up(error)


def _give_up(error: OSError) -> None:
    if error.errno not in _FULL:
        raise error
    sys.stderr.write(f"The measurements cannot be written: {error}\n")
    sys.stderr.flush()
    os._exit(DISK_FULL_EXIT)


class Lines(Appender):
    """`<scenario>.ndjson`: one JSON object a line."""

    def write(self, kind: str, at: float, **facts: Any) -> None:
        """Append one line; `at` is wall-clock seconds since the epoch."""
        line = json.dumps({"kind": kind, "t": round(at, 6), **facts}, ensure_ascii=True, allow_nan=False)
        self.append(line + "\n")


class HistogramLog(Appender):
    """`<scenario>.hlog`: HdrHistogram log format 1.3, times in seconds from `start` (seconds since the epoch)."""

    def begin(self, start: float) -> None:
        """Write the heading."""
        named = strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(start))
        self.append(
            "#[Histogram log format version 1.3]\n"
            f"#[StartTime: {start:.3f} (seconds since epoch), {named}]\n"
            f"#[BaseTime: {start:.3f} (seconds since epoch)]\n"
            '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"\n'
        )

    def interval(self, start: float, length: float, histograms: Iterable[tuple[str, int, str]]) -> None:
        """Append one interval: (tag, greatest value in microseconds, encoded histogram) each."""
        self.append(
            "".join(
                f"Tag={tag},{start:.3f},{length:.3f},{greatest / 1000:.3f},{encoded}\n"
                for tag, greatest, encoded in histograms
            )
        )


def tag(series: str, endpoint: str) -> str:
    """The tag of one series of one endpoint: no comma, blank or line break can be in it."""
    return f"{series}:{quote(endpoint, safe='')}"
