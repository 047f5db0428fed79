"""What this run sent to GitHub or saw there so lately that reads may not show it yet.

Kept in memory, and in a hidden file of the run's folder for the process that goes on after a crash: without it that one
would take a stale read for its word, and say everything a second time.
"""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bot.adapters import files
from bot.adapters.github.limits import Clock
from bot.core.moments import parse_iso
from bot.errors import BotError

LAG: Final = 15.0
"""Seconds after which a read shows what was written before; what is not seen by then is taken as not there."""

FILE: Final = ".said.ndjson"
# A clock that was set back must not make anybody wait for hours.
_MOST: Final = 60.0


@dataclass(frozen=True, slots=True)
class _Memory:
    """When something was sent or seen, and what it is, None while that is not known."""

    at: float
    made: Any


class Lately:
    """Remembers by keys that are unique to what they mean; `folder` is that of the run that is spoken of."""

    def __init__(self, clock: Clock) -> None:
        self.folder: Path | None = None
        self._clock = clock
        self._known: dict[str, _Memory] = {}

    def sending(self, key: str, most: float) -> None:
        """It is about to be sent, which takes at most so many seconds: whatever becomes of it, or of this process."""
        self._write(key, most + LAG)

    def sent(self, key: str) -> None:
        """It was sent; nobody knows whether it is there."""
        self._write(key, LAG)
        self.note(key, None)

    def note(self, key: str, made: object) -> None:
        """It was sent or seen just now and looks like this."""
        self._known[key] = _Memory(self._clock.monotonic(), made)

    def made(self, key: str) -> Any:
        """What was made or seen under that key within the time that reads may lag; None where nothing is known."""
        memory = self._recalled(key)
        return None if memory is None else memory.made

    def since(self, key: str) -> float | None:
        """How many seconds ago it was sent or seen, negative while it may be on its way still; None for long ago."""
        memory = self._recalled(key)
        return None if memory is None else self._clock.monotonic() - memory.at

    def _recalled(self, key: str) -> _Memory | None:
        if key not in self._known and (left := self._left(key)) > 0:
            self._known[key] = _Memory(self._clock.monotonic() + left - LAG, None)
        memory = self._known.get(key)
        return memory if memory is not None and self._clock.monotonic() - memory.at < LAG else None

    def forget(self, key: str) -> None:
        """It was surely not done."""
        self._write(key, 0.0)
        self._known.pop(key, None)

    def _write(self, key: str, seconds: float) -> None:
        """Reads may not show it for so long; a folder that is not there or cannot be written to keeps nothing back."""
        if self.folder is None:
            return
        until = self._clock.now() + timedelta(seconds=seconds)
        line = json.dumps({"key": key, "until": until.isoformat()})
        with contextlib.suppress(BotError):
            files.append_line(self.folder / FILE, line.encode("ascii"))

    def _left(self, key: str) -> float:
        """Seconds for which reads may still not show what an earlier process sent; no more than they ever can be."""
        last = next((until for known, until in self._lines() if known == key), None)
        return 0.0 if last is None else min((last - self._clock.now()).total_seconds(), _MOST)

    def _lines(self) -> Iterator[tuple[str, datetime]]:
        """What the file says, newest first; a line torn by a crash says nothing."""
        if self.folder is None:
            return
        with contextlib.suppress(BotError):
            for line in files.lines_from_the_end(self.folder / FILE):
                if (told := _parsed(line)) is not None:
                    yield told


def _parsed(line: bytes) -> tuple[str, datetime] | None:
    try:
        told = json.loads(line)
        return str(told["key"]), parse_iso(told["until"])
    except (ValueError, TypeError, KeyError):
        return None
