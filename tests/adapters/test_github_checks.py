"""What a commit's checks say: the newest word of each, of every kind, and nothing but success is success."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.githubhost import staged

from bot.adapters.github.checks import context, newest
from bot.adapters.github.rest import number
from bot.core.hosting import CheckState


@pytest.fixture
def stage(tmp_path, monkeypatch):
    with staged(tmp_path, monkeypatch) as stage:
        yield stage


def seen(stage):
    return {(check.name, check.state, check.said) for check in stage.host().checks(stage.sha)}


def test_check_runs_and_statuses_are_both_seen(stage):
    stage.hub.add_check(stage.sha, "build")
    stage.hub.add_status(stage.sha, "security")
    stage.hub.add_status(stage.remote.sha("refs/heads/main"), "elsewhere")
    assert seen(stage) == {
        ("build", CheckState.SUCCESS, "success"),
        ("security", CheckState.SUCCESS, "success"),
    }


@pytest.mark.parametrize("said", ["skipped", "neutral", "failure", "cancelled", "timed_out", "action_required"])
def test_only_success_is_success(stage, said):
    stage.hub.add_check(stage.sha, "build", said)
    assert seen(stage) == {("build", CheckState.OTHER, said)}


def test_what_goes_on_is_pending(stage):
    stage.hub.add_check(stage.sha, "build", None)
    stage.hub.add_status(stage.sha, "lint", "pending")
    stage.hub.add_status(stage.sha, "docs", "error")
    assert seen(stage) == {
        ("build", CheckState.PENDING, "in_progress"),
        ("lint", CheckState.PENDING, "pending"),
        ("docs", CheckState.OTHER, "error"),
    }


def test_the_newest_word_of_each_name_counts(stage):
    for state in ("success", "failure"):
        stage.hub.add_status(stage.sha, "security", state)
    stage.hub.add_status(stage.sha, "Security", "pending")
    for conclusion in ("failure", "success", None):
        stage.hub.add_check(stage.sha, "build", conclusion)
        stage.hub.add_check(stage.sha, "build", conclusion, app_id=99)
    assert seen(stage) == {
        ("Security", CheckState.PENDING, "pending"),
        ("build", CheckState.PENDING, "in_progress"),
    }


@given(st.permutations(range(1, 6)))
def test_the_last_made_is_the_newest_in_whatever_order_they_come(numbers):
    items = [{"id": each, "context": f"{each % 2}"} for each in numbers]
    assert sorted(number(item) for item in newest(items, context)) == [4, 5]


def test_a_check_that_claims_to_be_of_tomorrow_is_not_the_newest_for_that(stage):
    stage.hub.add_check(stage.sha, "build", "success")["started_at"] = "2999-01-01T00:00:00Z"
    stage.hub.add_check(stage.sha, "build", "failure", app_id=99)
    assert seen(stage) == {("build", CheckState.OTHER, "failure")}


def test_a_status_and_a_check_run_of_one_name_are_both_told(stage):
    stage.hub.add_status(stage.sha, "build", "failure")
    stage.hub.add_check(stage.sha, "build", "success")
    assert {state for _, state, _ in seen(stage)} == {CheckState.OTHER, CheckState.SUCCESS}


def test_long_lists_are_read_to_their_end(stage):
    for each in range(230):
        stage.hub.add_check(stage.sha, f"job-{each}")
    for each in range(130):
        stage.hub.add_status(stage.sha, f"context-{each}")
    assert len(seen(stage)) == 360
    assert stage.last.calls == 5


def test_a_commit_without_checks_has_none(stage):
    assert seen(stage) == set()
