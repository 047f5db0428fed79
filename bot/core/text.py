"""Foreign text made harmless for one line of words: names, subjects and errors that anybody may have written."""

import re
import unicodedata
from typing import Final

LONGEST: Final = 120


def plain(text: str, longest: int = LONGEST) -> str:
    """One line without anything invisible or commanding: controls, ANSI sequences, bidi marks, line separators.

    At most `longest` characters (at least 1), cut between graphemes and ended by an ellipsis. Markup is left as it is:
    escaping belongs to each renderer.
    """
    text = text[: longest * _SLACK]
    if not (text.isascii() and text.isprintable()):
        text = _visible(text)
    text = " ".join(text.split())
    return text if len(text) <= longest else _cut(text, longest)


def short(sha: str) -> str:
    """The first twelve characters of an object id, also of one that somebody else names."""
    return plain(sha)[:_SHORT]


_SHORT: Final = 12

# A hostile subject may have megabytes: look at a few times more than is shown, because some of it may be invisible.
_SLACK: Final = 8

_ANSI: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]"
)
_STACKED_MARKS: Final = re.compile(
    "([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})"
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
# Blank though not of a format category: fillers, joiners, inherent vowels, supplementary variation selectors.
_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2065\u2800\u3164\uffa0")
# Control, format (direction marks, zero-width), private and unassigned characters.
_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Co", "Cn"})
_HIDDEN_RANGES: Final = ((0x180B, 0x180F), (0xFFF0, 0xFFFC), (0xE0000, 0xE0FFF))


class _Visible(dict[int, str | None]):
    """A table for `str.translate`, filled as characters are met: None drops one."""

    def __missing__(self, code: int) -> str | None:
        self[code] = found = _shown_as(chr(code), code)
        return found


def _shown_as(char: str, code: int) -> str | None:
    category = unicodedata.category(char)
    if category == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    if char.isspace() or category in ("Zl", "Zp"):
        return " "
    hidden = any(first <= code <= last for first, last in _HIDDEN_RANGES) or code & 0xFFFE == 0xFFFE  # noqa: PLR2004 - the noncharacters of each plane
    return None if hidden or category in _UNPRINTABLE or char in _BLANK else char


_TABLE: Final = _Visible()


def _visible(text: str) -> str:
    return _STACKED_MARKS.sub(r"\1", _ANSI.sub("", text).translate(_TABLE))


def _cut(text: str, longest: int) -> str:
    end = max(longest - 1, 0)
    while end > 0 and _extends(text, end):
        end -= 1
    return text[:end].rstrip() + "…"


def _extends(text: str, at: int) -> bool:
    """Whether the character there belongs to the one before it."""
    char = text[at]
    if (
        unicodedata.category(char).startswith("M")
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\u1160" <= char <= "\u11ff"
    ):
        return True
    return _is_flag_half(char) and _flag_halves_before(text, at) % 2 == 1


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _flag_halves_before(text: str, at: int) -> int:
    start = at
    while start > 0 and _is_flag_half(text[start - 1]):
        start -= 1
    return at - start
