"""A world is a folder: copied for little money, compared by what it holds, and gone through by copies of a process."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from support import forks
from support.fakes import Shop
from support.forks import Child

_ASIDE = "aside"
# What they hold tells people who has them: no process reads it.
_LOCKS = frozenset({"lock", "control.lock"})
_WRITABLE = 0o222
_USUAL = 0o644


def copy_world(old: Path, new: Path) -> Path:
    """Copy a folder; a file that nobody may write is not copied but shared, which is what git's objects are."""
    new.mkdir(parents=True, exist_ok=True)
    _copy(old, new)
    return new


def _copy(old: Path, new: Path) -> None:
    with os.scandir(old) as found:
        entries = list(found)
    for entry in entries:
        path, place, facts = Path(entry.path), new / entry.name, entry.stat(follow_symlinks=False)
        if entry.is_symlink():
            place.symlink_to(path.readlink())
        elif entry.is_dir():
            place.mkdir(facts.st_mode & 0o777)
            _copy(path, place)
        elif facts.st_mode & _WRITABLE:
            _copy_file(path, place, facts)
        else:
            place.hardlink_to(path)


def _copy_file(old: Path, new: Path, facts: os.stat_result) -> None:
    new.write_bytes(old.read_bytes())
    os.utime(new, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    if facts.st_mode & 0o777 != _USUAL:
        new.chmod(facts.st_mode & 0o777)


def state_of(world: Path) -> str:
    """All bytes below the world but what only people read: a lock's last holder, journal lines without facts."""
    digest = hashlib.sha256()
    for name, path in sorted(_files(str(world), "")):
        digest.update(f"{name}\0".encode() + _content(path))
    return digest.hexdigest()


def _files(folder: str, name: str) -> Iterator[tuple[str, Path]]:
    with os.scandir(folder) as found:
        entries = list(found)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _files(entry.path, f"{name}{entry.name}/")
        elif entry.is_file() and entry.name not in _LOCKS:
            yield name + entry.name, Path(entry.path)


def _content(path: Path) -> bytes:
    content = path.read_bytes()
    return b"".join(_facts(content)) if path.name == "journal.ndjson" else content


def _facts(journal: bytes) -> Iterator[bytes]:
    for line in journal.splitlines():
        if set(json.loads(line)) - {"at", "event", "detail"}:
            yield line


def branch(world: Path, shop: Shop) -> Child | None:
    """From here on there are two of this process; the copy (None) has a copy of the world in the place of the world.

    Once that child has ended, `put_back` must be called. What is before this point happened once for both: the copy
    is the very process that came here. Open files stay with what is put aside: the copy finds its own ones by their
    names, as a new process would.
    """
    aside = world.with_name(_ASIDE)
    world.rename(aside)
    copy_world(aside, world)
    child = forks.branch()
    engine = shop.history._engine
    if child is None and engine is not None:
        engine.dispose(close=False)
    return child


def put_back(world: Path) -> None:
    """What was put aside is the world again; what the copy left in its place is gone, unless it was taken away."""
    shutil.rmtree(world, ignore_errors=True)
    world.with_name(_ASIDE).rename(world)
