"""What `promote --help` costs, against a Python that does nothing."""

import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median

from benchmarks.table import Row

_ROUNDS = 10


def rows() -> Iterator[Row]:
    """The median of several starts each, taken in turns."""
    pairs = [(_seconds("-c", "pass"), _seconds("-m", "bot", "--help")) for _ in range(_ROUNDS)]
    nothing, asked = (median(each) for each in zip(*pairs, strict=True))
    yield Row("promote --help", f"{asked * 1000:.0f} ms", f"python -c pass {nothing * 1000:.0f} ms", "")


def _seconds(*words: str) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, *words], stdout=subprocess.DEVNULL, check=True, timeout=60)
    return time.perf_counter() - begun
