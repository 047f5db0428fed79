"""What the ledger's history adds up to: entries in the order in which they were written, and every line lost (I14)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from bot.core.control import CONTROL_PATH, parse_controls
from bot.core.ledger import doubled_note, note_name, parse_note
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
        for name, before, after in _by_note(step.changes):
            if not is_continued(before, after):
                log.losses.append(Loss(step.sha, step.author, name))
            log.follow(name, before, after)
        log.put(step.changes)
    faults = dict.fromkeys((*log.faults, *log.doubled()))
    return Reading(tuple(log.standing()), tuple(log.losses), tuple(faults))


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
        self._files: dict[str, dict[str, bytes]] = defaultdict(dict)
        self._entries: dict[tuple[str, bytes], LedgerEntry] = {}

    def put(self, changes: Iterable[LedgerChange]) -> None:
        """Keep what each file of each note holds now."""
        for change in changes:
            files = self._files[note_name(change.path)]
            if change.after is None:
                files.pop(change.path, None)
            else:
                files[change.path] = change.after

    def follow(self, name: str, before: bytes, after: bytes) -> None:
        known = set(before.split(b"\n"))
        new = b"\n".join(line for line in after.split(b"\n") if line.strip() and line not in known)
        try:
            self._keep(name, new)
        except ValueError as error:
            self.faults.append(str(error))

    def _keep(self, name: str, new: bytes) -> None:
        if name == CONTROL_PATH:
            parse_controls(new)
            return
        if len(name) not in _ID_LENGTHS or name.strip("0123456789abcdef"):
            raise ValueError(f"it holds {plain(name)!r}, which is no note")
        for line, entry in zip(new.split(b"\n"), parse_note(name, new), strict=False):
            self._entries.setdefault((name, line), entry)

    def doubled(self) -> Iterator[str]:
        """The faults of notes that have several files by now; one that only moved has one."""
        return (doubled_note(name, files) for name, files in self._files.items() if len(files) > 1)

    def standing(self) -> Iterator[LedgerEntry]:
        lines = {
            name: {line for content in files.values() for line in content.split(b"\n")}
            for name, files in self._files.items()
        }
        return (entry for (name, line), entry in self._entries.items() if line in lines[name])


def _by_note(changes: Iterable[LedgerChange]) -> Iterator[tuple[str, bytes, bytes]]:
    """(name, before, after) of each note: git spreads notes over folders as it likes, and moves them about."""
    before: dict[str, bytes] = defaultdict(bytes)
    after: dict[str, bytes] = defaultdict(bytes)
    for change in changes:
        name = note_name(change.path)
        before[name] += change.before or b""
        after[name] += change.after or b""
    return ((name, before[name], after[name]) for name in after)
