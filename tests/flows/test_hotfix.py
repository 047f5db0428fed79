"""A hotfix, told with real git and a made-up load: what it moves, what holds it up, and what it leaves behind."""

from functools import partial

import pytest
from support.evidence import OTHER, slow
from support.fakes import FakeStaging, Instead, Killed, Shop, broken, in_turn, raising
from support.hotfixes import BRANCH, CLASHING, CLEAN, MAIN, STAGING, cut_hotfix, ship
from support.misuse import misused
from support.rollbacks import picked, rolled_back
from support.statuses import status_of

from bot.core.control import Control, ControlKind
from bot.core.gate import examine
from bot.core.hotfix import Gate, Reach
from bot.core.promotion import PushPlan
from bot.core.record import Outcome, RunKind
from bot.core.rollback import RollbackWay
from bot.errors import Reason
from bot.flows.request import Effect
from bot.flows.session import play

LEDGER = "refs/notes/promotions"


def entries(shop):
    shop.repository.fetch()
    return shop.repository.ledger()


def next_night(shop):
    """What a night after a hotfix comes to, once staging has something new."""
    shop.remote.commit("staging", "feat: next", files={"next.txt": "next\n"})
    return shop.run()


# --- what is shipped


def test_one_push_moves_main_to_the_hotfix_tags_it_and_merges_it_into_staging(shop):
    fix = cut_hotfix(shop.remote)
    staging, main = shop.remote.sha(STAGING), shop.remote.sha(MAIN)

    record = ship(shop)

    assert (record.outcome, record.reason_code, record.kind) == (Outcome.PROMOTED, "promoted", RunKind.HOTFIX)
    refs = shop.remote.refs()
    assert refs[MAIN] == fix == record.promotion.target_after
    assert record.promotion.target_before == main
    assert refs[f"refs/tags/{record.promotion.tag}"] == record.promotion.tag_oid
    assert shop.remote.git("log", "-1", "--format=%P", STAGING) == f"{staging} {fix}"
    assert shop.remote.git("show", f"{STAGING}:fix.txt") == "mended"
    assert shop.events(record).count("push") == 1


def test_no_name_is_given_twice_where_a_tag_is_gone_and_the_clock_went_back(shop):
    tag = shop.run().promotion.tag
    shop.remote.delete(f"refs/tags/{tag}")
    shop.clock.set("2026-11-20T22:00:00")
    cut_hotfix(shop.remote)

    record = ship(shop)

    assert record.promotion.tag > tag
    assert [entry.tag for entry in entries(shop)] == [tag, record.promotion.tag]


def test_the_merge_is_what_git_itself_makes_of_both(shop):
    fix = cut_hotfix(shop.remote)
    staging = shop.remote.sha(STAGING)
    ship(shop)
    made = shop.remote.git("rev-parse", f"{STAGING}^{{tree}}")
    assert made == shop.remote.git("merge-tree", "--write-tree", staging, fix)


def test_the_merge_says_what_it_is_and_where_the_reason_stands(shop):
    fix = cut_hotfix(shop.remote)
    record = ship(shop)
    message = shop.remote.git("log", "-1", "--format=%B", STAGING)
    assert message.splitlines()[0] == f'Merge hotfix "{BRANCH}" into staging'
    trailers = shop.remote.git("log", "-1", "--format=%(trailers:only)", STAGING).split("\n")
    assert trailers[:2] == [f"Hotfix: {fix}", f"Run-Id: {record.run_id}"]
    assert "orders are lost" not in message


def test_ledger_and_tag_say_that_tests_were_skipped_and_the_ledger_why(shop):
    cut_hotfix(shop.remote)
    tag = f"refs/tags/{ship(shop).promotion.tag}"
    (entry,) = entries(shop)
    assert (entry.kind, entry.verdict, entry.reason, entry.evidence) == ("hotfix", "skipped", "orders are lost", "")
    assert entry.slot is None
    trailers = shop.remote.git("for-each-ref", "--format=%(contents:trailers:key=Evidence-SHA256)", tag)
    assert trailers.strip() == "Evidence-SHA256: none"


def test_notes_and_tag_are_about_the_hotfix_alone(shop):
    cut_hotfix(shop.remote)
    record = ship(shop)
    notes = (shop.runs.folder(record.run_id).path / "notes.md").read_text()
    message = shop.remote.git("for-each-ref", "--format=%(contents)", "refs/tags")
    for text in (notes, message):
        assert "Hotfix Release: 2026-11-21" in text
        assert "stop the bleeding" in text.lower()
        assert "step 1" not in text


def test_a_staging_with_nothing_of_its_own_is_fast_forwarded(shop):
    shop.remote.set(STAGING, shop.remote.sha(MAIN))
    fix = cut_hotfix(shop.remote)
    record = ship(shop)
    assert record.outcome is Outcome.PROMOTED
    assert shop.remote.sha(STAGING) == shop.remote.sha(MAIN) == fix


def test_a_staging_that_already_has_the_hotfix_is_left_where_it_is(shop):
    fix = cut_hotfix(shop.remote)
    merged = shop.remote.commit("staging", "Merge the hotfix", files=CLEAN, merge=[fix])
    record = ship(shop)
    assert record.outcome is Outcome.PROMOTED
    assert record.promotion.others == ()
    assert (shop.remote.sha(MAIN), shop.remote.sha(STAGING)) == (fix, merged)


@pytest.mark.parametrize("staging", ["has its own commits", "is where main is", "has the hotfix"])
def test_after_a_hotfix_the_next_promotion_is_a_fast_forward(shop, staging):
    if staging == "is where main is":
        shop.remote.set(STAGING, shop.remote.sha(MAIN))
    fix = cut_hotfix(shop.remote)
    if staging == "has the hotfix":
        shop.remote.commit("staging", "Merge the hotfix", files=CLEAN, merge=[fix])
    ship(shop)

    record = next_night(shop)

    assert record.outcome is Outcome.PROMOTED
    assert shop.remote.sha(MAIN) == shop.remote.sha(STAGING)
    assert shop.remote.git("merge-base", fix, MAIN) == fix


def test_a_second_hotfix_follows_the_first(shop):
    cut_hotfix(shop.remote)
    ship(shop)
    second = cut_hotfix(shop.remote, branch="hotfix/more", files={"more.txt": "more\n"})
    assert ship(shop, branch="hotfix/more").outcome is Outcome.PROMOTED
    assert shop.remote.sha(MAIN) == second
    assert [entry.kind for entry in entries(shop)] == ["hotfix", "hotfix"]


# --- the expedited gate


def test_the_gate_measures_the_hotfix_and_not_staging(shop):
    fix = cut_hotfix(shop.remote)
    record = ship(shop, gate=Gate.EXPEDITED)
    assert record.outcome is Outcome.PROMOTED
    assert shop.load.ran == ["load-1k", "more"]
    assert record.evidence.candidate_sha == fix
    (entry,) = entries(shop)
    assert (entry.verdict, entry.evidence) == ("pass", record.verdict.evidence_sha256)


def test_a_hotfix_that_fails_its_tests_moves_nothing_and_is_no_trouble_of_staging(shop):
    cut_hotfix(shop.remote)
    before = shop.remote.refs()
    shop.load.make = slow
    record = ship(shop, gate=Gate.EXPEDITED)
    assert (record.outcome, record.reason_code) == (Outcome.BLOCKED, "slo-failed")
    assert "Mend the hotfix" in record.action
    assert shop.remote.refs() == before
    assert record.trouble is None


def test_staging_that_runs_something_else_proves_nothing_of_the_hotfix(shop):
    cut_hotfix(shop.remote)
    record = ship(shop, gate=Gate.EXPEDITED, staging=FakeStaging(OTHER))
    assert (record.outcome, record.reason_code) == (Outcome.INVALID, "staging-mismatch")
    assert shop.load.ran == []


def test_nothing_is_shipped_past_the_tests_without_a_reason(shop):
    cut_hotfix(shop.remote)
    misused(shop, lambda: ship(shop, reason="  "))


# --- what holds it up, before any test


def refused_before_any_test(shop, reason, **wish):
    before, ran = shop.remote.refs(), list(shop.load.ran)
    record = ship(shop, gate=Gate.EXPEDITED, **wish)
    assert record.reason_code == reason.code
    assert shop.load.ran == ran
    assert shop.remote.refs() == before
    return record


def test_a_hotfix_that_lacks_commits_of_main_is_refused_and_they_are_named(shop):
    cut_hotfix(shop.remote)
    lacking = shop.remote.commit("main", "fix: landed first", files={"first.txt": "1\n"})
    record = refused_before_any_test(shop, Reason.NOT_FAST_FORWARD)
    assert record.outcome is Outcome.REFUSED
    assert f"{lacking[:12]} fix: landed first" in record.reason
    assert record.action == "Rebase the hotfix onto main, or merge main into it, and push it; then run again."


def test_a_hotfix_that_main_already_has_ends_well(shop):
    cut_hotfix(shop.remote)
    ship(shop)
    record = refused_before_any_test(shop, Reason.UP_TO_DATE)
    assert record.outcome is Outcome.UP_TO_DATE


def test_a_branch_that_is_not_there_is_named(shop):
    record = refused_before_any_test(shop, Reason.BRANCH_MISSING, branch="hotfix/none")
    assert "'hotfix/none'" in record.reason
    assert "correct its name" in record.action


def test_a_hotfix_that_was_taken_back_is_not_shipped_again(shop):
    cut_hotfix(shop.remote)
    before = shop.remote.sha(MAIN)
    ship(shop)
    shop.remote.set(MAIN, before)
    refused_before_any_test(shop, Reason.TARGET_REWOUND)


def test_a_ledger_that_lost_an_entry_stops_a_hotfix(shop):
    shop.run()
    shop.remote.delete(LEDGER)
    cut_hotfix(shop.remote)
    refused_before_any_test(shop, Reason.LEDGER_BROKEN)


def test_a_ledger_that_is_lost_is_not_begun_anew_by_the_hotfix_of_a_fresh_machine(shop, tmp_path):
    shop.run()
    shop.remote.delete(LEDGER)
    cut_hotfix(shop.remote)
    elsewhere = Shop(tmp_path / "fresh", shop.remote)
    refused_before_any_test(elsewhere, Reason.AUDIT_FAILED)


def test_a_tag_that_somebody_moved_is_told_and_does_not_hold_up_a_hotfix(shop):
    first = shop.run().promotion
    shop.remote.set(f"refs/tags/{first.tag}", first.target_before)
    cut_hotfix(shop.remote)

    record = ship(shop)

    assert record.outcome is Outcome.PROMOTED
    assert any(first.tag in told for told in record.differences)


# --- conflict with staging


def test_a_conflict_with_staging_moves_nothing_and_names_files_commits_and_authors(shop):
    touched = shop.remote.commit("staging", "feat: count anew", author="Grace Hopper <grace@example.com>")
    fix = cut_hotfix(shop.remote, files=CLASHING)

    record = refused_before_any_test(shop, Reason.MERGE_CONFLICT)

    assert record.outcome is Outcome.REFUSED
    for words in ("count.txt", touched[:12], "Grace Hopper", BRANCH, "staging"):
        assert words in record.reason
    assert "--main-only" in record.action
    conflict = shop.runs.load(record.run_id).conflict
    assert conflict == record.conflict
    assert (conflict.paths, conflict.into.branch) == (("count.txt",), "staging")
    assert conflict.into.commits[0].sha == touched
    assert [commit.sha for commit in conflict.merged.commits] == [fix]


def test_main_only_ships_the_hotfix_and_leaves_staging(shop):
    fix = cut_hotfix(shop.remote, files=CLASHING)
    staging = shop.remote.sha(STAGING)

    record = ship(shop, reach=Reach.TARGET_ONLY)

    assert record.outcome is Outcome.PROMOTED
    assert (shop.remote.sha(MAIN), shop.remote.sha(STAGING)) == (fix, staging)
    assert "diverged" in record.reason
    assert "promote backport" in record.action


def test_a_diverged_repository_promotes_nothing_until_main_is_merged_back(shop):
    fix = cut_hotfix(shop.remote, files=CLASHING)
    tag = ship(shop, reach=Reach.TARGET_ONLY).promotion.tag

    night = shop.run()

    assert (night.outcome, night.reason_code) == (Outcome.REFUSED, "diverged")
    assert tag in night.reason
    assert "promote backport" in night.action
    assert shop.load.ran == []
    shop.remote.commit("staging", "Merge main back", files=CLASHING, merge=[fix])
    assert shop.run().outcome is Outcome.PROMOTED


def test_a_hotfix_to_main_alone_on_equal_branches_leaves_them_diverged_and_nothing_taken_back(shop):
    shop.run()
    cut_hotfix(shop.remote)
    tag = ship(shop, reach=Reach.TARGET_ONLY).promotion.tag

    night = shop.run()

    assert (night.outcome, night.reason_code) == (Outcome.REFUSED, "diverged")
    assert tag in night.reason


def test_status_shows_the_divergence_and_its_end(shop):
    fix = cut_hotfix(shop.remote, files=CLASHING)
    tag = ship(shop, reach=Reach.TARGET_ONLY).promotion.tag

    seen = status_of(shop)

    assert (seen.promotable, seen.diverged.tag) == (False, tag)
    assert "diverged" in seen.reason
    shop.remote.commit("staging", "Merge main back", files=CLASHING, merge=[fix])
    seen = status_of(shop)
    assert (seen.promotable, seen.diverged) == (True, None)


def test_main_only_on_a_staging_that_has_the_hotfix_leaves_nothing_diverged(shop):
    fix = cut_hotfix(shop.remote)
    shop.remote.commit("staging", "Merge the hotfix", files=CLEAN, merge=[fix])
    record = ship(shop, reach=Reach.TARGET_ONLY)
    assert "diverged" not in record.reason
    assert next_night(shop).outcome is Outcome.PROMOTED


def test_a_hotfix_on_top_of_one_that_staging_lacks_brings_both_back(shop):
    first = cut_hotfix(shop.remote)
    ship(shop, reach=Reach.TARGET_ONLY)
    cut_hotfix(shop.remote, branch="hotfix/more", files={"more.txt": "more\n"})
    ship(shop, branch="hotfix/more")
    assert shop.remote.git("merge-base", first, STAGING) == first
    assert next_night(shop).outcome is Outcome.PROMOTED


# --- what others do meanwhile


def test_a_staging_that_moves_on_during_the_tests_is_merged_as_it_is_then(shop):
    fix = cut_hotfix(shop.remote)
    shop.load.during = partial(shop.remote.commit, "staging", "feat: meanwhile", files={"new.txt": "new\n"})

    record = ship(shop, gate=Gate.EXPEDITED)

    assert record.outcome is Outcome.PROMOTED
    assert shop.remote.sha(MAIN) == fix
    assert shop.remote.git("log", "-1", "--format=%s", f"{STAGING}^1") == "feat: meanwhile"
    assert shop.remote.git("show", f"{STAGING}:new.txt") == "new"


def test_a_push_to_staging_that_makes_a_conflict_during_the_tests_is_refused(shop):
    cut_hotfix(shop.remote)
    shop.load.during = partial(shop.remote.commit, "staging", "feat: same file", files={"fix.txt": "other\n"})
    record = ship(shop, gate=Gate.EXPEDITED)
    assert record.reason_code == "merge-conflict"
    assert record.conflict.paths == ("fix.txt",)
    assert LEDGER not in shop.remote.refs()


def pushing_first(shop, times):
    """A push that is overtaken by one to staging, so many times."""

    def overtaken(prepared, lock):
        shop.remote.commit("staging", "feat: quicker", files={"quick.txt": f"{prepared.plan.at}\n"})
        return shop.repository.push(prepared, lock)

    return Instead(shop.repository, push=in_turn(*[overtaken] * times, shop.repository.push))


def test_a_push_to_staging_at_the_last_moment_makes_the_merge_anew(shop):
    fix = cut_hotfix(shop.remote)
    record = ship(shop, repository=pushing_first(shop, 2))
    assert record.outcome is Outcome.PROMOTED
    assert shop.remote.sha(MAIN) == fix
    assert shop.remote.git("log", "-1", "--format=%s", f"{STAGING}^1") == "feat: quicker"
    assert shop.events(record).count("push") == 3
    assert len(entries(shop)) == 1


def test_a_staging_that_never_stands_still_is_refused(shop):
    cut_hotfix(shop.remote)
    main = shop.remote.sha(MAIN)
    record = ship(shop, repository=pushing_first(shop, 9))
    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "source-moved")
    assert shop.remote.sha(MAIN) == main
    assert LEDGER not in shop.remote.refs()


def test_a_main_that_moves_during_the_tests_is_left_alone(shop):
    cut_hotfix(shop.remote)
    staging = shop.remote.sha(STAGING)
    shop.load.during = partial(shop.remote.commit, "main", "fix: pushed around the bot")
    record = ship(shop, gate=Gate.EXPEDITED)
    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "target-moved")
    assert shop.remote.sha(STAGING) == staging
    assert LEDGER not in shop.remote.refs()


def test_more_commits_on_the_hotfix_branch_do_not_change_what_is_shipped(shop):
    fix = cut_hotfix(shop.remote)
    shop.load.during = partial(shop.remote.commit, BRANCH, "fix: more of it", files={"late.txt": "late\n"})
    assert ship(shop, gate=Gate.EXPEDITED).outcome is Outcome.PROMOTED
    assert shop.remote.sha(MAIN) == fix


@pytest.mark.parametrize("how", ["rewritten", "deleted"])
def test_a_hotfix_that_is_withdrawn_during_the_tests_is_not_shipped(shop, how):
    cut_hotfix(shop.remote)
    main = shop.remote.sha(MAIN)
    ref = f"refs/heads/{BRANCH}"
    shop.load.during = partial(shop.remote.set, ref, main) if how == "rewritten" else partial(shop.remote.delete, ref)
    record = ship(shop, gate=Gate.EXPEDITED)
    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "source-rewritten")
    assert shop.remote.sha(MAIN) == main


def test_a_main_that_somebody_moves_to_the_hotfix_during_its_tests_is_refused(shop):
    fix = cut_hotfix(shop.remote)
    staging = shop.remote.sha(STAGING)
    shop.load.during = partial(shop.remote.set, MAIN, fix)
    record = ship(shop, gate=Gate.EXPEDITED)
    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "target-moved")
    assert shop.remote.sha(STAGING) == staging
    assert LEDGER not in shop.remote.refs()


def test_a_staging_that_is_deleted_meanwhile_is_refused(shop):
    cut_hotfix(shop.remote)
    shop.load.during = partial(shop.remote.delete, STAGING)
    record = ship(shop, gate=Gate.EXPEDITED)
    assert record.reason_code == "source-moved"
    assert "deleted" in record.reason


# --- freezes and quarantines


def tell(shop, control):
    """Write a freeze or a quarantine into the ledger."""

    def story(run, lock):
        run.tools.repository.fetch()
        plan = PushPlan((), None, None, run.tools.repository.ledger_tip(), 1_800_000_000, "told", controls=(control,))
        prepared = run.tools.repository.prepare(plan)
        run.tools.repository.push(prepared, lock)
        return run_ending()

    play(shop.tools(), shop.request(RunKind.GATE, Effect.WRITE), story)


def run_ending():
    from bot.flows.run import Ending  # noqa: PLC0415 - only this needs it

    return Ending(Outcome.PASSED, Reason.GATE_PASSED, "told")


def quarantine(sha, base=None):
    return Control(ControlKind.QUARANTINE, "2026-11-21T01:00:00Z", "ada", "loses orders", sha=sha, base=base)


def test_a_freeze_does_not_hold_up_a_hotfix_and_is_told(shop):
    tell(shop, Control(ControlKind.FREEZE, "2026-11-21T01:00:00Z", "ada", "Christmas"))
    cut_hotfix(shop.remote)
    assert ship(shop).outcome is Outcome.PROMOTED
    assert any("Christmas" in words for name, words in shop.watcher.steps if name == "warning")


def test_a_hotfix_that_brings_in_what_is_quarantined_is_refused(shop):
    fix = cut_hotfix(shop.remote)
    tell(shop, quarantine(fix))
    refused_before_any_test(shop, Reason.QUARANTINED)


def test_a_hotfix_on_a_part_of_what_was_taken_back_is_refused(shop):
    shop.run()
    part, _ = shop.remote.commits("staging", ["feat: part 1", "feat: part 2"])
    shop.run()
    rolled_back(shop, way=RollbackWay.REWIND)
    shop.remote.branch(BRANCH, part)
    shop.remote.commit(BRANCH, "fix: else", files=CLEAN)
    record = refused_before_any_test(shop, Reason.QUARANTINED)
    assert part[:12] in record.reason


def taken_back(shop):
    shop.first = shop.run().promotion.target_after
    shop.bad = shop.remote.commit("staging", "feat: bad", files={"bad.txt": "bad\n"})
    shop.run()
    rolled_back(shop)


@pytest.fixture
def back(kept, shop_after):
    """A shop that was rolled back: main has a bad commit behind it and not its content, staging kept it."""
    shop, told = shop_after(taken_back), kept(taken_back).shop
    shop.first, shop.bad = told.first, told.bad
    return shop


def on(shop, tip, message="fix: else", **more):
    """A commit of a hotfix that was cut from that commit."""
    shop.remote.branch(BRANCH, tip)
    return shop.remote.commit(BRANCH, message, files=CLEAN, **more)


def files_of_main(shop):
    return shop.remote.git("ls-tree", "--name-only", MAIN).split()


def test_after_a_rollback_a_hotfix_cut_from_main_is_let_through(back):
    fix = on(back, back.remote.sha(MAIN))
    assert ship(back).promotion.target_after == fix
    assert "bad.txt" not in files_of_main(back)


def test_a_hotfix_does_not_bring_back_a_cherry_pick_of_what_was_taken_back(back):
    pick = picked(back, BRANCH, back.bad, back.remote.sha(MAIN))
    record = refused_before_any_test(back, Reason.QUARANTINED)
    assert f"contains {pick[:12]}, a cherry-pick out of {back.first[:12]}..{back.bad[:12]}" in record.reason
    back.remote.commit(BRANCH, f"fix: it\n\nFixes: {back.bad}", files={"bad.txt": "good\n"})
    assert ship(back, reach=Reach.TARGET_ONLY).outcome is Outcome.PROMOTED


def test_a_hotfix_does_not_bring_back_a_cherry_pick_of_what_main_was_rewound_from(shop):
    shop.run()
    shop.bad = shop.remote.commit("staging", "feat: bad", files={"bad.txt": "bad\n"})
    shop.run()
    rolled_back(shop, way=RollbackWay.REWIND)
    pick = picked(shop, BRANCH, shop.bad, cut_hotfix(shop.remote))
    record = refused_before_any_test(shop, Reason.QUARANTINED)
    assert f"contains {pick[:12]}, a cherry-pick" in record.reason


def test_after_a_rollback_a_hotfix_cut_from_staging_does_not_bring_back_what_is_bad(back):
    on(back, back.remote.sha(STAGING))
    record = refused_before_any_test(back, Reason.QUARANTINED)
    assert f"{BRANCH} merges {back.bad[:12]}, which does not descend from main" in record.reason
    assert record.action.startswith("Put the hotfix's own commits alone on top of main")
    back.remote.commit(BRANCH, f"fix: it\n\nFixes: {back.bad}", files={"bad.txt": "good\n"})
    assert ship(back).outcome is Outcome.PROMOTED


@pytest.mark.parametrize("staging_is", ["first", "second"])
def test_after_a_rollback_a_hotfix_that_merges_staging_does_not_bring_back_what_is_bad(back, staging_is):
    main = back.remote.sha(MAIN)
    fix = on(back, main)
    if staging_is == "first":
        on(back, back.remote.sha(STAGING), "merge", merge=(fix,))
    else:
        on(back, fix, "merge", merge=(back.remote.sha(STAGING),))
    refused_before_any_test(back, Reason.QUARANTINED)


def test_after_a_rollback_and_a_hotfix_one_that_goes_on_from_before_does_not_bring_it_back(back):
    staging = back.remote.sha(STAGING)
    ours = on(back, back.remote.sha(MAIN))
    ship(back)
    on(back, staging, "merge main", merge=(ours,))
    back.remote.commit(BRANCH, "fix: more", files={"more.txt": "more\n"})
    refused_before_any_test(back, Reason.QUARANTINED)


def test_after_a_rollback_a_hotfix_may_merge_what_is_older_than_what_is_bad(back):
    side = on(back, back.first, "fix: on the side")
    on(back, back.remote.sha(MAIN), "merge", merge=(side,))
    assert ship(back).outcome is Outcome.PROMOTED


def test_once_the_fix_is_promoted_a_hotfix_is_let_through_wherever_it_was_cut(back):
    back.remote.commit("staging", f"fix: it\n\nFixes: {back.bad}", files={"bad.txt": "good\n"})
    assert back.run().outcome is Outcome.PROMOTED
    on(back, back.remote.sha(STAGING))
    assert ship(back).outcome is Outcome.PROMOTED


def test_a_hotfix_that_reverts_the_rollback_is_refused(back):
    main = back.remote.sha(MAIN)
    undo = f"Revert the rollback\n\nThis reverts commit {main}."
    back.remote.branch(BRANCH, main)
    undone = back.remote.commit(BRANCH, undo, files={"bad.txt": "bad\n"})
    record = refused_before_any_test(back, Reason.QUARANTINED)
    assert f"{BRANCH} reverts {main[:12]}, the rollback of main" in record.reason
    on(back, undone, f"Reapply it\n\nThis reverts commit {undone}.")
    assert ship(back).outcome is Outcome.PROMOTED


def test_what_main_has_of_a_quarantine_does_not_hold_up_a_hotfix(shop):
    tell(shop, quarantine(shop.remote.sha(MAIN)))
    cut_hotfix(shop.remote)
    assert ship(shop).outcome is Outcome.PROMOTED


# --- dry run


@pytest.mark.parametrize("gate", Gate)
def test_a_dry_run_shows_the_exact_updates_and_writes_nothing(shop, gate):
    fix = cut_hotfix(shop.remote)
    shop.remote.config("core.logAllRefUpdates", "always")
    before, staging = shop.remote.refs(), shop.remote.sha(STAGING)
    objects = shop.remote.git("count-objects", "-v")

    record = ship(shop, gate=gate, effect=Effect.DRY_RUN)

    assert (record.outcome, record.reason_code) == (Outcome.DRY_RUN, "dry-run")
    target, source, tag, ledger = record.updates
    assert (target.ref, target.expected, target.new) == (MAIN, before[MAIN], fix)
    assert (source.ref, source.expected) == (STAGING, staging)
    assert (tag.expected, ledger.expected) == (None, None)
    assert "staging would move" in record.reason
    assert shop.remote.refs() == before
    assert not (shop.remote.path / "logs").exists()
    assert shop.remote.git("count-objects", "-v") == objects


def test_the_merge_of_a_dry_run_is_the_one_that_is_made_at_that_moment(shop):
    cut_hotfix(shop.remote)
    planned = ship(shop, effect=Effect.DRY_RUN).updates[1]
    done = ship(shop).updates[1]
    tree, parents = ("rev-parse", f"{done.new}^{{tree}}"), ("log", "-1", "--format=%P", done.new)
    assert planned.expected == done.expected
    assert len(planned.new) == len(done.new)
    assert shop.remote.git(*parents).split()[0] == planned.expected
    assert shop.remote.git(*tree) == shop.remote.git("rev-parse", f"{STAGING}^{{tree}}")


def test_a_dry_run_of_a_conflict_is_refused_as_the_real_one_is(shop):
    cut_hotfix(shop.remote, files=CLASHING)
    assert ship(shop, effect=Effect.DRY_RUN).reason_code == "merge-conflict"
    shown = ship(shop, effect=Effect.DRY_RUN, reach=Reach.TARGET_ONLY)
    assert [update.ref.split("/")[1] for update in shown.updates] == ["heads", "tags", "notes"]


# --- what breaks


@pytest.mark.parametrize("where", ["fetch", "branch_facts", "branch_tip", "contains", "merge", "prepare"])
def test_a_failure_before_the_push_moves_nothing_and_the_next_try_works(shop, where):
    cut_hotfix(shop.remote)
    before = shop.remote.refs()
    record = ship(shop, repository=Instead(shop.repository, **{where: broken()}))
    assert (record.outcome, record.reason_code) == (Outcome.ERROR, "remote-unreachable")
    assert shop.remote.refs() == before
    assert ship(shop).outcome is Outcome.PROMOTED


def test_a_hotfix_killed_after_its_push_is_settled_by_the_next_run(shop):
    fix = cut_hotfix(shop.remote)
    with pytest.raises(Killed):
        ship(shop, repository=Instead(shop.repository, read_back=raising(Killed())))
    next_night(shop)
    killed = min(shop.history.query(), key=lambda run: run.run_id)
    assert (killed.kind, killed.outcome, killed.sha) == (RunKind.HOTFIX, Outcome.PROMOTED, fix)


def test_a_try_that_is_cut_off_after_one_that_was_refused_is_left_to_be_settled(shop):
    cut_hotfix(shop.remote)
    overtaken = pushing_first(shop, 1)
    read_back = in_turn(shop.repository.read_back, raising(KeyboardInterrupt()), broken())
    record = ship(shop, repository=Instead(overtaken, read_back=read_back))
    assert record.reason_code == "interrupted"
    assert shop.events(record)[-1] == "unsettled"
    next_night(shop)
    assert shop.known(record.run_id).outcome is Outcome.PROMOTED


def test_a_hook_that_refuses_staging_refuses_all(shop):
    cut_hotfix(shop.remote)
    before = shop.remote.refs()
    shop.remote.hook("update", 'test "$1" != refs/heads/staging\n')
    record = ship(shop)
    assert record.outcome is Outcome.REFUSED
    assert shop.remote.refs() == before


# --- hostile names


@pytest.mark.parametrize("name", ["hotfix/@ada", "closes#12", "#1", "a\u202eb", "www.evil.example", "\u200b", "größe"])
def test_a_hostile_branch_name_ships_and_stays_inert_in_the_merge(shop, name):
    cut_hotfix(shop.remote, branch=name)
    assert ship(shop, branch=name).outcome is Outcome.PROMOTED
    subject = shop.remote.git("log", "-1", "--format=%s", STAGING)
    quoted = subject.removeprefix('Merge hotfix "').removesuffix('" into staging')
    assert all(sign.isalnum() or sign in "._/-?" for sign in quoted)


def test_the_facts_after_a_hotfix_are_those_of_a_fast_forward(shop):
    cut_hotfix(shop.remote)
    ship(shop)
    shop.repository.fetch()
    assert examine(shop.repository.branch_facts(), shop.repository.ledger()) is None
