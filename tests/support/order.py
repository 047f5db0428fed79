"""In which order the workers of one run play the tests: what takes long comes first, so that none of it is the last."""

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from typing import Any, Final

import pytest

_LONG: Final = ("chaos/", "proof/", "e2e/", "adapters/test_locust", "adapters/test_steered")


def dealt(items: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """The same tests as one hand after the other: each worker begins with one, all of which are of one size.

    Modules that take long are dealt whole, one to each worker in turn, and are at the top of each hand.
    """
    modules = [list(of) for _, of in groupby(items, key=lambda item: item.path)]
    long = [module for module in modules if _takes_long(module[0])]
    short = iter([item for module in modules if not _takes_long(module[0]) for item in module])
    hands = [[item for module in long[first::workers] for item in module] for first in range(workers)]
    return [*_filled(hands, len(items), short), *short]


def _takes_long(item: Any) -> bool:
    return any(f"/tests/{prefix}" in str(item.path) for prefix in _LONG)


def _filled(hands: list[list[pytest.Item]], count: int, short: Iterator[pytest.Item]) -> Iterator[pytest.Item]:
    """Every hand, filled up with short tests to the size in which the workers take them."""
    for number, hand in enumerate(hands):
        size = count // (len(hands) - number)
        yield from hand
        yield from islice(short, max(0, size - len(hand)))
        count -= size
