"""The back-merge as a decision: what is pushed, and when a person's merge is taken."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.backport import (
    BackMerge,
    Begun,
    Resolution,
    Tip,
    examine_branches,
    examine_commit,
    examine_markers,
    examine_resolution,
    in_conflict,
    merge_commit,
    plan_advance,
    plan_merge,
    plan_resolution,
    up_to_date,
)
from bot.core.candidate import Commit
from bot.core.conflict import Conflict, Side
from bot.core.objects import object_id, planned_commit_bytes
from bot.core.plan import planned_updates
from bot.core.promotion import Prepared, RefUpdate, Way
from bot.core.reasons import Reason
from bot.core.resume import plan_document, plan_from, prepared_document, prepared_from

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
STAGING, MAIN, TREE, HEAD = "a" * 40, "b" * 40, "c" * 40, "d" * 40
MERGE = BackMerge(into=Tip("staging", STAGING), merged=Tip("main", MAIN))
BEGUN = Begun("20261121-020000-0001", "2026-11-21T02:00:00Z", MERGE)

ids = st.text("0123456789abcdef", min_size=40, max_size=40)
moments = st.datetimes(datetime(1971, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware
branches = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


def commit(*parents, sha=HEAD):
    return Commit(sha, parents, "Ada", "ada@example.com", 0, 0, "merge", "")


@given(ids, ids, ids, branches, branches, moments)
def test_a_merge_is_one_commit_of_both_tips_and_one_leased_move(into, merged, tree, a, b, at):  # noqa: PLR0917 - given
    merge = BackMerge(Tip(a, into), Tip(b, merged))
    plan = plan_merge(merge, (merge_commit(merge, tree, "run-1", at),), at)

    (made,), (move,) = plan.commits, plan.moves
    assert made.parents == (into, merged)
    assert (made.tree, made.copied_from, made.picked_from) == (tree, None, None)
    assert made.sha == object_id("commit", planned_commit_bytes(made), like=tree)
    assert (move.ref, move.before, move.after, move.way) == (f"refs/heads/{a}", into, made.sha, Way.FORWARD)
    assert (plan.tag, plan.entry, plan.controls, plan.has_ledger) == (None, None, (), False)
    assert planned_updates(plan) == (RefUpdate(f"refs/heads/{a}", into, made.sha),)


@given(ids, ids, ids, moments)
def test_the_same_tips_at_the_same_moment_make_the_same_bytes_also_from_the_journal(into, merged, tree, at):
    merge = BackMerge(Tip("staging", into), Tip("main", merged))
    plan, again = (plan_merge(merge, (merge_commit(merge, tree, "run-1", at),), at) for _ in range(2))
    assert plan == again
    assert plan_from(plan_document(plan)) == plan
    assert prepared_from(prepared_document(Prepared(plan, None, None))) == Prepared(plan, None, None)


def test_a_branch_with_nothing_of_its_own_only_moves():
    plan = plan_advance(MERGE, NOW)
    assert plan.commits == ()
    assert planned_updates(plan) == (RefUpdate("refs/heads/staging", STAGING, MAIN),)


def test_a_persons_merge_is_pushed_as_it_is():
    plan = plan_resolution(MERGE, HEAD, NOW)
    assert plan.commits == ()
    assert planned_updates(plan) == (RefUpdate("refs/heads/staging", STAGING, HEAD),)


@pytest.mark.parametrize(
    ("into", "merged", "words"), [("main", "staging", "tested"), ("main", "main", "itself"), ("x", "x", "itself")]
)
def test_the_branch_of_releases_is_never_merged_into_and_no_branch_into_itself(into, merged, words):
    assert words in examine_branches(into, merged, "main")


def test_any_other_branch_may_be_merged_into():
    assert examine_branches("staging", "main", "main") is None
    assert examine_branches("maintained", "staging", "main") is None


def test_what_is_contained_needs_nothing():
    refusal = up_to_date(MERGE)
    assert refusal.reason is Reason.UP_TO_DATE
    assert STAGING[:12] in refusal.sentence
    assert MAIN[:12] in refusal.sentence


def test_a_conflict_names_files_and_people():
    conflict = Conflict(("a.txt",), Side("staging", (commit(),)), Side("main", ()))
    refusal = in_conflict(conflict)
    assert refusal.reason is Reason.MERGE_CONFLICT
    assert "a.txt" in refusal.sentence
    assert "Ada" in refusal.sentence


@pytest.mark.parametrize(
    ("resolution", "words"),
    [
        (Resolution(HEAD, True, ("a.txt", "\x1b[31mb")), "Still in conflict: a.txt, b."),
        (Resolution(HEAD, False, ("a.txt",)), "Still in conflict: a.txt."),
        (Resolution(HEAD, True), "not committed yet"),
    ],
)
def test_a_person_who_is_not_done_is_told_what_is_open(resolution, words):
    refusal = examine_resolution(resolution)
    assert refusal.reason is Reason.BACKPORT_UNFINISHED
    assert words in refusal.sentence


def test_a_person_who_is_done_is_done():
    assert examine_resolution(Resolution(HEAD, False)) is None
    assert examine_markers(()) is None


def test_markers_that_were_committed_are_no_resolution():
    refusal = examine_markers(tuple(f"{number}.txt" for number in range(9)))
    assert refusal.reason is Reason.BACKPORT_UNFINISHED
    assert refusal.sentence.endswith("0.txt, 1.txt, 2.txt, 3.txt, 4.txt and 4 more.")


@given(st.lists(st.sampled_from([STAGING, MAIN, TREE, HEAD]), max_size=3))
def test_only_the_merge_of_exactly_both_tips_is_taken(parents):
    refusal = examine_commit(commit(*parents), MERGE, BEGUN)
    assert (refusal is None) == (parents == [STAGING, MAIN])
    assert refusal is None or refusal.reason is Reason.BACKPORT_UNFINISHED


def test_where_the_branch_moved_the_merge_of_its_old_tip_is_refused_and_that_of_its_new_one_taken():
    moved = replace(MERGE, into=Tip("staging", TREE))
    refusal = examine_commit(commit(STAGING, MAIN), moved, BEGUN)
    assert refusal.reason is Reason.SOURCE_MOVED
    assert "the work tree was kept" in refusal.sentence
    assert examine_commit(commit(TREE, MAIN), moved, BEGUN) is None


def test_where_the_merged_branch_moved_on_the_merge_of_either_tip_is_taken():
    moved = replace(MERGE, merged=Tip("main", TREE))
    assert examine_commit(commit(STAGING, MAIN), moved, BEGUN) is None
    assert examine_commit(commit(STAGING, TREE), moved, BEGUN) is None
