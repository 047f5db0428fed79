"""What a cherry-pick needs to know of a commit: who wrote it, and whether its patch is there already."""

from typing import Final

from bot.adapters import git_commands as commands
from bot.adapters.git_refs import is_full_id
from bot.adapters.git_runner import Runner
from bot.core.pick import Original, identity
from bot.errors import BotError, Reason

_FIELDS: Final = 6


def original(runner: Runner, sha: str) -> Original:
    """A commit with its author, their time and zone, and its whole message; bytes that are no text become U+FFFD."""
    record = runner.check(commands.original(sha)).decode("utf-8", "replace").removesuffix("\0")
    fields = record.split("\n", _FIELDS - 1)
    if len(fields) != _FIELDS or fields[0] != sha or not all(map(is_full_id, fields[1].split())):
        raise BotError(Reason.GIT_FAILED, f"git log gave something unreadable of {sha[:12]}.")
    _, parents, name, email, when, message = fields
    return Original(sha, tuple(parents.split()), identity(name, email, when), message)


def has_twin(runner: Runner, tip: str, sha: str, parent: str) -> bool:
    """Whether the tip has a commit of its own with the same patch, by git's patch id, under whatever name."""
    said = runner.check(commands.twins(tip, sha, parent)).decode("ascii", "replace").split()
    return f"={sha}" in said
