"""What a worker process says of itself when it ends: one JSON line, for whoever started it."""

import json
import os
from enum import StrEnum

from bot.core.text import plain

_LONGEST = 1000


class Outcome(StrEnum):
    """How it went."""

    DONE = "done"
    FAILED = "failed"
    NO_MASTER = "no-master"
    REFUSED = "refused"


class Teller:
    """Writes that line to a file descriptor, once."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._told = False

    def __call__(self, outcome: Outcome, words: str) -> None:
        """Say it."""
        if self._told:
            return
        self._told = True
        line = json.dumps({"outcome": outcome, "words": plain(words, _LONGEST)}) + "\n"
        os.write(self._fd, line.encode("utf-8"))
