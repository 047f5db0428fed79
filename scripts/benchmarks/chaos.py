"""The long run of crashes and races (`scripts/bench --chaos [--scale 0.01] [--only NAME]…`): violations must be 0.

It may be done in parts: `--story NAME` plays crashes of that flow alone, and `--begin 40` begins with the 41st world
or remote.

At scale 1 every point of every flow is ended in every way in 100 different worlds, 1,000 pairs of crashes and 2,000
SIGKILLs at any moment are drawn by chance, and 16 bots race 1,000 times by path and 1,000 times over HTTP, on twenty
remotes that are all unlike; a tenth as often somebody freezes the line meanwhile. Crashes are processes of their own
and use all cores; a race has them alone.
"""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final

from support.chaos import Crashes, Raced, crash, end_all, kills, pairs, race
from support.httpgit import http_git
from support.races import MOMENTS, watched_remote
from support.stories import STORIES

from benchmarks.table import Row
from benchmarks.tally import Tally, tell

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
# What began as a half, or is still to be said on a host, lives in the journal alone: without it nobody knows of it.
_NEEDS_STATE: Final = frozenset({"state deleted meanwhile", "SIGKILL and state deleted"})
_BATCH: Final = 50
_CHUNK: Final = 50
# From one seed to the next that is another in every way.
_UNLIKE: Final = 21
_TWO: Final = "two crashes"
_ANY: Final = "SIGKILL at any moment"
_NAIVE: Final = "the same race by naive bots"
_FREEZES: Final = 100
# Who races, whether over HTTP, how often at scale 1, and how often at least: a freeze comes at each of its moments.
_RACES: Final = {
    "race by path": ("promoting", False, ROUNDS, 1),
    "race over HTTP": ("promoting", True, ROUNDS, 1),
    "race with a freeze by path": ("freezing", False, _FREEZES, len(MOMENTS)),
    "race with a freeze over HTTP": ("freezing", True, _FREEZES, len(MOMENTS)),
    _NAIVE: ("naive", False, 3, 3),
}
_CRASHES: Final = {f"{fault} at every point": fault for fault in _FAULTS}
NAMES: Final = (*_CRASHES, _TWO, _ANY, *_RACES)

Draw = Callable[..., Crashes]


def chosen(only: Sequence[str], names: Sequence[str] = NAMES) -> tuple[str, ...]:
    """The rows (or others) of those names, or whose names begin so; all where nothing is asked for.

    Raises:
        ValueError: there is none of that name.
    """
    wanted: set[str] = set()
    for name in only:
        found = [each for each in names if each == name] or [each for each in names if each.startswith(name)]
        if not found:
            raise ValueError(f"there is no {name!r}; there are {', '.join(names)}")
        wanted |= {*found}
    return tuple(name for name in names if name in wanted or not only)


@dataclass(frozen=True)
class Extent:
    """How much of it: that share, from that world on, and of crashes those flows alone."""

    scale: float = 1.0
    begin: int = 0
    stories: Sequence[str] = tuple(STORIES)

    def times(self, full: int) -> int:
        """What that is which is so often at scale 1."""
        return max(1, round(full * self.scale))


WHOLE: Final = Extent()


def rows(extent: Extent = WHOLE, only: Sequence[str] = ()) -> Iterator[Row]:
    """Every kind of case that is asked for, as often as the extent says and at least once.

    Ctrl-C ends it, and what was counted until then is shown.
    """
    wanted = chosen(only)
    tallies: list[Tally] = []
    try:
        _crash_all(_pieces(wanted, extent), tallies)
        for name in (name for name in _RACES if name in wanted):
            _race_all(name, extent, tallies)
    except KeyboardInterrupt:
        tell("interrupted; this is what was counted")
    yield from (tally.row() for tally in tallies)


@dataclass(frozen=True)
class Piece:
    """What one process does for some of the rows; `rows` tells which row a fault belongs to."""

    name: str
    play: Callable[[], Crashes]
    rows: dict[str, str]

    def row_of(self, fault: str) -> str:
        """The row that a case with that fault counts in."""
        return self.rows.get(fault) or self.rows[""]


def _pieces(wanted: Sequence[str], extent: Extent) -> Iterator[Piece]:
    named = {fault: row for row, fault in _CRASHES.items() if row in wanted}
    if named:
        yield from _everywhere(named, extent)
    if _TWO in wanted:
        yield from _drawn(_TWO, pairs, PAIRS, extent)
    if _ANY in wanted:
        yield from _drawn(_ANY, kills, KILLS, extent)


def _everywhere(named: dict[str, str], extent: Extent) -> Iterator[Piece]:
    """Every point in so many worlds; where the scale is less than one world, a share of its points."""
    every = max(1, round(1 / (SEEDS * extent.scale)))
    for seed in range(extent.begin, extent.begin + extent.times(SEEDS)):
        for name in extent.stories:
            needed = _NEEDS_STATE if STORIES[name].needs_state else frozenset()
            faults = {fault: row for fault, row in named.items() if fault not in needed}
            if faults:
                yield Piece(f"{name} in world {seed}", partial(crash, name, *faults, seed=seed, every=every), faults)


def _drawn(row: str, draw: Draw, full: int, extent: Extent) -> Iterator[Piece]:
    """So many cases by chance, the flows in turn; each flow has at least one."""
    count, stories = extent.times(full), extent.stories
    is_many = count > _BATCH
    each, draws = (_BATCH, -(-count // _BATCH)) if is_many else (-(-count // len(stories)), len(stories))
    for seed, name in enumerate(islice(cycle(stories), draws), extent.begin):
        yield Piece(f"{name}, draw {seed}", partial(draw, name, each, seed=seed), {"": row})


def _crash_all(pieces: Iterable[Piece], tallies: list[Tally]) -> None:
    """All of them, as many at a time as there are cores."""
    listed = list(pieces)
    by_row = {row: Tally(row, beside="at most {self.most} restarts") for each in listed for row in each.rows.values()}
    for row in (row for each in listed for row in each.rows.values()):
        by_row[row].pieces += 1
    tallies += by_row.values()
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        running = {pool.submit(piece.play): piece for piece in listed}
        try:
            for ended in as_completed(running):
                _take_in(running[ended], ended, by_row)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            end_all()
            raise


def _take_in(piece: Piece, ended: "Future[Crashes]", by_row: dict[str, Tally]) -> None:
    for case in _cases(piece, ended):
        by_row[piece.row_of(case["fault"])].add(1, Crashes((), (case,)).violations, case["restarts"])
    for row in piece.rows.values():
        by_row[row].end_piece(piece.name)


def _cases(piece: Piece, ended: "Future[Crashes]") -> tuple[dict[str, Any], ...]:
    """What a piece came to; one that could not be played to its end is a violation, and the hours before it stand."""
    try:
        return ended.result().cases
    except Exception as error:  # noqa: BLE001 - whatever it is, it is shown in the table
        unplayed = {"story": piece.name, "point": "unplayed", "restarts": 0, "violations": (str(error)[-500:],)}
        return tuple(unplayed | {"fault": fault} for fault in piece.rows)


def _race_all(name: str, extent: Extent, tallies: list[Tally]) -> None:
    """A race of so many rounds, some on each of many remotes; after each remote it is told how far it is."""
    who, is_over_http, full, least = _RACES[name]
    rounds = max(least, extent.times(full))
    chunks = [min(_CHUNK, rounds - begun) for begun in range(0, rounds, _CHUNK)]
    tally = Tally(name, unit=f"rounds of {BOTS} bots", pieces=len(chunks), bites=who == "naive")
    tally.beside = "{self.most} rounds with one winner"
    tallies.append(tally)
    winners = 0
    for number, count in enumerate(chunks, extent.begin):
        with _remote(number * _UNLIKE, is_over_http=is_over_http) as (path, address):
            raced = race(path, BOTS, count, who, address)
        winners += _one_winner(raced)
        tally.add(count, raced.wrong, winners)
        tally.end_piece(f"remote {number}")


def _one_winner(raced: Raced) -> int:
    return sum(count == 1 for count in raced.winners)


@contextlib.contextmanager
def _remote(seed: int, *, is_over_http: bool) -> Iterator[tuple[Path, str]]:
    """The remote of that seed, and its address where it is not just its path."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        remote = watched_remote(folder, seed)
        if not is_over_http:
            yield remote.path, ""
            return
        with http_git(folder, token=None) as server:
            yield remote.path, server.served(remote).url
