"""A folder that nobody else uses: what is in it already is never written over."""

import tempfile
from pathlib import Path

from bot.core.text import plain
from bot.errors import BotError, Reason


def own_folder(named: Path | None, prefix: str) -> Path:
    """The folder that was named, which must be new or empty, or a new one whose name begins so; made, and absolute.

    Raises:
        BotError: BAD_USAGE, where something is in it already or nothing can be made there.
    """
    if named is None:
        return Path(tempfile.mkdtemp(prefix=prefix))
    try:
        named.mkdir(parents=True, exist_ok=True)
        if any(named.iterdir()):
            raise BotError(Reason.BAD_USAGE, f"{plain(str(named))} is not empty.", "Name a new or an empty folder.")
    except OSError as error:
        raise BotError(Reason.BAD_USAGE, f"{plain(str(named))} cannot be used ({error.strerror}).") from None
    return named.absolute()
