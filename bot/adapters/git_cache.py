"""The bare cache on disk: made whole or not at all, freed of what killed runs left, rebuilt when broken (I9, I12)."""

import contextlib
import errno
import shutil
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final

from bot.adapters.flock import wait_lock
from bot.errors import BotError, Reason


class CacheKind(StrEnum):
    """What a new cache holds: everything, or everything but the contents of files (a partial clone, blob:none)."""

    FULL = "full"
    BLOBLESS = "blobless"


_BLOBLESS: Final = "promotion-blobless"
_ESSENTIAL: Final = ("HEAD", "config", "objects", "refs")
_SUSPECT: Final = "promotion-suspect"

# What makes ancestry unprovable, and the file that brings it about.
_INCOMPLETE: Final = (
    ("shallow", "shallow"),
    ("grafts", "info/grafts"),
    ("alternates", "objects/info/alternates"),
    ("alternates", "objects/info/http-alternates"),
)
# What a killed git leaves behind; the first kinds would block every later fetch.
_LEFTOVERS: Final = (
    *("*.lock", "packed-refs.new", "refs/**/*.lock"),
    *("objects/pack/*tmp*", "objects/??/tmp_*", "objects/info/**/*.lock"),
)
_LEFT_FOLDERS: Final = ("promotion-index-*", "promotion-attributes-*")


class Cache:
    """The folder of a bare repository that holds nothing but what the remote can give again."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def writing(self, deadline: float) -> Iterator[int]:
        """Be the only writer; yields the lock's descriptor, which git processes must inherit.

        Since they hold it too, a free lock proves that no git of a killed run still writes here.

        Raises:
            BotError: DEADLINE_EXCEEDED, DISK_FULL or STATE_UNUSABLE.
        """
        try:
            with wait_lock(self.path.with_name(self.path.name + ".lock"), deadline) as descriptor:
                self._sweep()
                yield descriptor
        except TimeoutError:
            raise BotError(
                Reason.DEADLINE_EXCEEDED, f"Another process has been fetching into {self.path} for {deadline:.0f} s."
            ) from None
        except OSError as error:
            raise _unusable(self.path, error) from None

    def is_usable(self) -> bool:
        """Whether it looks whole, and no run has found it broken."""
        return all((self.path / name).exists() for name in _ESSENTIAL) and not (self.path / _SUSPECT).exists()

    @property
    def kind(self) -> CacheKind:
        """What this one holds, whatever a new one would; commits and trees are complete in both kinds."""
        return CacheKind.BLOBLESS if (self.path / _BLOBLESS).exists() else CacheKind.FULL

    def become(self, kind: CacheKind) -> None:
        """Be of that kind from the first fetch on."""
        if kind is CacheKind.BLOBLESS:
            (self.path / _BLOBLESS).touch()

    def suspect(self) -> None:
        """Have the next fetch rebuild it."""
        with contextlib.suppress(OSError):
            (self.path / _SUSPECT).touch()

    @contextlib.contextmanager
    def rebuilding(self) -> Iterator[Path]:
        """A new empty folder that takes the cache's place when the block ends well."""
        fresh = self.path.with_name(self.path.name + ".new")
        _remove(fresh)
        fresh.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield fresh
        except BaseException:
            _remove(fresh)
            raise
        old = self.path.with_name(self.path.name + ".old")
        _remove(old)
        if self.path.exists():
            self.path.rename(old)
        fresh.rename(self.path)
        _remove(old)

    def incomplete(self) -> tuple[str, ...]:
        """What in the files makes ancestry unprovable: "shallow", "grafts", "alternates"."""
        return tuple(dict.fromkeys(name for name, file in _INCOMPLETE if _has_content(self.path / file)))

    def _sweep(self) -> None:
        for pattern in _LEFTOVERS:
            for stale in self.path.glob(pattern):
                stale.unlink(missing_ok=True)
        for pattern in _LEFT_FOLDERS:
            for stale in self.path.glob(pattern):
                _remove(stale)
        for name in (".new", ".old"):
            _remove(self.path.with_name(self.path.name + name))


def _has_content(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _unusable(path: Path, error: OSError) -> BotError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return BotError(
        Reason.DISK_FULL if full else Reason.STATE_UNUSABLE, f"The cache {path} cannot be written: {error.strerror}."
    )
