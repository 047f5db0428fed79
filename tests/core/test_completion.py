"""What is still sent of a push that the remote took in part, and what is left as it is."""

from dataclasses import replace

import pytest
from support.promotions import approval, candidate, release

from bot.core.completion import LedgerNow, Stuck, completable, rest_of, rest_plan
from bot.core.objects import plan_commit
from bot.core.plan import Extras, plan_promotion
from bot.core.promotion import Move, Prepared, PushPlan, ReadBack, Seen, Way
from bot.core.settle import lack

SHA, BASE, TAG, LEDGER, OLD, GROWN, MERGE, AHEAD = (letter * 40 for letter in "abcdef12")
CANDIDATE = candidate(SHA, BASE)
STAGING = Move("refs/heads/staging", BASE, MERGE)
PLAN = plan_promotion(CANDIDATE, approval(CANDIDATE), release(ledger_before=OLD), Extras((STAGING,)))
assert isinstance(PLAN, PushPlan)
SENT = Prepared(PLAN, TAG, LEDGER)
MAIN, ENTRY = PLAN.moves[0], PLAN.entry
assert ENTRY is not None
NO_LEDGER = LedgerNow(None, has_grown=False, entries=())
GREW = LedgerNow(GROWN, has_grown=True, entries=(replace(ENTRY, run_id="before", sha=BASE),))


def held(main=SHA, staging=MERGE, tag=None, ledger=OLD, *, past=False):
    commit = SHA if tag == TAG else tag
    return ReadBack((Seen(main, past), Seen(staging)), tag, commit, Seen(ledger))


# --- the rest


def test_what_is_there_is_not_sent_again():
    rest = rest_of(SENT, held(tag=TAG))

    assert (rest.plan.moves, rest.plan.tag, rest.tag_oid) == ((), None, None)
    assert (rest.plan.entry, rest.ledger_oid, rest.plan.ledger_before) == (ENTRY, LEDGER, OLD)


def test_what_is_lacking_is_sent_with_the_lease_that_it_had():
    rest = rest_of(SENT, held(staging=BASE, ledger=LEDGER))

    assert (rest.plan.moves, rest.plan.tag, rest.tag_oid) == ((STAGING,), PLAN.tag, TAG)
    assert (rest.plan.has_ledger, rest.ledger_oid) == (False, None)


def test_a_branch_that_is_given_up_takes_the_commits_made_for_it_along():
    made = plan_commit(tree=BASE, parents=(BASE,), at=1, message="merge\n")
    plan = replace(PLAN, commits=(made,))
    lacking = lack(replace(SENT, plan=plan), held(staging=AHEAD))

    assert rest_plan(plan, lacking).commits == (made,)
    assert rest_plan(replace(plan, moves=(MAIN,)), lacking).commits == ()


def test_a_branch_that_others_moved_on_from_where_it_was_to_be_is_there():
    assert rest_of(SENT, held(main=AHEAD, past=True)).plan.moves == ()


# --- whether it can be completed, and how


def test_a_half_that_nobody_touched_is_completed_by_the_plan_as_it_was():
    assert completable(SENT, held(staging=BASE), NO_LEDGER) == PLAN
    assert completable(SENT, held(main=BASE, staging=MERGE), NO_LEDGER) == PLAN


def test_a_ledger_that_grew_is_written_on_top_of_what_it_holds():
    assert completable(SENT, held(ledger=GROWN), GREW) == replace(PLAN, ledger_before=GROWN)


def test_a_first_ledger_of_others_is_written_on_as_well():
    first = Prepared(replace(PLAN, ledger_before=None), TAG, LEDGER)

    assert completable(first, held(ledger=GROWN), GREW) == replace(PLAN, ledger_before=GROWN)


def test_a_branch_that_others_moved_is_left_to_them():
    assert completable(SENT, held(staging=AHEAD), NO_LEDGER) == replace(PLAN, moves=(MAIN,))


@pytest.mark.parametrize(
    ("seen", "ledger", "why"),
    [
        (held(ledger=GROWN), replace(GREW, has_grown=False), "the ledger was replaced since"),
        (held(ledger=None), NO_LEDGER, "the ledger was replaced since"),
        (held(tag=AHEAD), NO_LEDGER, "its tag is another one now"),
        (held(main=BASE, ledger=GROWN), GREW, "refs/heads/main never moved"),
        (held(main=AHEAD), NO_LEDGER, "refs/heads/main never moved"),
        (held(main=BASE, staging=AHEAD), NO_LEDGER, "refs/heads/main never moved"),
    ],
)
def test_what_cannot_be_completed_any_more_says_why(seen, ledger, why):
    stuck = completable(SENT, seen, ledger)

    assert isinstance(stuck, Stuck)
    assert why in stuck.sentence
    assert "stays as it is" in stuck.sentence


@pytest.mark.parametrize("base", [BASE, AHEAD])
def test_a_commit_that_another_run_released_is_not_released_twice(base):
    other = replace(ENTRY, run_id="other", base=base)

    stuck = completable(SENT, held(ledger=GROWN), replace(GREW, entries=(other,)))

    assert isinstance(stuck, Stuck)
    assert "run other released the same" in stuck.sentence


@pytest.mark.parametrize(("base", "is_same"), [(BASE, True), (AHEAD, False)])
def test_a_release_may_be_gone_back_to_more_than_once_but_not_from_the_same_commit(base, is_same):
    back = Prepared(replace(PLAN, moves=(replace(MAIN, way=Way.REWIND), STAGING)), TAG, LEDGER)
    other = replace(ENTRY, run_id="other", base=base)

    end = completable(back, held(ledger=GROWN), replace(GREW, entries=(other,)))

    assert isinstance(end, Stuck) is is_same
