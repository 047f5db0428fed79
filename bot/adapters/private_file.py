"""Secrets that stand in files: for the bot alone to read, or they are none (I19)."""

import os
import stat
from pathlib import Path
from typing import Final

from bot.adapters.probes.bearer import Bearer
from bot.errors import BotError, Reason

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def private(file: Path, what: str) -> None:
    """A secret that others may read is nobody's secret; `what` says which one it is ("token").

    Raises:
        BotError: BAD_CREDENTIALS, when the file is not there, no regular file, or open to others.
    """
    try:
        found = file.stat()
    except OSError as error:
        raise BotError(Reason.BAD_CREDENTIALS, f"The {what} file {file} cannot be read: {error.strerror}.") from None
    if not stat.S_ISREG(found.st_mode):
        raise BotError(Reason.BAD_CREDENTIALS, f"The {what} file {file} is no regular file.")
    if found.st_mode & _OTHERS or found.st_uid not in (os.geteuid(), 0):
        raise BotError(
            Reason.BAD_CREDENTIALS,
            f"The {what} file {file} can be read or changed by others.",
            f"Give it to the bot alone: `chmod 600 {file}`, and put a new {what} in it.",
        )


def read_token(bearer: Bearer, whom: str) -> str:
    """The token for `whom`; a file that others may read is refused.

    Raises:
        BotError: BAD_CREDENTIALS, with a sentence that does not hold it.
    """
    if bearer.file is not None:
        private(bearer.file, "token")
    try:
        token = bearer.read()
    except LookupError as error:
        sentence = f"There is no token for {whom}: {error}."
    else:
        return token
    raise BotError(Reason.BAD_CREDENTIALS, sentence)
