"""How long texts may be on GitHub, and cutting those that are longer where a line or a character ends."""

from typing import Final

from bot.core.text import plain

LONGEST_LINE: Final = 140
"""Characters of the description of a status."""

LONGEST_TITLE: Final = 250
"""Characters of the title of an issue, a release or a check run."""

LONGEST_SUMMARY: Final = 65_535
"""Bytes of the summary of a check run."""

LONGEST_BODY: Final = 65_536
"""Characters of an issue and of a comment."""

LONGEST_RELEASE: Final = 125_000
"""Characters of the body of a release."""

_CUT: Final = "\n\n…"


def line(text: str, longest: int) -> str:
    """One line of at most that many characters."""
    return plain(text, longest)


def page(text: str, longest: int) -> str:
    """A text of at most that many characters; a longer one ends after a whole line."""
    return text if len(text) <= longest else _whole_lines(text[: longest - len(_CUT)])


def summary(text: str, longest: int = LONGEST_SUMMARY) -> str:
    """A text of at most that many bytes; a longer one ends after a whole line."""
    whole = text.encode(errors="replace")
    if len(whole) <= longest:
        return whole.decode()
    return _whole_lines(whole[: longest - len(_CUT.encode())].decode(errors="ignore"))


def _whole_lines(kept: str) -> str:
    return kept[: kept.rfind("\n") + 1].rstrip() + _CUT


def same(there: object, wanted: str) -> bool:
    """Whether GitHub shows that text, whatever it did to the line ends and to the blanks around it."""
    return isinstance(there, str) and there.replace("\r\n", "\n").strip() == wanted.strip()
