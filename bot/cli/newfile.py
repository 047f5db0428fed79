"""Writing files that must not exist yet: what people wrote is never overwritten, and nothing is left half written."""

import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Final

from bot.errors import BotError, Reason
from bot.settings.words import printable


def write_new(path: Path, content: str) -> None:
    """Write it, with the folders above it; raises as `write_all_new`."""
    write_all_new({path: content})


def write_all_new(files: Mapping[Path, str]) -> None:
    """Write each file, with the folders above it: all of them, or nothing is left of any.

    Raises:
        BotError: BAD_USAGE, where something is there already (a dangling link is), or nothing can be written there;
            DISK_FULL. The sentence names what was written before it, and whether that was taken away again.
    """
    made = _Made()
    try:
        for path, content in files.items():
            made.write(path, content)
    except (OSError, ValueError) as error:
        raise _refusal(made.at, error, made.undo()) from None
    except BaseException:
        made.undo()
        raise


class _Fate(Enum):
    """What became of a file that is to be taken away again; THEIRS where somebody put another in its place."""

    GONE = auto()
    LEFT = auto()
    THEIRS = auto()


@dataclass(frozen=True, slots=True)
class _Undone:
    """What was there for a moment: whole files that are gone again, and those that could not be taken away."""

    gone: tuple[Path, ...]
    left: tuple[Path, ...]


@dataclass(slots=True)
class _Made:
    """What this call has made so far, oldest first; a file with what tells it from another of its name.

    `at` is the file that it has come to.
    """

    at: Path = field(default_factory=Path)
    files: dict[Path, os.stat_result] = field(default_factory=dict)
    folders: list[Path] = field(default_factory=list)
    whole: list[Path] = field(default_factory=list)

    def write(self, path: Path, content: str) -> None:
        self.at = path
        self._make_folder(path.parent)
        with path.open("x", encoding="utf-8") as file:
            self.files[path] = os.fstat(file.fileno())
            file.write(content)
        self.whole.append(path)

    def _make_folder(self, folder: Path) -> None:
        """Make those that are missing, and know which those were."""
        if folder.is_dir():
            return
        if folder != folder.parent:
            self._make_folder(folder.parent)
        try:
            folder.mkdir()
        except FileExistsError:
            # Made by somebody else meanwhile, and then theirs.
            if not folder.is_dir():
                raise
        else:
            self.folders.append(folder)

    def undo(self) -> _Undone:
        """Take away what is still as it was made: a file that somebody put in its place is theirs."""
        fates = {path: _removed(path, known) for path, known in self.files.items()}
        for folder in reversed(self.folders):
            _remove_empty(folder)
        return _Undone(
            gone=tuple(path for path in self.whole if fates[path] is _Fate.GONE),
            left=tuple(path for path, fate in fates.items() if fate is _Fate.LEFT),
        )


def _removed(path: Path, known: os.stat_result) -> _Fate:
    """Remove it, if it is that very file."""
    try:
        if not os.path.samestat(path.lstat(), known):
            return _Fate.THEIRS
        path.unlink()
    except FileNotFoundError:
        return _Fate.GONE
    except OSError:
        return _Fate.LEFT
    return _Fate.GONE


def _remove_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        # Somebody has put something there since: then it stays.
        return


_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_ELSEWHERE: Final = "Name a file in a folder that you may write to."


def _refusal(path: Path, error: OSError | ValueError, undone: _Undone) -> BotError:
    shown, end = printable(str(path)), _end(undone)
    if isinstance(error, FileExistsError) and path.parent.is_dir():
        return BotError(Reason.BAD_USAGE, f"{shown} exists already; {end}", "Name another file.")
    if isinstance(error, OSError) and error.errno in _FULL:
        words = f"{shown} cannot be written ({error.strerror}); {end}"
        return BotError(Reason.DISK_FULL, words, "Free space on its disk; running again is safe.")
    words = (error.strerror or "for no reason that is told") if isinstance(error, OSError) else str(error)
    return BotError(Reason.BAD_USAGE, f"{shown} cannot be written ({words}); {end}", _ELSEWHERE)


def _end(undone: _Undone) -> str:
    """What is there now of all that was to be written."""
    gone, left = (" and ".join(printable(str(path)) for path in paths) for paths in (undone.gone, undone.left))
    if left:
        return f"{left} could not be taken away again."
    if gone:
        return f"{gone}, written before it, {'was' if len(undone.gone) == 1 else 'were'} taken away again."
    return "nothing was written."
