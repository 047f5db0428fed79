"""Planning a promotion."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from support.promotions import TWO, approval, candidate, release

from bot.core.gate import APPROVAL_LIFETIME_S, Refusal, grant
from bot.core.plan import plan_promotion, planned_updates, updates
from bot.core.promotion import Move, Prepared, PushPlan, RefUpdate
from bot.core.reasons import Reason

CANDIDATE = candidate()


def planned(**more):
    return plan_promotion(CANDIDATE, approval(CANDIDATE), release(**more))


def test_an_approved_candidate_is_planned_with_tag_ledger_entry_and_leases():
    plan = planned(ledger_before="d" * 40)

    assert isinstance(plan, PushPlan)
    assert plan.moves == (Move("refs/heads/main", "b" * 40, "a" * 40),)
    assert (plan.tag.name, plan.tag.target, plan.tag.at) == ("release/20261121-020000", "a" * 40, int(TWO.timestamp()))
    assert plan.tag.message.endswith(f"\n\nPromoted-Commit: {'a' * 40}\nRun-Id: run-1\nEvidence-SHA256: {'e' * 64}\n")
    assert (plan.entry.schema, plan.entry.tag, plan.entry.at) == (1, plan.tag.name, "2026-11-21T02:00:00Z")
    assert updates(Prepared(plan, "c" * 40, "f" * 40)) == (
        RefUpdate("refs/heads/main", "b" * 40, "a" * 40),
        RefUpdate("refs/tags/release/20261121-020000", None, "c" * 40),
        RefUpdate("refs/notes/promotions", "d" * 40, "f" * 40),
    )


@pytest.mark.parametrize(("attempts", "last"), [(1, f"Evidence-SHA256: {'e' * 64}"), (2, "Attempts: 2")])
def test_a_tag_says_how_often_was_measured_where_it_was_more_than_once(attempts, last):
    plan = planned(attempts=attempts)
    assert plan.tag.message.splitlines()[-1] == last
    assert plan.entry == planned().entry


def test_the_tag_of_what_nobody_measured_says_so_where_the_digest_stands():
    granted = grant(CANDIDATE, "orders are lost", now=TWO.timestamp())
    plan = plan_promotion(CANDIDATE, granted, release())
    assert plan.tag.message.splitlines()[-1] == "Evidence-SHA256: none"
    assert plan.entry.evidence == ""


def test_the_same_values_make_the_same_plan_in_every_time_zone():
    there = TWO.astimezone(timezone(timedelta(hours=9)))
    assert planned(at=there, moment=there) == planned()


@pytest.mark.parametrize("other", [replace(CANDIDATE, sha="c" * 40), replace(CANDIDATE, base_sha="c" * 40)])
def test_an_approval_for_another_commit_or_another_base_plans_nothing(other):
    refusal = plan_promotion(other, approval(CANDIDATE), release())

    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.APPROVAL_MISMATCH
    assert "cccccccccccc" in refusal.sentence


def test_an_approval_ends():
    last = TWO + timedelta(seconds=APPROVAL_LIFETIME_S)

    assert isinstance(planned(at=last), PushPlan)
    refusal = planned(at=last + timedelta(seconds=1))
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.APPROVAL_EXPIRED


def test_tag_and_ledger_say_the_same_moment_and_an_approval_ends_by_the_clock():
    later = TWO + timedelta(days=2)

    plan = planned(moment=later)

    assert (plan.tag.name, plan.entry.at) == ("release/20261123-020000", "2026-11-23T02:00:00Z")
    assert (plan.at, plan.tag.at) == (int(TWO.timestamp()),) * 2


def test_a_target_that_already_is_there_plans_nothing():
    same = candidate("b" * 40, "b" * 40)

    refusal = plan_promotion(same, approval(same), release())

    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.UP_TO_DATE


def test_no_release_after_the_end_of_time_is_planned():
    refusal = planned(moment=None)

    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.TAG_EXISTS


def test_a_moment_without_a_zone_is_a_bug_not_a_plan():
    with pytest.raises(ValueError, match="time zone"):
        planned(moment=datetime(2026, 11, 21, 2))  # noqa: DTZ001 - what is refused


def test_a_preview_shows_the_same_refs_and_leases_with_objects_unmade():
    plan = planned(ledger_before="d" * 40, moment=TWO + timedelta(seconds=1))

    assert planned_updates(plan) == (
        RefUpdate("refs/heads/main", "b" * 40, "a" * 40),
        RefUpdate("refs/tags/release/20261121-020001", None, ""),
        RefUpdate("refs/notes/promotions", "d" * 40, ""),
    )
