"""The scheduler's memory, `<state.dir>/scheduler.json`: which slots were begun, ended or missed."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from bot.adapters import files
from bot.core.calendar import Slot
from bot.core.moments import iso, parse_iso

FILE: Final = "scheduler.json"
_SCHEMA: Final = 1
_KEPT: Final = 400


class SlotState(StrEnum):
    """What became of a slot. All but ENDED and MISSED are tried again while it is not too late."""

    STARTED = "started"
    BUSY = "busy"
    INTERRUPTED = "interrupted"
    ENDED = "ended"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class SlotEntry:
    """One slot: when it was due, its state and since when (UTC ISO 8601), and how its child process ended."""

    due: str
    state: SlotState
    at: str
    exit_code: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Memory:
    """Slots by id, and the moment from which on they are watched."""

    since: str
    slots: Mapping[str, SlotEntry]

    def handled_until(self, now: datetime) -> datetime:
        """Up to when every slot is settled; slots that a wrong clock settled in the future do not count."""
        settled = [parse_iso(entry.due) for entry in self.slots.values() if is_settled(entry)]
        return max([parse_iso(self.since), *(due for due in settled if due <= now)])

    def with_entries(self, entries: Mapping[str, SlotEntry]) -> "Memory":
        """The memory with those entries added or replaced; the oldest slots are forgotten."""
        kept = sorted({**self.slots, **entries}.items())[-_KEPT:]
        return replace(self, slots=dict(kept))


def is_settled(entry: SlotEntry) -> bool:
    """Whether nothing more is to be done about the slot."""
    return entry.state in (SlotState.ENDED, SlotState.MISSED)


class SlotBook:
    """The memory on the disk; every change is there before the call returns."""

    def __init__(self, state_dir: Path, now: datetime) -> None:
        """Read what is there, or begin at `now`; a damaged file is moved aside (`damaged` says where)."""
        self._path = state_dir / FILE
        self.damaged: Path | None = None
        files.make_folder(state_dir)
        found = self._read()
        self.memory = found or Memory(iso(now), {})
        if found is None:
            self._save()

    def note(self, slot: Slot, state: SlotState, now: datetime, *, exit_code: int | None = None, why: str = "") -> None:
        """Remember what became of a slot."""
        self._add({slot.id: SlotEntry(iso(slot.due), state, iso(now), exit_code, why)})

    def note_missed(self, missed: Mapping[Slot, str], now: datetime) -> None:
        """Remember slots that were missed, each with its why, in one write."""
        if missed:
            state = SlotState.MISSED
            self._add({slot.id: SlotEntry(iso(slot.due), state, iso(now), None, why) for slot, why in missed.items()})

    def _add(self, entries: Mapping[str, SlotEntry]) -> None:
        self.memory = self.memory.with_entries(entries)
        self._save()

    def watch_from(self, now: datetime) -> None:
        """Where the memory begins later than now, a wrong clock wrote it: watch from now on."""
        if parse_iso(self.memory.since) > now:
            self.memory = replace(self.memory, since=iso(now))
            self._save()

    def _read(self) -> Memory | None:
        with files.state_errors(self._path):
            if not self._path.exists():
                return None
            text = self._path.read_bytes()
        try:
            return _parse(json.loads(text))
        except (ValueError, TypeError, KeyError, AttributeError):
            self.damaged = self._path.with_name(f"{FILE}.damaged-{secrets.token_hex(3)}")
            with files.state_errors(self._path):
                self._path.replace(self.damaged)
            return None

    def _save(self) -> None:
        slots = {name: asdict(entry) for name, entry in self.memory.slots.items()}
        document = {"schema_version": _SCHEMA, "since": self.memory.since, "slots": slots}
        files.write_whole(self._path, (json.dumps(document, indent=2) + "\n").encode("ascii"))


def _parse(document: dict[str, Any]) -> Memory:
    if document["schema_version"] != _SCHEMA:
        raise ValueError("another schema version")
    slots = {name: _entry(fields) for name, fields in document["slots"].items()}
    return Memory(iso(parse_iso(document["since"])), slots)


def _entry(fields: dict[str, Any]) -> SlotEntry:
    entry = SlotEntry(**fields)
    return replace(entry, due=iso(parse_iso(entry.due)), state=SlotState(entry.state))
