"""Writing a file that must not exist yet: what people wrote is never overwritten."""

from pathlib import Path

from bot.errors import BotError, Reason
from bot.settings.words import printable


def write_new(path: Path, content: str) -> None:
    """Write it, with the folders above it.

    Raises:
        BotError: BAD_USAGE, where something is there already (a dangling link is), or nothing can be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(content)
    except (OSError, ValueError) as error:
        raise _refusal(path, error) from None


def _refusal(path: Path, error: OSError | ValueError) -> BotError:
    shown = printable(str(path))
    if isinstance(error, FileExistsError) and path.parent.is_dir():
        return BotError(Reason.BAD_USAGE, f"{shown} exists already; nothing was written.", "Name another file.")
    words = error.strerror if isinstance(error, OSError) else str(error)
    action = "Name a file in a folder that you may write to."
    return BotError(Reason.BAD_USAGE, f"{shown} cannot be written ({words}).", action)
