"""The ledger in the cache: reads its notes, and builds the commit that adds one (nothing is sent from here)."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from bot.adapters import git_commands as commands
from bot.adapters.git_objects import index_info, ledger_commit_bytes, note_path, parse_blobs, parse_tree
from bot.adapters.git_runner import Runner
from bot.core.ledger import grown_note, in_order, parse_note
from bot.core.promotion import LedgerEntry, PromotionPlan
from bot.errors import BotError, Reason


def read_ledger(runner: Runner, tip: str | None) -> tuple[LedgerEntry, ...]:
    """All entries, oldest first; BotError(LEDGER_BROKEN) when anything in it is not one."""
    if tip is None:
        return ()
    tree = _tree(runner, tip)
    notes = _blobs(runner, tree.values())
    entries: list[LedgerEntry] = []
    for path, blob in tree.items():
        try:
            entries += parse_note(path.replace("/", ""), notes[blob])
        except ValueError as error:
            raise BotError(Reason.LEDGER_BROKEN, f"The ledger cannot be trusted: {error}.") from None
    return in_order(entries)


def write_ledger(runner: Runner, plan: PromotionPlan) -> str:
    """Make the ledger commit of a plan on the ledger that the plan names; the same plan gives the same id."""
    tree = _tree(runner, plan.ledger_before) if plan.ledger_before else {}
    path = note_path(tree, plan.sha)
    existing = _blobs(runner, [tree[path]])[tree[path]] if path in tree else b""
    tree[path] = _made(runner, commands.WRITE_BLOB, grown_note(existing, plan.entry))
    with tempfile.TemporaryDirectory(prefix="promotion-index-") as folder:
        # An index of its own: a stale lock of a killed run can never be in its way.
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        runner.check(commands.FILL_INDEX, index_info(tree), more=index)
        made = runner.check(commands.WRITE_TREE, more=index).decode().strip()
    return _made(runner, commands.WRITE_COMMIT, ledger_commit_bytes(plan, made))


def _tree(runner: Runner, tip: str) -> dict[str, str]:
    return parse_tree(runner.check(commands.list_tree(tip)))


def _blobs(runner: Runner, ids: Iterable[str]) -> dict[str, bytes]:
    wanted = "".join(f"{blob}\n" for blob in ids)
    return parse_blobs(runner.check(commands.READ_OBJECTS, wanted.encode()))


def _made(runner: Runner, command: commands.Command, content: bytes) -> str:
    return runner.check(command, content).decode().strip()
