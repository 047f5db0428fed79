"""The ledger in the cache: reads its notes, and builds the commit that adds one (nothing is sent from here)."""

import contextlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from bot.adapters import git_commands as commands
from bot.adapters.git_objects import (
    ids_in_tree,
    index_info,
    ledger_commit_bytes,
    note_path,
    parse_blobs,
    parse_tree,
)
from bot.adapters.git_runner import Runner
from bot.core.control import CONTROL_PATH, Control, grown_controls, parse_controls
from bot.core.ledger import grown_note, in_order, note_name, parse_note
from bot.core.promotion import LedgerEntry, PushPlan
from bot.errors import BotError, Reason


class Ledger:
    """The ledger at one commit, by its full id (None: there is no ledger yet); each part of it is read once.

    What could not be read is asked for again: only what was read is kept.
    """

    def __init__(self, runner: Runner, tip: str | None) -> None:
        self.tip = tip
        self._runner = runner
        self._kept: dict[str, bytes] = {}

    @cached_property
    def entries(self) -> tuple[LedgerEntry, ...]:
        """All entries, oldest first; BotError(LEDGER_BROKEN) when anything in it is not one."""
        held = self.objects(self.tree.values())
        notes = [(note_name(path), held[blob]) for path, blob in self.tree.items() if path != CONTROL_PATH]
        with _trusted():
            return in_order(entry for sha, note in notes for entry in parse_note(sha, note))

    @cached_property
    def controls(self) -> tuple[Control, ...]:
        """All freezes, quarantines and their ends, in order; BotError(LEDGER_BROKEN) when a line is none of them."""
        content = self.content(CONTROL_PATH)
        with _trusted():
            return parse_controls(content)

    @cached_property
    def tree(self) -> Mapping[str, str]:
        """Paths of notes (and of the controls) with their blob ids; BotError(LEDGER_BROKEN) on anything else."""
        return MappingProxyType(parse_tree(self._listing))

    def content(self, path: str) -> bytes:
        """The file of that name; empty where it has none."""
        blob = self.tree.get(path)
        return self.objects([blob])[blob] if blob else b""

    def objects(self, ids: Iterable[str]) -> dict[str, bytes]:
        """The contents of any objects of the cache, by their full ids; of those that are its files, each is read once.

        An audit asks for all that the ledger ever was: that is as large as it is old, and is not kept.
        """
        wanted = set(ids)
        known = {oid: self._kept[oid] for oid in wanted & self._kept.keys()}
        found = self._read(wanted - known.keys())
        self._kept |= {oid: content for oid, content in found.items() if oid in self._files}
        return known | found

    def _read(self, ids: Iterable[str]) -> dict[str, bytes]:
        asked = "".join(f"{oid}\n" for oid in sorted(ids))
        return parse_blobs(self._runner.check(commands.READ_OBJECTS, asked.encode())) if asked else {}

    @cached_property
    def _files(self) -> frozenset[str]:
        return ids_in_tree(self._listing)

    @cached_property
    def _listing(self) -> bytes:
        return self._runner.check(commands.list_tree(self.tip)) if self.tip else b""


def write_ledger(runner: Runner, ledger: Ledger, plan: PushPlan, cache: Path) -> str:
    """Make the ledger commit of a plan on the ledger that the plan names; the same plan gives the same id.

    `cache` is the folder of the repository, whose lock must be held: what a killed run leaves there is swept.
    """
    if ledger.tip != plan.ledger_before:
        raise ValueError(f"the plan is made on the ledger {plan.ledger_before}, not on {ledger.tip}")
    tree = dict(ledger.tree)
    for path, content in _grown(ledger, plan):
        tree[path] = _made(runner, commands.WRITE_BLOB, content)
    with tempfile.TemporaryDirectory(prefix="promotion-index-", dir=cache) as folder:
        # An index of its own: a stale lock of a killed run can never be in its way.
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        runner.check(commands.FILL_INDEX, index_info(tree), more=index)
        made = runner.check(commands.WRITE_TREE, more=index).decode().strip()
    return _made(runner, commands.WRITE_COMMIT, ledger_commit_bytes(plan, made))


def _grown(ledger: Ledger, plan: PushPlan) -> Iterator[tuple[str, bytes]]:
    """The files of the ledger that the plan adds to, as they are with it."""
    if plan.entry is not None:
        path = note_path(ledger.tree, plan.entry.sha)
        yield path, grown_note(ledger.content(path), plan.entry)
    if plan.controls:
        yield CONTROL_PATH, grown_controls(ledger.content(CONTROL_PATH), plan.controls)


@contextlib.contextmanager
def _trusted() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise BotError(Reason.LEDGER_BROKEN, f"The ledger cannot be trusted: {error}.") from None


def _made(runner: Runner, command: commands.Command, content: bytes) -> str:
    return runner.check(command, content).decode().strip()
