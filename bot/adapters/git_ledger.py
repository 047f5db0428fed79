"""The ledger in the cache: reads its notes, and builds the commit that adds one (nothing is sent from here)."""

import contextlib
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.adapters import git_commands as commands
from bot.adapters.git_objects import index_info, ledger_commit_bytes, note_path, parse_blobs, parse_tree
from bot.adapters.git_runner import Runner
from bot.core.control import CONTROL_PATH, Control, grown_controls, parse_controls
from bot.core.ledger import grown_note, in_order, parse_note
from bot.core.promotion import LedgerEntry, PushPlan
from bot.errors import BotError, Reason


def read_ledger(runner: Runner, tip: str | None) -> tuple[LedgerEntry, ...]:
    """All entries, oldest first; BotError(LEDGER_BROKEN) when anything in it is not one."""
    if tip is None:
        return ()
    tree = _tree(runner, tip)
    tree.pop(CONTROL_PATH, None)
    notes = _blobs(runner, tree.values())
    entries: list[LedgerEntry] = []
    for path, blob in tree.items():
        with _trusted():
            entries += parse_note(path.replace("/", ""), notes[blob])
    return in_order(entries)


def read_controls(runner: Runner, tip: str | None) -> tuple[Control, ...]:
    """All freezes, quarantines and their ends, in order; BotError(LEDGER_BROKEN) when a line is none of them."""
    tree = _tree(runner, tip) if tip else {}
    with _trusted():
        return parse_controls(_content(runner, tree, CONTROL_PATH))


def write_ledger(runner: Runner, plan: PushPlan, cache: Path) -> str:
    """Make the ledger commit of a plan on the ledger that the plan names; the same plan gives the same id.

    `cache` is the folder of the repository, whose lock must be held: what a killed run leaves there is swept.
    """
    tree = _tree(runner, plan.ledger_before) if plan.ledger_before else {}
    for path, content in _grown(runner, tree, plan):
        tree[path] = _made(runner, commands.WRITE_BLOB, content)
    with tempfile.TemporaryDirectory(prefix="promotion-index-", dir=cache) as folder:
        # An index of its own: a stale lock of a killed run can never be in its way.
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        runner.check(commands.FILL_INDEX, index_info(tree), more=index)
        made = runner.check(commands.WRITE_TREE, more=index).decode().strip()
    return _made(runner, commands.WRITE_COMMIT, ledger_commit_bytes(plan, made))


def _grown(runner: Runner, tree: dict[str, str], plan: PushPlan) -> Iterator[tuple[str, bytes]]:
    """The files of the ledger that the plan adds to, as they are with it."""
    if plan.entry is not None:
        path = note_path(tree, plan.entry.sha)
        yield path, grown_note(_content(runner, tree, path), plan.entry)
    if plan.controls:
        yield CONTROL_PATH, grown_controls(_content(runner, tree, CONTROL_PATH), plan.controls)


def _content(runner: Runner, tree: dict[str, str], path: str) -> bytes:
    return _blobs(runner, [tree[path]])[tree[path]] if path in tree else b""


@contextlib.contextmanager
def _trusted() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise BotError(Reason.LEDGER_BROKEN, f"The ledger cannot be trusted: {error}.") from None


def _tree(runner: Runner, tip: str) -> dict[str, str]:
    return parse_tree(runner.check(commands.list_tree(tip)))


def _blobs(runner: Runner, ids: Iterable[str]) -> dict[str, bytes]:
    wanted = "".join(f"{blob}\n" for blob in ids)
    return parse_blobs(runner.check(commands.READ_OBJECTS, wanted.encode()))


def _made(runner: Runner, command: commands.Command, content: bytes) -> str:
    return runner.check(command, content).decode().strip()
