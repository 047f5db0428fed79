"""What people are told to do after runs that are no promotions."""

import pytest

from bot.core.advice import action_of
from bot.core.reasons import Reason
from bot.core.record import Repository, RunKind

BRANCHES = Repository("ssh://git.example/shop.git", "develop", "trunk", None)
BY_HAND = (RunKind.HOTFIX, RunKind.ROLLBACK, RunKind.BACKPORT)


@pytest.mark.parametrize("kind", RunKind)
@pytest.mark.parametrize("reason", Reason)
def test_every_advice_is_a_sentence_without_a_gap(kind, reason):
    words = action_of(kind, reason, BRANCHES)
    assert "{" not in words
    assert words.endswith(".")


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("kind", [RunKind.PROMOTION, RunKind.GATE])
def test_what_tests_the_source_gets_the_reasons_own_advice(kind, reason):
    assert action_of(kind, reason, BRANCHES) == reason.action


@pytest.mark.parametrize("kind", BY_HAND)
def test_what_goes_past_the_source_is_not_told_about_promotions(kind):
    for reason in (Reason.DRY_RUN, Reason.UP_TO_DATE, Reason.BAD_USAGE):
        words = action_of(kind, reason, BRANCHES)
        assert not {"promote.", "source's"} & set(words.split())


def test_a_dry_run_says_what_the_real_one_would_do():
    told = [action_of(kind, Reason.DRY_RUN, BRANCHES) for kind in BY_HAND]
    assert told == [f"Run again without --dry-run to {what}." for what in ("ship it", "roll back", "push it")]


def test_a_conflict_of_a_hotfix_says_both_ways_out():
    words = action_of(RunKind.HOTFIX, Reason.MERGE_CONFLICT, BRANCHES)
    assert "into develop by hand" in words
    assert "--main-only" in words
    assert "promote backport" in words
