"""The long run of crashes and races (`scripts/bench --chaos [--scale 0.01]`): counts, of which violations must be 0.

At scale 1 every point of every flow is ended in every way in 100 different worlds, 1,000 pairs of crashes and 2,000
SIGKILLs at any moment are drawn by chance, and 16 bots race 1,000 times, over a path and a tenth of that over HTTP.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Final

from support.chaos import Crashes, Raced, crash, kills, pairs, race
from support.httpgit import http_git
from support.races import watched_remote
from support.stories import STORIES

from benchmarks.table import Row

SEEDS, PAIRS, KILLS, ROUNDS, BOTS = 100, 1000, 2000, 1000, 16
_FAULTS: Final = (
    "SIGKILL",
    "exception",
    "interrupt",
    "reply lost",
    "disk full",
    "state deleted meanwhile",
    "SIGKILL and state deleted",
)
# What began as a half lives in the journal alone: without it only people can tell what was meant.
_NEEDS_STATE: Final = frozenset({"state deleted meanwhile", "SIGKILL and state deleted"})
_BATCH: Final = 50


def rows(scale: float = 1.0) -> Iterator[Row]:
    """Every kind of case, as often as the scale says and at least once."""
    for fault in _FAULTS:
        yield _crashed(f"{fault} at every point", lambda fault=fault: _everywhere(fault, scale))
    yield _crashed("two crashes", lambda: _drawn(pairs, _times(PAIRS, scale)))
    yield _crashed("SIGKILL at any moment", lambda: _drawn(kills, _times(KILLS, scale)))
    yield _raced("race by path", _times(ROUNDS, scale))
    yield _raced("race over HTTP", _times(ROUNDS, scale / 10), _over_http)
    yield _naive()


def _times(full: int, scale: float) -> int:
    return max(1, round(full * scale))


def _everywhere(fault: str, scale: float) -> Iterator[Crashes]:
    """Every point in so many worlds; where the scale is less than one world, a share of its points."""
    every = max(1, round(1 / (SEEDS * scale)))
    for seed in range(_times(SEEDS, scale)):
        for name, story in STORIES.items():
            if not (story.from_half and fault in _NEEDS_STATE):
                yield crash(name, fault, seed, every)


def _drawn(draw: Callable[..., Crashes], count: int) -> Iterator[Crashes]:
    for seed, name in enumerate(islice(cycle(STORIES), -(-count // _BATCH) if count > _BATCH else len(STORIES))):
        yield draw(name, _BATCH if count > _BATCH else -(-count // len(STORIES)), seed=seed)


def _crashed(what: str, play: Callable[[], Iterator[Crashes]]) -> Row:
    begun, cases, wrong, most = time.monotonic(), 0, [], 0
    for found in play():
        cases += len(found.cases)
        most = max([most, *(case["restarts"] for case in found.cases)])
        wrong += found.violations
    beside = f"at most {most} restarts, {time.monotonic() - begun:.0f} s"
    return _row(what, f"{cases} cases", beside, wrong)


def _raced(what: str, rounds: int, play: Callable[[Path, int], Raced] | None = None) -> Row:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        raced = (play or _by_path)(Path(folder), rounds)
    beside = f"{sum(count == 1 for count in raced.winners)} rounds with one winner, {time.monotonic() - begun:.0f} s"
    return _row(what, f"{BOTS} bots x {rounds} rounds", beside, list(raced.wrong))


def _by_path(folder: Path, rounds: int, who: str = "promoting") -> Raced:
    return race(watched_remote(folder).path, BOTS, rounds, who)


def _over_http(folder: Path, rounds: int) -> Raced:
    remote = watched_remote(folder)
    with http_git(folder, token=None) as server:
        return race(remote.path, BOTS, rounds, address=server.served(remote).url)


def _naive() -> Row:
    """Beside it: what the same test says of a bot without lease and ledger."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        raced = _by_path(Path(folder), 3, "naive")
    return Row(
        "the same race by naive bots",
        f"{BOTS} bots x 3 rounds",
        f"{len(raced.wrong)} violations",
        "> 0",
        bool(raced.wrong),
    )


def _row(what: str, measured: str, beside: str, wrong: list[str]) -> Row:
    shown = "".join(f"\n{each}" for each in wrong[:5])
    return Row(what, measured, f"{beside}{shown}", f"0 violations: {len(wrong)}", not wrong)
