"""People move branches at every point of every flow: what lands is what was meant, or nothing is written at all."""

import contextlib
import os

import pytest
from support.chaos import moved
from support.fakes import Killed
from support.moves import CLOSEST, KINDS, MAIN, WRITES, chosen
from support.people import Interloper, PushLog
from support.stories import new_shop

from bot.core.record import Outcome

# Each kind of move is tried at the closest points and at every so many-th of the others. MOVES=all tries every point.
STRIDE = 1 if os.environ.get("MOVES") == "all" else 6
_SHOWN = 10


# One process for all moves in a flow: what comes before a move happens once for all of them.
@pytest.mark.parametrize("flow", WRITES)
def test_a_branch_that_moves_at_any_point_lets_all_of_what_was_meant_land_or_nothing(flow):
    told = moved(flow, STRIDE)
    wrong = [words for case in told["played"] for words in case["wrong"]]
    assert not wrong, "\n".join(wrong[:_SHOWN])
    turns = chosen(tuple(told["points"]), STRIDE)
    assert {*turns} == {(branch, move) for branch, move in KINDS}
    played = [(case["branch"], case["move"], case["point"]) for case in told["played"]]
    assert sorted(played) == sorted((*kind, point) for kind, points in turns.items() for point in points)
    assert all({*CLOSEST} <= points for points in turns.values())
    assert set(told["points"]) == set().union(*turns.values())


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
