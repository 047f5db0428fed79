"""People move branches while a flow is under way: each move in a copy of the process and of the world, and judged."""

import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, Final

from support import forks
from support.auditor import LEDGER, audit
from support.fakes import Shop
from support.people import MOVES, Interloper, PushLog, Written
from support.stories import STORIES, Story, new_shop, open_shop
from support.worldcopies import branch, copy_world, put_back

from bot.core.record import Outcome, RunRecord

MAIN, STAGING, TAG = "refs/heads/main", "refs/heads/staging", "refs/tags/release/"
ABSENT = "0" * 40
# What the one push of a flow writes.
WRITES: Final = {
    "first promotion": {MAIN, TAG, LEDGER},
    "hotfix": {MAIN, STAGING, TAG, LEDGER},
    "rollback": {MAIN, STAGING, TAG, LEDGER},
    "rewind": {MAIN, LEDGER},
    "backport": {STAGING},
}
BRANCHES: Final = ("staging", "main")
KINDS: Final = tuple(product(BRANCHES, MOVES))
# Points at which people's moves race with the bot's own words with the remote; each kind of move is tried there, and at
# some others in turn.
CLOSEST: Final = ("before push", "before read back")
_WALK_S = 1800


@dataclass
class Case:
    """One flow during which somebody moved a branch, and what is wrong with what came of it."""

    shop: Shop
    writes: Collection[str]
    begun: dict[str, str]
    moved: dict[str, str | None] = field(default_factory=dict)
    since: dict[str, str | None] = field(default_factory=dict)
    tested: set[str] = field(default_factory=set)
    move: str = ""

    @property
    def log(self) -> PushLog:
        return PushLog(self.shop.remote, watched=True)

    def act(self, branch_name: str, move: str) -> None:
        """Somebody moves that branch."""
        self.move = move
        before = self.shop.remote.refs()
        MOVES[move](self.shop.remote, branch_name)
        after = self.shop.remote.refs()
        self.moved = {ref: after.get(ref) for ref in before.keys() | after if before.get(ref) != after.get(ref)}
        # What was there before the push is what the push was about; only what came after it must stay.
        self.since = self.moved if self.log.all() else {}

    def wrong(self, record: RunRecord) -> Iterator[str]:
        """From refs and the server's log alone; the auditor adds what must hold in every state."""
        if not self.moved:
            yield "nobody moved anything"
        if self.move != "deleted":  # with a branch git deletes the log of it, which the auditor reads
            yield from audit(self.shop.remote.path, people={sha for sha in self.moved.values() if sha}).violations
        written = self.log.all()
        yield from self._landed(record, written) if written else self._nothing(record)

    def _nothing(self, record: RunRecord) -> Iterator[str]:
        left = {ref: sha for ref, sha in (self.begun | self.moved).items() if sha}
        if self.shop.remote.refs() != left:
            yield f"nothing was pushed, and the refs are {self.shop.remote.refs()}, not {left}"
        if record.promotion is not None or record.outcome is Outcome.PROMOTED:
            yield f"nothing was pushed, and the record says {record.outcome}: {record.promotion}"

    def _landed(self, record: RunRecord, written: tuple[Written, ...]) -> Iterator[str]:
        if {each.push for each in written} != {0}:
            yield f"more than one push: {written}"
        # A branch that people themselves put where it was to go is not written once more.
        there = {ref for ref, sha in self.moved.items() if ref in self.writes and not self.since and record.promotion}
        names = {TAG if each.ref.startswith(TAG) else each.ref for each in written}
        if not set(self.writes) - there <= names <= set(self.writes):
            yield f"the push wrote {sorted(names)}, not {sorted(self.writes)} but for {sorted(there)}"
        yield from self._began_and_stayed(written)
        main = {each.new for each in written if each.ref == MAIN}
        if self.tested and self.tested != main:
            yield f"tested was {self.tested}, and pushed to main {main}"
        if record.outcome is Outcome.PROMOTED:
            yield from self._claimed(record, {each.new for each in written})

    def _began_and_stayed(self, written: tuple[Written, ...]) -> Iterator[str]:
        seen: Mapping[str, str | None] = self.begun if self.since else self.begun | self.moved
        refs = self.shop.remote.refs()
        for each in written:
            if (each.old if each.old != ABSENT else None) != seen.get(each.ref):
                yield f"the push took {each.ref} from {each.old}, where it was not: {seen.get(each.ref)}"
            if refs.get(each.ref) != self.since.get(each.ref, each.new):
                yield f"{each.ref} is at {refs.get(each.ref)}, not at {self.since.get(each.ref, each.new)}"

    def _claimed(self, record: RunRecord, written: set[str]) -> Iterator[str]:
        after = record.promotion.target_after if record.promotion else None
        if after not in written | set(self.moved.values()):
            yield f"the record says that main went to {after}, and nobody put it there"


@dataclass
class MovesWalk:
    """Goes through the flow once; at each point each kind of move that is tried there is made in a copy of it all."""

    case: Case
    chosen: Mapping[tuple[str, str], Collection[str]]
    seen: set[str] = field(default_factory=set)
    # What a copy did, as its words.
    acted: str = ""
    played: list[dict[str, Any]] = field(default_factory=list)

    def reached(self, name: str) -> None:
        if self.acted or name in self.seen:
            return
        self.seen.add(name)
        for kind in (kind for kind, points in self.chosen.items() if name in points):
            self._fork(name, *kind)
            if self.acted:
                return

    def _fork(self, name: str, branch_name: str, move: str) -> None:
        child = branch(self.case.shop.folder, self.case.shop)
        if child is None:
            self.acted = f"{branch_name} {move} {name}"
            self.case.act(branch_name, move)
            return
        said = child.wait().said
        words = said["wrong"] if said and "wrong" in said else [f"{branch_name} {move} {name}: it ended as {said}"]
        self.played.append({"branch": branch_name, "move": move, "point": name, "wrong": words})
        put_back(self.case.shop.folder)


def chosen(points: tuple[str, ...], stride: int) -> dict[tuple[str, str], set[str]]:
    """For each kind of move the closest points, and every so many of the others: each is somebody's turn."""
    return {kind: {*CLOSEST, *points[turn % stride :: stride]} for turn, kind in enumerate(KINDS)}


def play(flow: str, folder: Path, stride: int) -> dict[str, Any]:
    """The points of a flow, and every kind of move at some of them: what was wrong with each."""
    story = STORIES[flow]
    made, world = folder / "made", folder / "world"
    shop = new_shop(made)
    story.arrange(shop)
    PushLog(shop.remote, watched=True).forget()
    shop.history.close()
    points = tuple(_in_copy(made, world, partial(_rehearsed, story, world)))
    turns = chosen(points, stride)
    return {"points": points, "played": _in_copy(made, world, partial(_walked, story, world, turns))}


def _in_copy(made: Path, world: Path, action: Callable[[], Any]) -> Any:
    copy_world(made, world)
    ended = forks.run(action, _WALK_S)
    assert isinstance(ended.said, list), ended
    shutil.rmtree(world)
    return ended.said


def _rehearsed(story: Story, world: Path) -> list[str]:
    """Where people may act: what happens after one point and before the next is the same."""
    shop, seen = open_shop(world, number=10), Interloper()
    record = story.run(shop, seen)
    shop.history.close()
    assert record.outcome is Outcome.PROMOTED, record.reason
    assert story.is_done(shop.remote)
    points = tuple(dict.fromkeys(seen.points))
    return [point for point in points if point.startswith("before ") or point == points[-1]]


def _walked(story: Story, world: Path, turns: Mapping[tuple[str, str], Collection[str]]) -> Any:
    shop = open_shop(world, number=10)
    case = Case(shop, WRITES[story.name], shop.remote.refs())
    shop.load.during = lambda: case.tested.add(shop.load._sha)
    walk = MovesWalk(case, turns)
    record = story.run(shop, walk)
    shop.history.close()
    if not walk.acted:
        return walk.played
    told = f"{story.name}, {walk.acted}: {record.outcome}, {record.reason}"
    return {"wrong": [f"{told}: {words}" for words in case.wrong(record)]}
