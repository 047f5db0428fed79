"""Shops made once and copied: instead of dozens of git processes and a migration of the database, a folder."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.fakes import Shop
from support.gitrepos import Repo

_SECONDS_A_COMMIT = 60


@dataclass(frozen=True)
class Kept:
    """A shop as a story left it: what was on the disk, and where its clock and its numbers stood."""

    shop: Shop
    copy: Path
    second: int
    number: int

    def revived(self, folder: Path) -> Shop:
        """The same installation as the next process finds it, on the folders that were copied there."""
        shop, was = Shop(folder, remote=self._remote(folder), clock=copy(self.shop.clock)), self.shop
        shop.load.ran += was.load.ran
        shop.watcher.steps += was.watcher.steps
        shop._numbers = itertools.count(self.number)
        return shop

    def _remote(self, folder: Path) -> Repo:
        return Repo(folder / "remote.git", itertools.count(self.second, _SECONDS_A_COMMIT))


def keep(folder: Path, story: Callable[[Shop], Any]) -> Kept:
    """Tell that story in a shop in that (absent) folder, and keep what came of it beside the folder, which is gone."""
    shop = Shop(folder)
    story(shop)
    shop.history.close()
    kept = folder.rename(folder.with_name(f"{folder.name}-kept"))
    return Kept(shop, kept, next(shop.remote.seconds), next(shop._numbers))


def only_open(shop: Shop) -> None:
    """Nothing has happened yet: no run, no cache; but the database has its tables."""
    assert shop.history.query() == ()


def copied(kept: Kept, folder: Path) -> Shop:
    """A copy in a folder of its own: only of what names no path, which records, caches and the history do."""
    shutil.copytree(kept.copy, folder, dirs_exist_ok=True)
    return kept.revived(folder)


@contextmanager
def again(kept: Kept, own: Path) -> Iterator[Shop]:
    """A copy where the story was told, because its records name that path; afterwards it stands in the `own` folder."""
    place = shutil.copytree(kept.copy, kept.shop.folder)
    shop = kept.revived(place)
    try:
        yield shop
    finally:
        shop.history.close()
        place.rename(own / place.name)
