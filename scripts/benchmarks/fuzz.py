"""Hostile texts by the million through every renderer; a violation ends it with the seed that shows it again."""

import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from benchmarks.table import Row

_BATCH = 5000


def rows(count: int) -> Iterator[Row]:
    """So many texts, cut into batches of a seed each, on every core."""
    begun, batches = time.perf_counter(), -(-count // _BATCH)
    with ProcessPoolExecutor(os.cpu_count()) as processes:
        found = list(processes.map(_judged, range(batches)))
    wrong = [words for _, words in found if words]
    for words in wrong:
        print(words, file=sys.stderr)
    took = time.perf_counter() - begun
    documents = f"{sum(number for number, _ in found):,} documents in {took:.0f} s"
    yield Row("hostile texts", f"{batches * _BATCH:,}", documents, f"{len(wrong)} violations", kept=not wrong)


def _judged(seed: int) -> tuple[int, str]:
    from support.hostile_texts import fuzzed  # noqa: PLC0415 - in the process that needs it
    from support.rendering import judge_texts  # noqa: PLC0415 - as above

    try:
        return judge_texts(fuzzed(seed), _BATCH), ""
    except AssertionError as error:
        return 0, f"seed {seed}: {error}"
