"""What people told every bot of a repository: freezes and quarantines, kept in the ledger beside the promotions.

They are events in a file that only grows; what holds now follows from all of them. Since they live in the ledger, the
lease on it keeps a promotion out that began before a freeze.

Fail closed: a line that cannot be understood, such as one of a later schema, makes the whole file unreadable, and then
nothing is promoted. Keys that this schema does not know are passed over; whatever changes what a line means must raise
the schema.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from bot.core import jsondoc
from bot.core.moments import iso

# Where they stand in the ledger's tree; git keeps what is no note, and shows it nowhere.
CONTROL_PATH: Final = "control.ndjson"
SCHEMA: Final = 1
_FULL_ID: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_OPTIONAL: Final = ("until", "sha", "base")


class ControlKind(StrEnum):
    """What an event does."""

    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    QUARANTINE = "quarantine"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Control:
    """One event: who did what when (UTC ISO 8601) and why.

    A freeze may end by itself (`until`). A quarantine names a commit and, where what is bad may be anything of a range,
    the commit before that range (`base`); clearing it names the same commit.
    """

    kind: ControlKind
    at: str
    actor: str
    reason: str
    until: str | None = None
    sha: str | None = None
    base: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds at a moment: the freeze, if any, and every quarantine that nobody cleared, oldest first."""

    freeze: Control | None = None
    quarantined: tuple[Control, ...] = ()


def standing(events: Iterable[Control], now: str) -> Standing:
    """What all events up to now come to; `now` is UTC ISO 8601, as the events' own times."""
    freeze: Control | None = None
    quarantined: dict[str, Control] = {}
    for event in events:
        match event.kind:
            case ControlKind.FREEZE:
                freeze = event
            case ControlKind.UNFREEZE:
                freeze = None
            case ControlKind.QUARANTINE:
                quarantined[event.sha or ""] = event
            case ControlKind.CLEAR:
                quarantined.pop(event.sha or "", None)
    if freeze is not None and freeze.until is not None and freeze.until <= now:
        freeze = None
    return Standing(freeze, tuple(quarantined.values()))


def format_control(event: Control) -> str:
    """The event as one line of pure ASCII JSON, without its newline.

    Raises:
        ValueError: the line could not be read back as this very event; a ledger with it would stop every bot for good.
    """
    told = {"schema": SCHEMA} | {key: value for key, value in asdict(event).items() if value is not None}
    line = json.dumps(told, ensure_ascii=True, allow_nan=False)
    if _event(jsondoc.load(line.encode("ascii"))) != event:
        raise ValueError("it would be read back as another event")
    return line


def parse_controls(content: bytes) -> tuple[Control, ...]:
    """All events of the file, in its order; ValueError names the first line that is none."""
    return tuple(_parsed(number, line) for number, line in enumerate(content.split(b"\n"), 1) if line.strip())


def _parsed(number: int, line: bytes) -> Control:
    try:
        return _event(jsondoc.load(line))
    except ValueError as error:
        raise ValueError(f"line {number} of {CONTROL_PATH} is no event: {error}") from None


def _event(document: Any) -> Control:
    if not isinstance(document, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 - every fault of a line is a ValueError
    schema = document.get("schema")
    if type(schema) is not int or schema != SCHEMA:
        raise ValueError(f"its schema is not {SCHEMA}; a newer version of the bot may have written it")
    told = {field.name: _text(field.name, document.get(field.name)) for field in fields(Control)}
    event = Control(**{**told, "kind": ControlKind(told["kind"])})
    _check(event)
    return event


def _text(key: str, value: Any) -> Any:
    if value is None and key in _OPTIONAL:
        return None
    return jsondoc.text(key, value)


def _check(event: Control) -> None:
    """Whether it says all that its kind needs and nothing that its kind does not know."""
    for key in ("at", "until"):
        value = getattr(event, key)
        if value is not None and not _is_moment(value):
            raise ValueError(f"{key} must be a moment such as 2026-11-21T02:00:00Z")
    for key in ("sha", "base"):
        value = getattr(event, key)
        if value is not None and not _FULL_ID.fullmatch(value):
            raise ValueError(f"{key} must be a full object id")
    known = _KNOWN[event.kind]
    odd = [key for key in _OPTIONAL if getattr(event, key) is not None and key not in known]
    if odd:
        raise ValueError(f"{event.kind.value} knows no {', '.join(odd)}")
    if "sha" in known and event.sha is None:
        raise ValueError("it names no commit")


_KNOWN: Final = {
    ControlKind.FREEZE: ("until",),
    ControlKind.UNFREEZE: (),
    ControlKind.QUARANTINE: ("sha", "base"),
    ControlKind.CLEAR: ("sha", "base"),
}


def _is_moment(text: str) -> bool:
    """Whether it is UTC to the second with Z, so that moments compare as text."""
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    # strptime takes single digits as well.
    return iso(moment) == text and len(text) == len("2026-11-21T02:00:00Z")


def grown_controls(existing: bytes, events: Iterable[Control]) -> bytes:
    """The file with these events at its end: every byte that was there stays."""
    gap = b"\n" if existing and not existing.endswith(b"\n") else b""
    return existing + gap + "".join(f"{format_control(event)}\n" for event in events).encode("ascii")
