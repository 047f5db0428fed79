"""What the ledger's history adds up to: entries in the order in which they were written, and every line lost (I14)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from bot.core.control import CONTROL_PATH, parse_controls
from bot.core.ledger import parse_note
from bot.core.promotion import LedgerEntry
from bot.core.text import plain
from bot.core.trail import LedgerChange, LedgerStep

_ID_LENGTHS: Final = (40, 64)


@dataclass(frozen=True, slots=True)
class Loss:
    """A ledger commit that took away or changed what stood in a file of the ledger."""

    commit: str
    author: str
    path: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The entries that still stand, oldest first by ledger commit; what was lost on the way; what cannot be read."""

    entries: tuple[LedgerEntry, ...]
    losses: tuple[Loss, ...]
    faults: tuple[str, ...]


def read_steps(steps: Iterable[LedgerStep]) -> Reading:
    """Follow the ledger from its first commit to its last."""
    log = _Log()
    for step in steps:
        for path, before, after in _by_note(step.changes):
            if not is_continued(before, after):
                log.losses.append(Loss(step.sha, step.author, path))
            log.follow(path, before, after)
    return Reading(tuple(log.standing()), tuple(log.losses), tuple(dict.fromkeys(log.faults)))


def is_continued(before: bytes, after: bytes) -> bool:
    """Whether every line that was there still is, byte for byte and in its place, and new ones came after them."""
    if not after.startswith(before):
        return False
    grown = after[len(before) :]
    return not grown or not before or before.endswith(b"\n") or grown.startswith(b"\n")


class _Log:
    """What was read so far; lines of a note are told apart by the note and their bytes."""

    def __init__(self) -> None:
        self.losses: list[Loss] = []
        self.faults: list[str] = []
        self._now: dict[str, bytes] = {}
        self._entries: dict[tuple[str, bytes], LedgerEntry] = {}

    def follow(self, path: str, before: bytes, after: bytes) -> None:
        self._now[path] = after
        known = set(before.split(b"\n"))
        new = b"\n".join(line for line in after.split(b"\n") if line.strip() and line not in known)
        try:
            self._keep(path, new)
        except ValueError as error:
            self.faults.append(str(error))

    def _keep(self, path: str, new: bytes) -> None:
        if path == CONTROL_PATH:
            parse_controls(new)
            return
        if len(path) not in _ID_LENGTHS or path.strip("0123456789abcdef"):
            raise ValueError(f"it holds {plain(path)!r}, which is no note")
        for line, entry in zip(new.split(b"\n"), parse_note(path, new), strict=False):
            self._entries.setdefault((path, line), entry)

    def standing(self) -> Iterator[LedgerEntry]:
        lines = {path: frozenset(content.split(b"\n")) for path, content in self._now.items()}
        return (entry for (path, line), entry in self._entries.items() if line in lines[path])


def _by_note(changes: Iterable[LedgerChange]) -> Iterator[tuple[str, bytes, bytes]]:
    """(name, before, after) of each note: git spreads notes over folders as it likes, and moves them about."""
    before: dict[str, bytes] = defaultdict(bytes)
    after: dict[str, bytes] = defaultdict(bytes)
    for change in changes:
        name = change.path.replace("/", "")
        before[name] += change.before or b""
        after[name] += change.after or b""
    return ((name, before[name], after[name]) for name in after)
