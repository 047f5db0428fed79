r"""The one home for making foreign text inert (invariant I21), by output.

Markdown: `markdown_inline`. Hosts look for mentions, references and addresses *after* Markdown was parsed, so a
backslash does not stop those: they are broken by a zero-width space, written as an entity because whoever cleans
invisible characters out of a text (we do, for tag messages) would bring the mention back to life.
What Markdown itself would act upon gets a backslash, and only there: `x_y` stays as it is. Terminals, tag messages:
`plain`. HTML: `plain`, then Jinja's autoescape; rich: `plain`, then `rich.text.Text`, never its markup.
"""

import re
import unicodedata
from typing import Final

ZERO_WIDTH_SPACE: Final = "&#x200b;"
LONGEST: Final = 1000


class Inert(str):
    """Text that was made inert, or was written by us: a Markdown template lets it through as it is."""

    __slots__ = ()


def plain(text: str, *, limit: int = LONGEST) -> str:
    """One line without anything invisible or commanding: controls, ANSI sequences, bidi marks, line separators.

    At most `limit` characters (at least 1), cut between graphemes and ended by an ellipsis.
    """
    text = text[: limit * _SLACK]
    if not (text.isascii() and text.isprintable()):
        text = _visible(text)
    text = " ".join(text.split())
    return text if len(text) <= limit else _cut(text, limit)


def markdown_inline(text: str, *, limit: int = LONGEST) -> Inert:
    """Text that GitHub, GitLab and Gitea show as these very characters and as nothing else, in one line.

    No markup, link, image, HTML, table, mention, reference, closing keyword, emoji code or formula survives. The result
    may stand anywhere in a line or table cell. `limit` counts characters before escaping, see `plain`.
    """
    if len(text) <= limit and _HARMLESS(text) is not None and _MAY_REFER(text) is None:
        return Inert(text)
    text = plain(text, limit=limit)
    if _MAY_REFER(text) is not None:
        text = _REFERENCE.sub(_broken, text)
    text = _LEADING.sub(_escape_leading, _without_markup(text))
    return Inert(text.replace(_BREAK, ZERO_WIDTH_SPACE))


# Stands for the entity while its own signs would be in the way; `plain` leaves none of it in foreign text.
_BREAK: Final = "\u200b"
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
    return None if hidden or category in ("Cc", "Cf") or char in _BLANK else char


_TABLE: Final = _Visible()


def _visible(text: str) -> str:
    return _STACKED_MARKS.sub(r"\1", _ANSI.sub("", text).translate(_TABLE))


def _cut(text: str, limit: int) -> str:
    end = max(limit - 1, 0)
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


# A zero-width space goes behind each of these, and every six signs into what looks like a commit's id.
_REFERENCE: Final = re.compile(
    r"@(?=\S)|#(?=\w)"  # mentions, e-mail addresses; issues
    r"|:(?=//|[\w+-]+:|[\w/.+-]+\])"  # addresses; emoji codes; GitLab: [issue:1]
    r"|&(?=#?\w+;|\d)"  # entities; GitLab: epics
    r"|!(?=\d)|[%~](?=[\w\"])|\*(?=iteration:)"  # GitLab: merge requests, milestones, labels, iterations
    r"|[Ww][Ww][Ww](?=\.)"
    r"|[Gg][Hh]-(?=\d)"
    r"|[0-9a-fA-F]{7,}"  # commits
)
# An underscore between two letters or digits is no emphasis; everywhere else it might be.
_EMPHASIS: Final = re.compile(r"(?<!\w)_|_(?!\w)|(?<=_)_|_(?=_)")
# At a line's start: a heading, a quotation, a list, a rule, an underline, a table's columns, a command to GitLab.
_LEADING: Final = re.compile(r"^(?:[-+=>#:]|/(?=[a-z_]+(?:\s|$))|\d{1,9}(?=[.)](?:\s|$)))")

# The quick way for most subjects of most histories: words that need no look at each character.
_HARMLESS: Final = re.compile(r"[A-Za-z(][A-Za-z0-9,.;'\"()?/+=-]*(?: [A-Za-z0-9,.;'\"()?/+=-]+)*").fullmatch
_SHORTEST_ID: Final = 7
_MAY_REFER: Final = re.compile(r"[@#!%~&:*]|[Ww]\.|[Hh]-[0-9]|[0-9a-fA-F]{7}").search


def _escape_leading(found: re.Match[str]) -> str:
    start = found[0]
    if start.isdigit():
        return start + "\\"
    return start + _BREAK if start == "/" else "\\" + start


def _without_markup(text: str) -> str:
    for sign in "\\`*[]<|~":  # the backslash first: the others bring in their own
        text = text.replace(sign, "\\" + sign)
    text = text.replace("$", f"{_BREAK}${_BREAK}")  # a formula's sign must touch no word on either side
    return _EMPHASIS.sub(_escaped, text) if "_" in text else text


def _broken(found: re.Match[str]) -> str:
    sign = found[0]
    if len(sign) < _SHORTEST_ID:
        return sign + _BREAK
    # A number is left alone: dates and sizes are common, ids without a letter are not.
    return sign if sign.isdecimal() else _BREAK.join(sign[at : at + 6] for at in range(0, len(sign), 6))


def _escaped(found: re.Match[str]) -> str:
    return "\\" + found[0]
