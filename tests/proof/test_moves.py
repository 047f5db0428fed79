"""People move branches at every point of every flow: what lands is what was meant, or nothing is written at all."""

import contextlib
import os
import shutil
from dataclasses import dataclass, field
from functools import cached_property

import pytest
from support.auditor import audit
from support.fakes import Killed, Shop
from support.people import MOVES, Interloper, PushLog
from support.stories import STORIES, new_shop, open_shop

from bot.core.record import Outcome

MAIN, STAGING, LEDGER, TAG = "refs/heads/main", "refs/heads/staging", "refs/notes/promotions", "refs/tags/release/"
ABSENT = "0" * 40
# What the one push of a flow writes.
WRITES = {
    "first promotion": {MAIN, TAG, LEDGER},
    "hotfix": {MAIN, STAGING, TAG, LEDGER},
    "rollback": {MAIN, STAGING, TAG, LEDGER},
    "rewind": {MAIN, LEDGER},
    "backport": {STAGING},
}
# Points at which people's moves race with the bot's own words with the remote; each case tries those, and some others
# in turn. MOVES=all tries every point of every flow.
CLOSEST = ("before push", "before read back")
STRIDE = 1 if os.environ.get("MOVES") == "all" else 6


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """For each flow the world before it, made once and copied for each case, and the flow's points."""
    made = {}

    def world(name):
        if name not in made:
            folder = tmp_path_factory.mktemp("world")
            made[name] = World(name, folder)
        return made[name]

    return world


class World:
    """What one flow begins with."""

    def __init__(self, name, folder):
        self.story, self.folder = STORIES[name], folder / "made"
        shop = new_shop(self.folder)
        self.story.arrange(shop)
        PushLog(shop.remote, watched=True).forget()
        shop.history.close()

    def copy(self, folder):
        shutil.copytree(self.folder, folder, symlinks=True)
        return open_shop(folder, number=10)

    @cached_property
    def points(self):
        """Where people may act: what happens after one point and before the next is the same."""
        shop, seen = self.copy(self.folder.with_name("plain")), Interloper()
        record = self.story.run(shop, seen)
        shop.history.close()
        assert record.outcome is Outcome.PROMOTED, record.reason
        assert self.story.is_done(shop.remote)
        points = tuple(dict.fromkeys(seen.points))
        return tuple(point for point in points if point.startswith("before ") or point == points[-1])

    def chosen(self, turn):
        """The closest points, and every so many of the others: each is somebody's turn."""
        return (*CLOSEST, *(point for point in self.points[turn % STRIDE :: STRIDE] if point not in CLOSEST))


@dataclass
class Case:
    """One run during which somebody moved a branch."""

    shop: Shop
    branch: str
    move: str
    begun: dict = field(init=False)
    moved: dict = field(default_factory=dict)
    since: dict = field(default_factory=dict)

    def __post_init__(self):
        self.log = PushLog(self.shop.remote, watched=True)
        self.begun = self.shop.remote.refs()
        self.tested = set()
        self.shop.load.during = lambda: self.tested.add(self.shop.load._sha)

    def act(self):
        before = self.shop.remote.refs()
        MOVES[self.move](self.shop.remote, self.branch)
        after = self.shop.remote.refs()
        self.moved = {ref: after.get(ref) for ref in before.keys() | after if before.get(ref) != after.get(ref)}
        # What was there before the push is what the push was about; only what came after it must stay.
        self.since = self.moved if self.log.all() else {}

    def judge(self, record, writes):
        """From refs and the server's log alone; the auditor adds what must hold in every state."""
        assert self.moved, "nobody moved anything"
        if self.move != "deleted":  # with a branch git deletes the log of it, which the auditor reads
            assert audit(self.shop.remote.path, people=set(self.moved.values())).violations == ()
        written = self.log.all()
        if written:
            self._landed(record, written, writes)
        else:
            assert self.shop.remote.refs() == {ref: sha for ref, sha in (self.begun | self.moved).items() if sha}
            assert record.promotion is None
            assert record.outcome is not Outcome.PROMOTED

    def _landed(self, record, written, writes):
        assert {each.push for each in written} == {0}, "more than one push"
        # A branch that people themselves put where it was to go is not written once more.
        there = {ref for ref, sha in self.moved.items() if ref in writes and not self.since and record.promotion}
        names = {TAG if each.ref.startswith(TAG) else each.ref for each in written}
        assert writes - there <= names <= writes
        seen = self.begun if self.since else self.begun | self.moved
        for each in written:
            assert (each.old if each.old != ABSENT else None) == seen.get(each.ref)
            assert self.shop.remote.sha(each.ref) == self.since.get(each.ref, each.new)
        if self.tested:
            assert self.tested == {each.new for each in written if each.ref == MAIN}
        if record.outcome is Outcome.PROMOTED:
            assert record.promotion.target_after in {each.new for each in written} | set(self.moved.values())


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("branch", ["staging", "main"])
@pytest.mark.parametrize("flow", WRITES)
def test_a_branch_that_moves_at_any_point_lets_all_of_what_was_meant_land_or_nothing(
    worlds, tmp_path, flow, branch, move
):
    world = worlds(flow)
    turn = list(MOVES).index(move) + len(MOVES) * (branch == "main")
    for number, point in enumerate(world.chosen(turn)):
        case = Case(world.copy(tmp_path / str(number)), branch, move)
        record = world.story.run(case.shop, Interloper(point, case.act))
        case.shop.history.close()
        try:
            case.judge(record, WRITES[flow])
        except AssertionError as error:
            error.add_note(f"{flow}, {branch} {move} {point}: {record.outcome}, {record.reason}")
            raise


@pytest.mark.parametrize("dies", [False, True])
def test_a_release_that_was_taken_back_right_after_it_landed_is_never_pushed_again(tmp_path, dies):
    shop = new_shop(tmp_path / "shop")
    log, base = PushLog(shop.remote, watched=True), shop.remote.sha(MAIN)

    def act():
        shop.remote.set(MAIN, base)
        if dies:
            raise Killed

    with contextlib.suppress(Killed):
        record = shop.run(points=Interloper("before read back", act))
        assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "branch-rewound")
    again = shop.run()

    assert again.reason_code == "target-rewound"
    assert shop.remote.sha(MAIN) == base
    assert {each.push for each in log.all()} == {0}
    shop.history.close()
