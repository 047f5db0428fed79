"""The ledger's lines: one JSON object a line under each promoted commit; a note only ever grows (invariant I14)."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any, Final

from bot.core import jsondoc
from bot.core.promotion import LedgerEntry
from bot.core.tags import is_release
from bot.core.text import plain

SCHEMA: Final = 1

_FULL_ID: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_OPTIONAL: Final = ("slot", "reason", "restores")
_KEYS: Final = tuple(field.name for field in fields(LedgerEntry) if field.name not in _OPTIONAL)


def format_entry(entry: LedgerEntry) -> str:
    """The entry as one line of pure ASCII JSON, without its newline: no text in it can reach a terminal raw."""
    told = {key: value for key, value in asdict(entry).items() if value is not None}
    return json.dumps(told, ensure_ascii=True, allow_nan=False)


def parse_entry(line: bytes) -> LedgerEntry:
    """The entry of one line; keys that a later schema adds are ignored; ValueError says what is wrong with it."""
    document = jsondoc.load(line)
    if not isinstance(document, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 - every fault of a line is a ValueError
    missing = [key for key in _KEYS if key not in document]
    if missing:
        raise ValueError(f"it lacks {', '.join(missing)}")
    told = [*_KEYS, *(key for key in _OPTIONAL if document.get(key) is not None)]
    return LedgerEntry(
        schema=_schema(document["schema"]), **{key: _text(key, document[key]) for key in told if key != "schema"}
    )


def _schema(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < SCHEMA:
        raise ValueError(f"schema must be a whole number from {SCHEMA} on")
    return value


def _text(key: str, value: Any) -> str:
    text = jsondoc.text(key, value)
    if key in {"sha", "base"} and not _FULL_ID.fullmatch(text):
        raise ValueError(f"{key} must be a full object id")
    return text


def note_name(path: str) -> str:
    """The full id that a path in the ledger's tree stands for: git spreads notes over folders at any depth."""
    return path.replace("/", "")


def doubled_note(name: str, paths: Iterable[str]) -> str:
    """What is wrong where one note has several files: git shows them as one, and nothing says which is the note."""
    return f"the note under {plain(name)[:12]} has several files: {' and '.join(map(plain, sorted(paths)))}"


def parse_note(sha: str, note: bytes) -> tuple[LedgerEntry, ...]:
    """All entries of the note under that commit, oldest first; blank lines are what `git notes append` leaves.

    Raises:
        ValueError: a line is not an entry, or speaks of another commit; nothing of a ledger is silently skipped.
    """
    entries = []
    for number, line in enumerate(note.split(b"\n"), 1):
        if line.strip():
            entries.append(_entry_of(sha, number, line))
    return tuple(entries)


def _entry_of(sha: str, number: int, line: bytes) -> LedgerEntry:
    where = f"line {number} of the note under {sha[:12]}"
    try:
        entry = parse_entry(line)
    except ValueError as error:
        raise ValueError(f"{where} is not an entry: {error}") from None
    if entry.sha != sha:
        raise ValueError(f"{where} speaks of commit {entry.sha[:12]}")
    return entry


def grown_note(existing: bytes, entry: LedgerEntry) -> bytes:
    """The note with one more line: every byte that was there stays, the new entry comes last."""
    gap = b"\n" if existing and not existing.endswith(b"\n") else b""
    return existing + gap + format_entry(entry).encode("ascii") + b"\n"


def in_order(entries: Iterable[LedgerEntry]) -> tuple[LedgerEntry, ...]:
    """The entries oldest first: by the moments of their releases, which strictly increase; clocks do not."""
    return tuple(sorted(entries, key=_stamp))


def of_prefix(prefix: str, entries: Iterable[LedgerEntry]) -> tuple[LedgerEntry, ...]:
    """The entries of releases under that prefix: one ledger serves every pair of branches that is promoted on a remote.

    A rewind has no tag of its own; it belongs to the release that it restored.
    """
    return tuple(entry for entry in entries if _names_release(prefix, entry.tag or entry.restores))


def _names_release(prefix: str, name: str | None) -> bool:
    """Whether it is a release of that prefix; what names none is everybody's."""
    return not name or is_release(prefix, name)


def moment_of(entry: LedgerEntry) -> datetime | None:
    """The moment of an entry's release: that in the tag's name, or `at` where it has none; None where that is none."""
    try:
        return datetime.strptime(_stamp(entry)[0], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _stamp(entry: LedgerEntry) -> tuple[str, str]:
    """What the order of entries goes by: the digits of the moment in the tag's name, then those of `at`."""
    digits = re.sub(r"[^0-9]", "", entry.at)[:14]
    found = re.search(r"[0-9]{8}-[0-9]{6}$", entry.tag)
    return (found[0].replace("-", "") if found else digits, digits)
