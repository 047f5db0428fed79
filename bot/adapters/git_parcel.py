"""Reads from the cache which objects a push brings along, for a way of sending that is not git's own."""

from bot.adapters import git_commands as commands
from bot.adapters.git_objects import parse_objects
from bot.adapters.git_runner import Runner
from bot.core.parcel import GitObject, Wanted


def objects(runner: Runner, wanted: Wanted, most: int) -> tuple[GitObject, ...] | None:
    """What the roots lead to and the known commits do not, in no order; None where that is more than `most`."""
    if not wanted.roots:
        return ()
    ids = runner.check(commands.new_objects(wanted.roots, wanted.known)).decode("ascii", "replace").split()
    if len(ids) > most:
        return None
    return parse_objects(runner.check(commands.READ_OBJECTS, "".join(f"{sha}\n" for sha in ids).encode()))
