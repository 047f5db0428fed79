"""What it costs to record a request, and what a million of them leave behind in memory and files.

The recorder is driven as the load process drives it, at 1000 requests a second on one endpoint, without the waiting.
"""

import gc
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter_ns, process_time
from typing import Final

import psutil
from support.recording import drive

from benchmarks.table import Row

_REQUESTS: Final = 1_000_000
_A_SECOND: Final = 1000
_WARM: Final = 20
_MOST_US: Final = 3.0
_MOST_BYTES: Final = 20 * 2**20


def rows() -> Iterator[Row]:
    """A million requests over a thousand intervals, after some that fill every cache."""
    own = psutil.Process()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        drive(Path(folder) / "warm", intervals=_WARM, each=_A_SECOND)
        gc.collect()
        before = own.memory_info().rss
        begun, clock = process_time(), perf_counter_ns()
        files = drive(Path(folder) / "all", intervals=_REQUESTS // _A_SECOND, each=_A_SECOND)
        spent, wall = process_time() - begun, (perf_counter_ns() - clock) / 1e9
        grown = own.memory_info().rss - before
        written = sum(path.stat().st_size for path in files)
    each = spent / _REQUESTS * 1e6
    beside = f"{wall:.1f} s for {_REQUESTS:,} requests, intervals and files included"
    yield Row("recording, CPU a request", f"{each:.2f} us", beside, f"<= {_MOST_US:.0f} us", each <= _MOST_US)
    yield Row("growth of memory", f"{grown / 2**20:.1f} MiB", "", "< 20 MiB", grown < _MOST_BYTES)
    yield Row("files", f"{written / 2**20:.1f} MiB", f"{written / (_REQUESTS // _A_SECOND):.0f} bytes a second")
