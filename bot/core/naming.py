"""Names of branches and tags inside the messages of commits that the bot writes (invariant I21)."""

import re
from typing import Final

from bot.core.text import plain

_SIGNS: Final = frozenset("._/-")
# What is left of a name and would still be made a link or a reference to an issue.
_LINKING: Final = re.compile(r"(?<=www)\.|(?<=\bgh)-(?=\d)", re.IGNORECASE)


def inert(name: str) -> str:
    """A name for a commit message: no host makes a mention, a reference or a link of what is left of it."""
    shown = "".join(sign if sign.isalnum() or sign in _SIGNS else "?" for sign in plain(name))
    return _LINKING.sub("?", shown)
