"""This machine as doctor looks at it: its state directory, its files, its history; nothing is changed for it."""

import json
import os
import resource
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.adapters import database, files
from bot.core.doctor_machine import StoreFacts
from bot.core.text import plain
from bot.errors import BotError, Reason

_LOCKS: Final = Path("/proc/locks")
_INODE: Final = 5


class Machine:
    """This process's own limits."""

    def open_files(self) -> int:
        """How many files, sockets among them, a child of this process may open."""
        allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        return sys.maxsize if allowed == resource.RLIM_INFINITY else allowed


class Premises:
    """The state directory, which may not be there yet; `url` is `[state] database`."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        self._url = url

    def folder(self) -> str:
        """Where it is, proved by a nameless file; BotError(STATE_UNUSABLE or DISK_FULL) where nothing can be written.

        One that is not there yet is taken for its nearest parent that is.
        """
        there = self._nearest()
        with files.state_errors(there):
            if not there.is_dir():
                raise BotError(Reason.STATE_UNUSABLE, f"{there} is no folder.")
            with tempfile.TemporaryFile(dir=there) as file:
                file.write(b"promotion-bot: can this be written?\n")
                file.flush()
                os.fsync(file.fileno())
        return str(self._folder) if there == self._folder else f"{self._folder} (to be made)"

    def free(self) -> int:
        """The bytes that are free on its disk."""
        there = self._nearest()
        with files.state_errors(there):
            return shutil.disk_usage(there).free

    def lock(self) -> str | None:
        """Who holds the lock, read and never taken: a night that begins at this very moment must find it free."""
        path = self._folder / "lock"
        try:
            held, text = _is_locked(path.stat().st_ino), path.read_bytes()[:4096]
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BotError(Reason.STATE_UNUSABLE, f"{path} cannot be read: {error.strerror}.") from None
        # A run that was killed leaves its name in the file, but not the lock.
        return _named(text) if held and text.strip() else None

    def store(self) -> StoreFacts:
        """How the history's database stands; it is neither made nor upgraded.

        Raises:
            BotError: STATE_UNUSABLE, when it cannot be opened or was written by a newer version of the bot.
        """
        if not self._url and not (self._folder / database.SQLITE_FILE).exists():
            return StoreFacts(there=False, is_current=False)
        engine = database.open_database(self._folder, self._url)
        try:
            return _store_facts(engine)
        finally:
            engine.dispose()

    def _nearest(self) -> Path:
        """The folder itself, or the nearest one above it that is there."""
        there = self._folder
        while not there.exists() and there != there.parent:
            there = there.parent
        return there


def _store_facts(engine: sa.Engine) -> StoreFacts:
    with database.database_errors(engine), engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
        scripts = ScriptDirectory.from_config(database.migrations(connection))
        if revision is not None:
            # Raises for a revision that this version does not know.
            scripts.get_revision(revision)
        return StoreFacts(there=True, is_current=revision == scripts.get_current_head())


def _is_locked(inode: int) -> bool:
    """Whether any process holds a lock on the file of that number; True where the kernel does not tell."""
    try:
        rows = [line.split() for line in _LOCKS.read_text().splitlines()]
    except OSError:
        return True
    # Lines of those who wait have an arrow in their second column.
    return any(row[1] == "FLOCK" and row[_INODE].rpartition(":")[2] == str(inode) for row in rows if len(row) > _INODE)


def _named(text: bytes) -> str:
    try:
        facts = json.loads(text)
    except ValueError:
        facts = None
    if not isinstance(facts, dict):
        return "by a run without a name yet"
    run, since = plain(str(facts.get("run") or "without a name")), plain(str(facts.get("since")))
    return f"run {run}, process {plain(str(facts.get('pid')))}, since {since}"
