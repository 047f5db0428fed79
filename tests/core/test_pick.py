"""Cherry-picks as values: whose they stay, what they say, and where they may not go."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.backport import Tip
from bot.core.objects import planned_commit_bytes
from bot.core.pick import (
    Original,
    examine_onto,
    examine_picks,
    identity,
    nothing_to_pick,
    picked_message,
    plan_pick,
    plan_picks,
)
from bot.core.plan import planned_updates
from bot.core.promotion import Author, RefUpdate
from bot.core.reasons import Reason
from bot.core.resume import plan_document, plan_from

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
SHA, PARENT, TREE, TIP = "a" * 40, "b" * 40, "c" * 40, "d" * 40
ADA = Author("Ada", "ada@example.com", "1700000000 +0200")
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


def original(message="fix: x\n", parents=(PARENT,), sha=SHA, author=ADA):
    return Original(sha, parents, author, message)


def test_a_pick_stays_its_authors_and_says_where_it_comes_from():
    picked = plan_pick(original(), TIP, TREE, NOW)
    assert planned_commit_bytes(picked).decode() == (
        f"tree {TREE}\nparent {TIP}\nauthor Ada <ada@example.com> 1700000000 +0200\n"
        f"committer promotion-bot <promotion-bot@localhost> {int(NOW.timestamp())} +0000\n\n"
        f"fix: x\n\n(cherry picked from commit {SHA})\n"
    )
    assert picked.picked_from == SHA


@given(texts, texts, texts, texts)
def test_whoever_wrote_it_a_commit_can_be_made_of_it(name, email, when, message):
    picked = plan_pick(original(message, author=identity(name, email, when)), TIP, TREE, NOW)
    head, _, body = planned_commit_bytes(picked).decode().partition("\n\n")
    # Only newlines divide the lines of a commit's head.
    assert [line.split(" ")[0] for line in head.split("\n")] == ["tree", "parent", "author", "committer"]
    assert body.endswith(f"(cherry picked from commit {SHA})\n")
    plan = plan_picks(Tip("rel", TIP), (picked,), NOW)
    assert plan_from(plan_document(plan)) == plan


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("fix: x\n", "fix: x\n\n*"),
        ("fix: x", "fix: x\n\n*"),
        ("fix: x\n\nbody\n\n\n", "fix: x\n\nbody\n\n*"),
        ("fix: x\n\nSigned-off-by: A <a@b>\n", "fix: x\n\nSigned-off-by: A <a@b>\n*"),
        ("fix: x\n\nbody\n\n(cherry picked from commit abc)\n", "fix: x\n\nbody\n\n(cherry picked from commit abc)\n*"),
        ("fix: x\n\nnot: a trailer block\nbecause of this\n", "fix: x\n\nnot: a trailer block\nbecause of this\n\n*"),
        ("", "*"),
    ],
)
def test_the_message_ends_as_cherry_pick_x_ends_it(message, expected):
    assert picked_message(original(message)) == expected.replace("*", f"(cherry picked from commit {SHA})\n")


@pytest.mark.parametrize(
    ("name", "email", "when", "expected"),
    [
        ("Ada <x>\n", "a>b", "1 +0000", Author("Ada x", "ab", "1 +0000")),
        ("", "a@b", "", Author("a@b", "a@b", "0 +0000")),
        ("", "", "-5 +0000", Author("unknown", "", "0 +0000")),
        ("Ada", "a@b", "1 +0000\ncommitter x", Author("Ada", "a@b", "0 +0000")),
    ],
)
def test_an_author_that_git_would_not_take_is_made_one_that_it_takes(name, email, when, expected):
    assert identity(name, email, when) == expected


def test_a_merge_and_the_first_commit_of_all_are_not_picked():
    for bad, words in ((original(parents=(PARENT, TIP)), "is a merge"), (original(parents=()), "first commit")):
        refusal = examine_picks((original(), bad))
        assert refusal.reason is Reason.BAD_USAGE
        assert words in refusal.sentence
    assert examine_picks((original(),)) is None


def test_nothing_is_picked_onto_source_or_target():
    assert "fast-forward" in examine_onto("staging", "staging", "main")
    assert "tested" in examine_onto("main", "staging", "main")
    assert examine_onto("release/1.x", "staging", "main") is None


def test_all_picks_are_one_move_of_one_branch():
    first = plan_pick(original(), TIP, TREE, NOW)
    second = plan_pick(original(sha="e" * 40), first.sha, TREE, NOW)
    plan = plan_picks(Tip("rel", TIP), (first, second), NOW)
    assert planned_updates(plan) == (RefUpdate("refs/heads/rel", TIP, second.sha),)
    assert plan.subject == "Pick 2 commits onto rel"
    assert nothing_to_pick(Tip("rel", TIP)).reason is Reason.UP_TO_DATE
