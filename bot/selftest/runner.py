"""Playing many cases: a few at a time, those that need the cores alone, and no process left behind."""

import os
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Final

import psutil

from bot.selftest.case import Case, Company
from bot.selftest.outcome import Outcome

Play = Callable[[Case], Outcome]

_KILL_AGAIN_S: Final = 0.2


def play_all(cases: Iterable[Case], play: Play, *, at_once: int) -> Generator[Outcome]:
    """The outcome of each case as soon as it is known; those that want no company come last, one after the other.

    Whatever ends the drill, also an interrupt or a reader that goes away, ends every process that it started.
    """
    every = list(cases)
    together = [case for case in every if case.company is Company.OTHERS]
    alone = [case for case in every if case.company is Company.NOBODY]
    with ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="drill") as pool:
        for some in (together, *([case] for case in alone)):
            yield from _as_they_end({pool.submit(play, case) for case in some})


def _as_they_end(pending: set[Future[Outcome]]) -> Iterator[Outcome]:
    try:
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for each in done:
                yield each.result()
    except BaseException:
        _abandon(pending)
        raise


def _abandon(pending: set[Future[Outcome]]) -> None:
    """Let no further case begin, and pull the ground from under those that are being played until they give up."""
    running = {each for each in pending if not each.cancel()}
    while running:
        _kill_descendants()
        _, running = wait(running, timeout=_KILL_AGAIN_S)


def _kill_descendants() -> None:
    for process in psutil.Process(os.getpid()).children(recursive=True):
        with suppress(psutil.Error):
            process.kill()
