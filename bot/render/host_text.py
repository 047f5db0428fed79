"""Texts for a host's places that know no markup: titles, and the one line of a status or a deployment.

There is nothing to escape there, and still a host may look for mentions, issues, addresses and emoji codes. They are
broken by a blank that everybody can see: a zero-width one would be lost where somebody copies the line. Ids of commits
stay whole: they are what such a line is about, and a link to a commit notifies nobody.
"""

import re
from typing import Final

from bot.render.escape import Inert, plain
from bot.render.templating import code

STATUS_LINE: Final = 140
"""GitHub refuses a longer description of a commit status or of a deployment's status (422)."""

CHECK_PAGE: Final = 65_535
"""Bytes: GitHub documents characters for the output of a check run, and refuses by bytes (github/docs #35252)."""

_SLACK: Final = 4
# A moment to the second looks like an emoji code, and nobody needs the seconds.
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?Z")
_WEB: Final = re.compile(r"\bhttps?://", re.IGNORECASE)
_REFERENCE: Final = re.compile(
    r"@(?=\S)|#(?=\w)|!(?=\d)"  # mentions; issues; merge requests
    r"|:(?=//|[\w+-]+:)"  # addresses; emoji codes
    r"|www(?=\.)|gh-(?=\d)",
    re.IGNORECASE,
)
# GitHub refuses signs beyond the basic plane in descriptions.
_ASTRAL: Final = re.compile(r"[\U00010000-\U0010ffff]+")
_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9.:-]+(?:/[A-Za-z0-9._~/%+-]*)?(?:\?[A-Za-z0-9._=&-]*)?").fullmatch
_LONGEST_ADDRESS: Final = 500


def bare(text: str, limit: int) -> str:
    """The text as one plain line of at most that many characters, with nothing in it that a host acts upon.

    What is too long ends between words, with an ellipsis.
    """
    shown = plain(text, limit=limit * _SLACK).replace("`", "'")
    shown = _MOMENT.sub(r"\1 \2 UTC", shown)
    return clipped(_REFERENCE.sub(r"\g<0> ", _WEB.sub("", shown)), limit)


def described(text: str, *, ending: str = "") -> str:
    """A description of at most 140 characters; `ending`, which is ours and short, is never cut."""
    return bare(_ASTRAL.sub("?", plain(text, limit=STATUS_LINE * _SLACK)), STATUS_LINE - len(ending)) + ending


def clipped(text: str, limit: int) -> str:
    """At most so many characters, cut between words where there are any."""
    if len(text) <= limit:
        return text
    cut = plain(text, limit=limit)
    words = cut[: cut.rfind(" ")] if " " in cut[limit // 2 :] else cut[:-1]
    return words.rstrip(" ,;:([") + "…"


def address(url: str | None) -> Inert | None:
    """An address that may stand in a link; None unless it is an ordinary one of the web."""
    found = url is not None and len(url) <= _LONGEST_ADDRESS and _ADDRESS(url)
    return Inert(url) if found else None


def linked(words: Inert, url: str | None) -> Inert:
    """The words as a link, where there is an address for it."""
    found = address(url)
    return words if found is None else Inert(f"[{words}]({found})")


def coded(text: str, url: str | None = None) -> Inert:
    """A name or an id in a code span, as a link where there is an address for it."""
    return linked(code(text), url)


def size(text: str) -> int:
    """Bytes in UTF-8."""
    return len(text.encode(errors="replace"))
