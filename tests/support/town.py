"""One remote, people who work on it, and bots of separate installations; and what must hold there at any time."""

import itertools
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from support.fakes import Shop
from support.gitrepos import Repo, make_remote
from support.people import PushLog

from bot.adapters.worktree import WorkTree
from bot.core.audit import Terms
from bot.core.control import ControlKind, standing
from bot.core.hotfix import Gate, Reach
from bot.core.moments import iso
from bot.core.record import Outcome, RunKind, RunRecord, Trigger
from bot.core.rollback import RollbackWay
from bot.flows.backport import Order, backport
from bot.flows.control import Desk, Wish, control
from bot.flows.hotfix import HotfixWish, ship_hotfix
from bot.flows.promote import promote
from bot.flows.request import Effect, Request, Tools
from bot.flows.rollback import RollbackWish, rollback

MAIN: Final = "refs/heads/main"
STAGING: Final = "refs/heads/staging"
LEDGER: Final = "refs/notes/promotions"
RELEASES: Final = "refs/tags/release/"
# People may call a tag anything; this is what only bots make.
_IS_RELEASE: Final = re.compile(r"refs/tags/release/\d{8}-\d{6}").fullmatch


def installation(folder: Path, remote: Repo) -> Shop:
    """A bot with a state directory of its own, on a remote that it shares with others."""
    folder.mkdir(parents=True, exist_ok=True)
    return Shop(folder, remote=remote)


@dataclass
class Town:
    """A remote with two bots; every step of anybody ends with `look`, which holds it against the step before."""

    folder: Path
    bots: list[Shop] = field(init=False)
    log: PushLog = field(init=False)
    refs: dict[str, str] = field(init=False)
    entries: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.remote = make_remote(self.folder / "remote.git")
        self.bots = [installation(self.folder / f"bot-{number}", self.remote) for number in range(2)]
        self.bots[1].clock = self.bots[0].clock
        self.log = PushLog(self.remote)
        self.refs = self.remote.refs()
        self._numbers = itertools.count(1)

    def forget(self, number: int) -> None:
        """All local state of that bot is lost."""
        old = self.bots[number]
        old.history.close()
        shutil.rmtree(old.folder / "state", ignore_errors=True)
        self.bots[number] = installation(old.folder, self.remote)
        self.bots[number].clock = old.clock

    def close(self) -> None:
        for bot in self.bots:
            bot.history.close()

    def request(self, bot: Shop, kind: RunKind, **changes: Any) -> Request:
        """The next run of that bot: ids are unique in town, and a night answers the date that its number stands for."""
        number = next(self._numbers)
        made = replace(
            bot.request(kind, Effect.WRITE), run_id=f"20261121-020000-{number:08x}", slot=None, trigger=Trigger.MANUAL
        )
        return replace(made, **changes)

    def promote(self, number: int, kind: RunKind = RunKind.PROMOTION, **changes: Any) -> RunRecord:
        """One run of that bot, whose effects are held against what it says of itself."""
        bot = self.bots[number]
        return self.watch(lambda: promote(bot.tools(), self.request(bot, kind, **changes)))

    def by_hand(self, number: int, kind: RunKind) -> tuple[Tools, Request]:
        """What that bot has, and what a person asks of it with a reason."""
        bot = self.bots[number]
        return bot.tools(), self.request(bot, kind, plan=None, justification="the checkout answers 500")

    def hotfix(self, number: int, branch: str) -> RunRecord:
        """A hotfix past its tests, to both branches."""
        tools, request = self.by_hand(number, RunKind.HOTFIX)
        return self.watch(lambda: ship_hotfix(tools, request, HotfixWish(branch, Gate.SKIPPED, Reach.BOTH)))

    def rollback(self, number: int) -> RunRecord:
        """Forward, to the last good release."""
        tools, request = self.by_hand(number, RunKind.ROLLBACK)
        return self.watch(lambda: rollback(tools, request, RollbackWish(None, RollbackWay.FORWARD, ())))

    def backport(self, number: int) -> RunRecord:
        """Main merged back into staging by a bot."""
        state = self.bots[number].folder / "state"
        tools, request = self.by_hand(number, RunKind.BACKPORT)
        order = Order("staging", "main", WorkTree(self.remote.url, state / "backport", state / "cache.git"))
        return self.watch(lambda: backport(tools, request, order))

    def tell(self, number: int, kind: ControlKind, commit: str | None = None) -> None:
        """Freeze, unfreeze, quarantine or clear: the ledger moves and nothing else does."""
        bot, before = self.bots[number], self.remote.refs()
        desk = Desk(bot.clock, bot.tools().lock, bot.repository, bot.watcher, Terms("main", "release/"))
        bot.clock.pass_time(1)
        control(desk, Wish(kind, "ada", "the shop is closed", commit=commit))
        after = self.remote.refs()
        assert {ref for ref in before.keys() | after if before.get(ref) != after.get(ref)} <= {LEDGER}
        self.look(by_hand=False)

    def open_line(self) -> None:
        """Whatever people stopped goes on."""
        bot = self.bots[0]
        bot.repository.fetch()
        now = standing(bot.repository.controls(), iso(bot.clock.now()))
        if now.freeze is not None:
            self.tell(0, ControlKind.UNFREEZE)
        for event in now.quarantined:
            self.tell(0, ControlKind.CLEAR, event.sha)

    def watch(self, act: Any) -> RunRecord:
        """Anything a bot does: what it wrote is what its record says, all of it or nothing."""
        before, written = self.remote.refs(), len(self.log.all())
        record: RunRecord = act()
        mine, after = self.log.all()[written:], self.remote.refs()
        if record.outcome is not Outcome.PROMOTED:
            assert after == before, (record.reason, mine)
            assert record.promotion is None
        else:
            self._held(record, before, after)
        self.look(by_hand=False)
        return record

    def _held(self, record: RunRecord, before: dict[str, str], after: dict[str, str]) -> None:
        """What a promotion of any kind moved: branches forward, one tag and one ledger commit more."""
        changed = {ref for ref in before.keys() | after.keys() if before.get(ref) != after.get(ref)}
        moved = {ref for ref in changed if ref.startswith("refs/heads/")}
        for ref in moved:
            assert self.is_ancestor(before[ref], after[ref]), (ref, record)
        assert record.promotion is not None
        if record.kind is RunKind.BACKPORT:
            assert changed == moved == {STAGING}
            return
        assert MAIN in moved
        assert moved <= {MAIN, STAGING}
        assert changed - moved == {LEDGER, f"refs/tags/{record.promotion.tag}"}
        assert after[MAIN] == record.promotion.target_after

    def look(self, *, by_hand: bool) -> None:
        """The invariants of the ledger, the tags and main, read from the remote alone."""
        refs, entries = self.remote.refs(), self.ledger()
        if not by_hand and refs.get(MAIN) != self.refs.get(MAIN):
            assert self.is_ancestor(self.refs[MAIN], refs[MAIN]), "main left its own past"
        old_tags = {ref: sha for ref, sha in self.refs.items() if _IS_RELEASE(ref)}
        assert old_tags.items() <= refs.items(), "a release tag was moved or deleted"
        if LEDGER in self.refs and refs[LEDGER] != self.refs[LEDGER]:
            assert self.is_ancestor(self.refs[LEDGER], refs[LEDGER]), "the ledger was rewritten"
        assert {json.dumps(each) for each in self.entries} <= {json.dumps(each) for each in entries}
        self._tags(entries)
        self.refs, self.entries = refs, entries

    def _tags(self, entries: list[dict[str, Any]]) -> None:
        tags = [entry["tag"] for entry in entries]
        assert len(tags) == len(set(tags)), "one tag stands for two promotions"
        assert len({entry["run_id"] for entry in entries}) == len(entries)
        slots = [entry["slot"] for entry in entries if entry.get("slot")]
        assert len(slots) == len(set(slots)), "a night was answered twice"
        lines = self.remote.git("for-each-ref", "--format=%(refname) %(objecttype) %(*objectname)", RELEASES)
        held = dict(line.split(" ", 1) for line in lines.splitlines())
        for entry in entries:
            assert held[f"refs/tags/{entry['tag']}"] == f"tag {entry['sha']}"

    def ledger(self) -> list[dict[str, Any]]:
        """Every line under every note, in no order."""
        if self.remote.sha(LEDGER) is None:
            return []
        listed = self.remote.git("ls-tree", "-r", LEDGER).splitlines()
        ids = [line.split()[2] for line in listed if not line.endswith("control.ndjson")]
        return [json.loads(line) for line in self._lines(ids)]

    def _lines(self, ids: list[str]) -> Iterator[str]:
        out = self.remote.git("cat-file", "--batch", data="".join(f"{sha}\n" for sha in ids).encode())
        return (line for line in out.splitlines() if line.startswith("{"))

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether `newer` comes after `older`."""
        return self.remote.git("merge-base", older, newer, check=False) == older

    def merge_main_into_staging(self) -> None:
        """What people do after a push to main by hand: a merge, never a rewrite."""
        main = self.remote.sha(MAIN)
        assert main is not None
        if not self.is_ancestor(main, str(self.remote.sha(STAGING))):
            self.remote.commit("staging", "merge main", merge=(main,))
