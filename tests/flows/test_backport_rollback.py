"""A rollback of main alone, brought back into staging: staging has it behind it and keeps its own content."""

import pytest
from support.backports import MAIN, STAGING, Backports
from support.hotfixes import cut_hotfix, ship
from support.rollbacks import is_ancestor, rolled_back, shipped, tree

from bot.core.hotfix import Reach
from bot.core.record import Outcome
from bot.core.rollback import RollbackWay
from bot.flows.request import Effect


def alone(shop):
    """Two releases, work on top, and main rolled back alone."""
    for subject in ("feat: good", "feat: bad"):
        shipped(shop, subject, files={f"{subject[6:]}.txt": "x\n"})
    shop.remote.commit("staging", "feat: next", files={"next.txt": "next\n"})
    record = rolled_back(shop, way=RollbackWay.TARGET_ONLY)
    assert "promote backport" in record.action


@pytest.fixture
def back(shop_after):
    return Backports(shop_after(alone))


def files(shop, ref):
    return set(shop.remote.git("ls-tree", "--name-only", ref).split())


def test_staging_takes_the_rollback_and_loses_none_of_its_content(back):
    staged = tree(back.shop, STAGING)

    record = back.run()

    assert record.outcome is Outcome.PROMOTED, record.reason
    assert "quarantine list" in record.action
    assert tree(back.shop, STAGING) == staged
    assert is_ancestor(back.shop, MAIN, STAGING)
    assert back.shop.run().reason_code == "quarantined"
    back.remote.commit("staging", f"fix: it\n\nFixes: {back.shop.repository.ledger()[1].sha}")
    assert back.shop.run().outcome is Outcome.PROMOTED
    assert {"bad.txt", "next.txt"} <= files(back.shop, MAIN)


def test_staging_that_has_nothing_of_its_own_is_not_moved_onto_the_old_content(shop_after):
    def bare(shop):
        for subject in ("feat: good", "feat: bad"):
            shipped(shop, subject)
        rolled_back(shop, way=RollbackWay.TARGET_ONLY)

    back = Backports(shop_after(bare))
    staged = tree(back.shop, STAGING)

    assert back.run().outcome is Outcome.PROMOTED

    assert tree(back.shop, STAGING) == staged != tree(back.shop, MAIN)
    assert is_ancestor(back.shop, MAIN, STAGING)


def test_what_main_got_before_and_after_the_rollback_comes_with_its_content(back):
    shop, before = back.shop, files(back.shop, STAGING)
    cut_hotfix(shop.remote)
    assert ship(shop, reach=Reach.TARGET_ONLY).outcome is Outcome.PROMOTED

    record = back.run()

    assert record.outcome is Outcome.PROMOTED, record.reason
    assert is_ancestor(shop, MAIN, STAGING)
    assert files(shop, STAGING) == before | {"fix.txt"}
    subjects = shop.remote.git("log", "--first-parent", "-2", "--format=%s", STAGING).splitlines()
    assert subjects[0] == "Merge main into staging"
    assert subjects[1].endswith("keeping the content of staging")


def test_what_git_cannot_merge_after_the_rollback_is_left_to_a_person_and_the_rollback_comes_in(back):
    shop, staged = back.shop, tree(back.shop, STAGING)
    back.remote.commit("main", "fix: by hand", files={"next.txt": "another\n"})
    before = back.remote.refs()

    shown = back.run(effect=Effect.DRY_RUN)
    assert "The rest of main is in conflict" in shown.reason
    assert back.remote.refs() == before

    record = back.run()

    assert record.reason_code == "merge-conflict"
    assert tree(shop, STAGING) == staged
    assert is_ancestor(shop, f"{MAIN}~1", STAGING)
    back.person.resolve("next.txt")
    assert back.go_on().outcome is Outcome.PROMOTED
    assert is_ancestor(shop, MAIN, STAGING)


def test_what_main_had_before_a_rollback_is_merged_first(shop_after):
    def by_hand_before(shop):
        for subject in ("feat: good", "feat: bad"):
            shipped(shop, subject)
        shop.remote.commit("main", "fix: by hand", files={"hand.txt": "x\n"})
        good = shop.repository.ledger()[0].tag
        assert rolled_back(shop, good, way=RollbackWay.TARGET_ONLY).outcome is Outcome.PROMOTED

    back = Backports(shop_after(by_hand_before))
    staged = files(back.shop, STAGING)

    record = back.run()

    assert record.outcome is Outcome.PROMOTED, record.reason
    assert is_ancestor(back.shop, MAIN, STAGING)
    assert files(back.shop, STAGING) == staged | {"hand.txt"}
