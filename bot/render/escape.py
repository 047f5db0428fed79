r"""The one home for making foreign text inert (invariant I21), by output.

Markdown: `markdown_inline`. Hosts look for mentions, references and addresses *after* Markdown was parsed, so a
backslash does not stop those: they are broken by a zero-width space, written as an entity because whoever cleans
invisible characters out of a text (we do, for tag messages) would bring the mention back to life.
What Markdown itself would act upon gets a backslash, and only there: `x_y` stays as it is. Terminals, tag messages:
`plain`. HTML: `plain`, then Jinja's autoescape; rich: `plain`, then `rich.text.Text`, never its markup.
"""

import re
from typing import Final

from bot.core.text import plain as core_plain

ZERO_WIDTH_SPACE: Final = "&#x200b;"
LONGEST: Final = 1000


class Inert(str):
    """Text that was made inert, or was written by us: a Markdown template lets it through as it is."""

    __slots__ = ()


def plain(text: str, *, limit: int = LONGEST) -> str:
    """`bot.core.text.plain`, with the room that reports have."""
    return core_plain(text, limit)


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
# A zero-width space goes behind each of these, and every six signs into what looks like a commit's id.
_REFERENCE: Final = re.compile(
    r"@(?!\s)|#(?=\w)"  # mentions, e-mail addresses, whatever our own words go on with behind it; issues
    r"|:(?=//|[\w+-]+:|[\w/.+-]+\])"  # addresses; emoji codes; GitLab: [issue:1]
    r"|:(?!(?<=[0-9]:)[0-9]{2}$)(?=[\w+-]+$)"  # an emoji code whose last colon is ours; never a time of day
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
_WORD: Final = re.compile(r"\w").match
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
    if sign.isdecimal() or _is_within_word(found):
        return sign
    return _BREAK.join(sign[at : at + 6] for at in range(0, len(sign), 6))


def _is_within_word(found: re.Match[str]) -> bool:
    """Whether it is a part of a longer word of plain letters, as in "succeeded": hosts link whole words only."""
    text, start, end = found.string, *found.span()
    while start and _WORD(text[start - 1]):
        start -= 1
    while end < len(text) and _WORD(text[end]):
        end += 1
    word = text[start:end]
    return len(word) > len(found[0]) and word.isascii() and word.isalpha()


def _escaped(found: re.Match[str]) -> str:
    return "\\" + found[0]
