"""The folders of runs: `<state.dir>/runs/<run id>/`, readable by their owner only."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from bot.adapters import files, records
from bot.core.document import to_json
from bot.core.moments import iso
from bot.core.reasons import Reason
from bot.core.record import RunRecord
from bot.core.telling import TELLS, TOLD
from bot.errors import BotError

RECORD: Final = "run.json"
JOURNAL: Final = "journal.ndjson"
ENDED: Final = "ended"
_SAFE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


class Clock(Protocol):
    """What the journal needs of time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class FileRunFolder:
    """The folder of one run; satisfies `bot.flows.ports.RunFolder`."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._path

    def journal(self, event: str, **facts: object) -> None:
        """Append one line to journal.ndjson and fsync it."""
        line = to_json({"at": iso(self._clock.now()), "event": event, **facts})
        files.append_line(self._path / JOURNAL, json.dumps(line, allow_nan=False).encode("ascii"))

    def journal_lines(self) -> tuple[dict[str, Any], ...]:
        """What the journal says, oldest first; a line torn by a crash is left out."""
        path = self._path / JOURNAL
        with files.state_errors(path):
            text = path.read_bytes() if path.exists() else b""
        return tuple(line for line in map(_parse_line, text.splitlines()) if line is not None)

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file whole: a reader sees the old one or the new one, never half."""
        path = self._path / _safe(name)
        files.write_whole(path, content if isinstance(content, bytes) else content.encode("utf-8", "replace"))
        return path

    def read(self, name: str) -> str:
        """The text of a file; empty where there is none, and what is no UTF-8 shown as such."""
        path = self._path / _safe(name)
        with files.state_errors(path):
            return path.read_text("utf-8", "replace") if path.is_file() else ""

    def last_of(self, events: Iterable[str]) -> dict[str, Any] | None:
        """The last line of the journal with one of these events; mostly its end is enough, and it may be long."""
        wanted = frozenset(events)
        lines = (_parse_line(line) for line in files.lines_from_the_end(self._path / JOURNAL))
        return next((line for line in lines if line is not None and line.get("event") in wanted), None)

    def names(self) -> Sequence[str]:
        """The names of the files in it, ascending; hidden and otherwise odd ones are left out."""
        with files.state_errors(self._path):
            return sorted(
                each.name for each in self._path.iterdir() if _SAFE_NAME.fullmatch(each.name) and each.is_file()
            )

    def below(self, name: str) -> "FileRunFolder":
        """A folder in it, which need not exist."""
        return FileRunFolder(self._path / _safe(name), self._clock)

    def move(self, names: Iterable[str], to: "FileRunFolder") -> None:
        """Move these files, each at once; a file of the same name that is there already is replaced."""
        for name in names:
            with files.state_errors(self._path / _safe(name)):
                (self._path / name).replace(to.path / name)
        with files.state_errors(to.path):
            files.sync_folder(to.path)
            files.sync_folder(self._path)

    def digests(self, names: Iterable[str]) -> dict[str, str]:
        """The SHA-256 (hex) of each of these files; a file that is not there is left out."""
        return {name: _sha256(path) for name in names if (path := self._path / _safe(name)).is_file()}


class FileRunStore:
    """All run folders of one state directory; satisfies `bot.flows.ports.RunStore`."""

    def __init__(self, state_dir: Path, clock: Clock) -> None:
        self._runs = state_dir / "runs"
        self._clock = clock

    def create(self, run_id: str) -> FileRunFolder:
        """Make the folder of a new run; one that exists already is STATE_UNUSABLE."""
        path = self._runs / _safe(run_id)
        files.make_folder(self._runs)
        with files.state_errors(path):
            path.mkdir(mode=files.PRIVATE_FOLDER)
            files.sync_folder(self._runs)
        return FileRunFolder(path, self._clock)

    def discard(self, run_id: str) -> None:
        """Remove a run with all its files; where that is cut off, the rest is a run that never ended."""
        path = self.folder(run_id).path
        with files.state_errors(path):
            shutil.rmtree(path)

    def save(self, record: RunRecord) -> Path:
        """Write run.json."""
        return self.folder(record.run_id).write(RECORD, records.encode(record))

    def set_aside(self, record: RunRecord, attempt: str, names: Iterable[str]) -> None:
        """Keep an attempt in a folder of that name below the run's: the record as given, and these files of the run.

        The record is written first: where files are found aside, it says what they came to.
        """
        folder = self.folder(record.run_id)
        aside = folder.below(attempt)
        files.make_folder(aside.path)
        aside.write(RECORD, records.encode(record))
        folder.move(names, aside)

    def load(self, run_id: str, attempt: str = "") -> RunRecord:
        """Read run.json, of the run or of an attempt that was set aside.

        Raises:
            BotError: RUN_NOT_FOUND where there is none, STATE_UNUSABLE where it is damaged.
        """
        path = self.folder(run_id, attempt).path / RECORD
        if not path.is_file():
            raise BotError(Reason.RUN_NOT_FOUND, f"Run {run_id} has no {RECORD}: it never ended.")
        with files.state_errors(path):
            text = path.read_bytes()
        return records.decode(text, source=str(path))

    def folder(self, run_id: str, attempt: str = "") -> FileRunFolder:
        """The folder of an existing run, or of an attempt that was set aside; RUN_NOT_FOUND where there is none."""
        run = FileRunFolder(self._runs / _safe(run_id), self._clock)
        found = run.below(attempt) if attempt else run
        if not found.path.is_dir():
            named = f"{attempt} of run {run_id}" if attempt else f"run {run_id}"
            raise BotError(Reason.RUN_NOT_FOUND, f"There is no {named}.")
        return found

    def run_ids(self) -> Sequence[str]:
        """All run ids, oldest first."""
        with files.state_errors(self._runs):
            found = self._runs.iterdir() if self._runs.is_dir() else iter(())
            return tuple(sorted(path.name for path in found if _SAFE_NAME.fullmatch(path.name) and path.is_dir()))

    def readable(self) -> Iterator[RunRecord]:
        """Every record that can be read, oldest first; a run without one, or with a damaged one, is passed over."""
        for run_id in self.run_ids():
            with suppress(BotError):
                yield self.load(run_id)

    def unfinished(self) -> tuple[str, ...]:
        """The runs that crashed or still run: their journal has no `ended` line; oldest first."""
        return tuple(run_id for run_id in self.run_ids() if self.folder(run_id).last_of((ENDED,)) is None)

    def untold(self) -> tuple[str, ...]:
        """The runs that have ended and say so on a host, but have not said all of it; oldest first."""
        return tuple(run_id for run_id in self.run_ids() if self._is_untold(run_id))

    def _is_untold(self, run_id: str) -> bool:
        line = self.folder(run_id).last_of((ENDED, TOLD)) or {}
        return line.get("event") == ENDED and line.get(TELLS) is True


def _safe(name: str) -> str:
    if _SAFE_NAME.fullmatch(name) is None:
        raise BotError(Reason.RUN_NOT_FOUND, f"{name!r} is not the name of a run or of a file of one.")
    return name


def _parse_line(line: bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(line)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


def _sha256(path: Path) -> str:
    with files.state_errors(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
