"""The message of a release tag: title, notes, and trailers that nothing in the notes can imitate (invariant I21)."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from bot.core.text import plain

PROMOTED_COMMIT: Final = "Promoted-Commit"
RUN_ID: Final = "Run-Id"
EVIDENCE: Final = "Evidence-SHA256"
ATTEMPTS: Final = "Attempts"
# In place of a digest, where nobody measured what is released.
NO_EVIDENCE: Final = "none"

_LONGEST_TITLE: Final = 200
_KEPT_CONTROLS: Final = frozenset("\n\t")
# Joiners shape emoji and several scripts; every other format character can only deceive.
_KEPT_FORMATS: Final = frozenset("\u200c\u200d")
_REMOVED: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})

# git takes a `-----BEGIN` line for a signature and `---` for the end of the message: trailers after them are lost.
_MISREAD: Final = re.compile(
    rf"^(?=\s*(?:{PROMOTED_COMMIT}|{RUN_ID}|{EVIDENCE}|{ATTEMPTS})\s*:|-----BEGIN |---(?:\s|$))",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class TagText:
    """The words of a release tag, raw: a title of one line, and notes of any length."""

    title: str
    notes: str


def tag_message(text: TagText, trailers: tuple[tuple[str, str], ...]) -> str:
    """Title, notes and the trailer block, separated by blank lines, ending in a newline."""
    block = "\n".join(f"{name}: {plain(value, _LONGEST_TITLE)}" for name, value in trailers)
    title = _defused(plain(text.title, _LONGEST_TITLE)) or "Release"
    parts = [title, _defused(_printable(text.notes)).strip("\n"), block]
    return "\n\n".join(part for part in parts if part.strip()) + "\n"


def _printable(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if _is_kept(sign))


def _is_kept(sign: str) -> bool:
    return sign in _KEPT_CONTROLS or sign in _KEPT_FORMATS or unicodedata.category(sign) not in _REMOVED


def _defused(text: str) -> str:
    return _MISREAD.sub("> ", text)
