"""One file of a commit, out of the cache: never more of it than is asked for."""

import re
from typing import Final

from bot.adapters import git_commands as commands
from bot.adapters.git_objects import parse_blobs
from bot.adapters.git_refs import is_full_id
from bot.adapters.git_runner import Runner
from bot.errors import BotError, Reason

# Names of our own choice, below the root; whatever else a tree may hold is not asked for.
_NAME: Final = r"(?!\.\.?(?:/|$))[A-Za-z0-9._-]+"
_PATH: Final = re.compile(f"{_NAME}(?:/{_NAME})*")


def file_at(runner: Runner, sha: str, path: str, limit: int) -> bytes | None:
    """The content of a file of a commit (full id); None where there is no file of that name.

    Raises:
        BotError: BAD_CONFIGURATION: it is larger than `limit` bytes, and was not read.
    """
    if not (is_full_id(sha) and _PATH.fullmatch(path)):
        raise ValueError(f"{path!r} in {sha!r} names no file of a commit")
    said = runner.check(commands.OBJECT_FACTS, f"{sha}:{path}\n".encode()).decode("utf-8", "replace")
    facts = said.removesuffix("\n").split(" ")
    if len(facts) != len(("id", "type", "size")) or facts[1] != "blob":
        return None
    if int(facts[2]) > limit:
        raise BotError(Reason.BAD_CONFIGURATION, f"{path} is larger than {limit // 1024} KiB.")
    return parse_blobs(runner.check(commands.READ_OBJECTS, f"{facts[0]}\n".encode()))[facts[0]]
