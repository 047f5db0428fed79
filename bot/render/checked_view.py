"""What a report says of the host: the checks it required there, and what was said there. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from bot.core.hosting import Announced, CheckState, SeenCheck
from bot.render.text import NAME, SENTENCE, line
from bot.render.words import Tone, Word, counted, sentence

_STATES: Final = {
    CheckState.SUCCESS: Word("success", Tone.GOOD),
    CheckState.PENDING: Word("PENDING", Tone.WARN),
    CheckState.OTHER: Word("NO SUCCESS", Tone.BAD),
}
_URL: Final = 300
# Signs that no address has as they are; browsers read some of them as others.
_ORDINARY: Final = re.compile(r"""[^\s<>"'\\^`{|}]+""").fullmatch


@dataclass(frozen=True, slots=True)
class RequiredRow:
    """One required check: what it comes to here, the host's own word, and where it can be seen (empty: nowhere)."""

    name: str
    word: Word
    said: str
    url: str


@dataclass(frozen=True, slots=True)
class RequiredView:
    """All required checks in one line, and each in a row."""

    words: str
    is_met: bool
    rows: tuple[RequiredRow, ...]


@dataclass(frozen=True, slots=True)
class SaidRow:
    """One thing that was said on the host, and its address, or why it could not be said (then without one)."""

    what: str
    url: str
    failure: str


def required_view(checks: Sequence[SeenCheck]) -> RequiredView | None:
    """What the host said of them; None where none is required, or nobody came to ask."""
    if not checks:
        return None
    rows = tuple(_row(check) for check in checks)
    done = sum(check.state is CheckState.SUCCESS for check in checks)
    words = f"{done} of {counted(len(rows), 'required check')} passed on the candidate"
    return RequiredView(words, done == len(rows), rows)


def _row(check: SeenCheck) -> RequiredRow:
    return RequiredRow(line(check.name, NAME), _STATES[check.state], line(check.said, NAME), web_address(check.url))


def said_rows(announced: Sequence[Announced]) -> tuple[SaidRow, ...]:
    """What was said and can be seen, and what could not be said; what was said and has no address is left out."""
    rows = (
        SaidRow(sentence(line(a.what, NAME)), web_address(a.url), line(a.failure or "", SENTENCE)) for a in announced
    )
    return tuple(row for row in rows if row.url or row.failure)


def web_address(url: str | None) -> str:
    """An address that may become a link; empty where it is no ordinary one of the web (`javascript:` is none)."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return ""
    is_web = parts.scheme in ("http", "https") and bool(parts.netloc) and not parts.username
    # What would have to be changed to be shown would lead elsewhere, or nowhere.
    return url if url and is_web and _ORDINARY(url) and line(url, _URL) == url else ""
