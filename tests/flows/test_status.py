"""Where things stand: what a look at the repository shows, in whatever state it is."""

from support.backports import Backports
from support.evidence import slow
from support.hotfixes import CLASHING, cut_hotfix, ship
from support.rollbacks import rolled_back, shipped
from support.statuses import status_of

from bot.core.hotfix import Reach
from bot.core.record import Outcome
from bot.errors import Reason

LEDGER = "refs/notes/promotions"


def test_the_last_promotion_is_no_rollback_and_was_not_taken_back(shop):
    good, _ = shop.run(), shipped(shop, "feat: the bad one")
    back = rolled_back(shop)
    seen = status_of(shop)
    assert seen.last_run.run_id == back.run_id
    assert seen.last_promotion.run_id == good.run_id


def test_what_a_back_merge_ended_blocks_no_longer(shop):
    fix = cut_hotfix(shop.remote, files=CLASHING)
    ship(shop, reach=Reach.TARGET_ONLY)
    refused = shop.run()
    assert (refused.reason_code, status_of(shop).blocked_since) == ("diverged", refused.started_at)
    shop.remote.commit("staging", "Merge main back", files=CLASHING, merge=[fix])
    assert (status_of(shop).promotable, status_of(shop).blocked_since) == (True, None)


def test_what_a_verdict_blocked_stays_blocked_until_a_run_is_good(shop):
    shop.load.make = slow
    bad = shop.run()
    assert bad.outcome is Outcome.BLOCKED
    seen = status_of(shop)
    assert (seen.promotable, seen.blocked_since) == (True, bad.started_at)


def test_a_back_merge_that_waits_for_a_person_is_told(shop):
    assert status_of(shop).waiting is None
    made = Backports(shop)
    made.clash()
    begun = made.run()
    seen = status_of(shop)
    assert (seen.waiting.run_id, seen.bench, seen.fault) == (begun.run_id, made.bench.path, None)


def test_a_ledger_that_nobody_understands_hides_nothing_else(shop):
    promoted = shop.run()
    waiting = shop.remote.commit("staging", "feat: one more")
    shop.remote.set(LEDGER, shop.remote.commit("strange", "no note", files={"strange.txt": "x\n"}))
    seen = status_of(shop)
    assert (seen.facts.source_sha, seen.lag_commits, seen.promotable) == (waiting, 1, False)
    assert seen.last_promotion.run_id == promoted.run_id
    assert seen.fault.reason is Reason.LEDGER_BROKEN
    assert (seen.standing, seen.diverged) == (None, None)


def test_a_work_tree_that_nobody_understands_hides_nothing_else(shop):
    made = Backports(shop)
    made.clash()
    made.run()
    (made.bench.path.parent / "begun.json").write_text("{")
    seen = status_of(shop)
    assert (seen.waiting, seen.fault.reason) == (None, Reason.STATE_UNUSABLE)
    assert seen.lag_commits
