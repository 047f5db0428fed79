"""Whether the host still starts the nights: disabled, failed, silent, or never begun."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.calendar import Schedule, parse_zone
from bot.core.cron import parse_cron
from bot.core.doctor_starts import Workflow, judge_starts, surely_started
from bot.core.moments import iso

PATH = ".github/workflows/nightly.yml"
NIGHTLY = Schedule(parse_cron("0 2 * * *"), parse_zone("UTC"))
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LATE = 6 * 3600.0
RAN = "2026-11-21T02:17:00Z"


def judged(*workflows, now=NOW, schedule=NIGHTLY):
    return [(each.level.value, each.seen) for each in judge_starts(workflows, surely_started(schedule, now, LATE))]


@pytest.mark.parametrize(
    ("workflow", "level"),
    [
        (Workflow(PATH, "disabled_inactivity"), "warn"),
        (Workflow(PATH, "disabled_manually"), "warn"),
        (Workflow(PATH, "active", "failure", RAN), "warn"),
        (Workflow(PATH, "active", "cancelled", RAN), "warn"),
        (Workflow(PATH, "active", "success", RAN), "ok"),
        (Workflow(PATH, "active", "in_progress", RAN), "ok"),
    ],
)
def test_a_workflow_that_starts_no_nights_any_more_is_told(workflow, level):
    assert [found for found, _ in judged(workflow)] == [level]


def test_a_workflow_that_was_never_started_is_not_passed_over():
    assert judged(Workflow("x.yml", "active")) == [("warn", "no schedule has started x.yml yet")]
    many = [Workflow(f"{number}.yml", "active") for number in range(7)]
    assert judged(*many) == [("warn", "no schedule has started 0.yml, 1.yml, 2.yml, 3.yml, 4.yml and more yet")]


def test_without_workflows_there_is_nothing_to_say():
    assert judged() == []


@pytest.mark.parametrize(
    ("at", "silent"),
    [
        (RAN, None),
        ("2026-11-21T01:52:00Z", None),  # a clock that runs a little ahead
        ("2026-11-20T02:17:00Z", "2026-11-21"),
        ("2026-09-01T02:17:00Z", "2026-11-21"),
        ("", "2026-11-21"),
        ("2026-11-21T02:17:00", "2026-11-21"),  # of what time zone?
        ("never", "2026-11-21"),
        ("0001-01-01T00:00:00+14:00", "2026-11-21"),
    ],
)
def test_a_night_without_a_start_is_told_although_the_last_run_was_fine(at, silent):
    found = judged(Workflow(PATH, "active", "success", at))
    assert found[0][0] == "ok"
    told = [("warn", f"its schedule has not started nightly.yml for the night of {silent}")] if silent else []
    assert found[1:] == told


def test_a_start_that_may_still_come_is_waited_for():
    last = Workflow(PATH, "active", "success", "2026-11-20T02:17:00Z")
    early = datetime(2026, 11, 21, 7, 59, tzinfo=UTC)
    assert [level for level, _ in judged(last, now=early)] == ["ok"]
    assert [level for level, _ in judged(last, now=early + timedelta(minutes=1))] == ["ok", "warn"]


def test_days_on_which_no_night_is_due_are_not_missed():
    friday, sunday = "2026-11-20T02:17:00Z", datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    weekdays = Schedule(parse_cron("0 2 * * mon-fri"), parse_zone("UTC"))
    assert [
        level for level, _ in judged(Workflow(PATH, "active", "success", friday), now=sunday, schedule=weekdays)
    ] == ["ok"]


def test_one_that_starts_the_nights_is_enough():
    rare = Workflow("promote-docs.yml", "active", "success", "2026-11-01T00:00:00Z")
    unstarted = Workflow("promote.yml", "active")
    assert [level for level, _ in judged(rare, Workflow(PATH, "active", "success", RAN), unstarted)] == ["ok", "ok"]


@given(st.integers(0, 60 * 24 * 30))
def test_a_schedule_that_is_kept_is_never_doubted(minutes):
    """However late each start comes, as long as it comes in time to run."""
    now = NOW + timedelta(minutes=minutes)
    done = surely_started(NIGHTLY, now, LATE)
    last = Workflow(PATH, "active", "success", iso(done[-1].due + timedelta(seconds=LATE)))
    assert [level for level, _ in judged(last, now=now)] == ["ok"]
    before = Workflow(PATH, "active", "success", iso(done[-2].due + timedelta(seconds=LATE)))
    assert [level for level, _ in judged(before, now=now)] == ["ok", "warn"]
