"""What doctor makes of each thing that it looked at: fine, doubtful, or in the way of a night."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plans import load_plan

from bot.core import doctor
from bot.core.audit import Audit, Scope
from bot.core.backport import BackMerge, Begun, Tip
from bot.core.calendar import Schedule
from bot.core.candidate import BranchFacts
from bot.core.control import Control, ControlKind, Standing
from bot.core.cron import parse_cron
from bot.core.differences import Difference, Kind
from bot.core.doctor import Area, Finding, Level, Reached, worst
from bot.core.doctor_git import judge_bench, judge_branches, judge_push, judge_standing, judge_trail
from bot.core.doctor_machine import (
    Sample,
    StoreFacts,
    judge_lock,
    judge_sample,
    judge_store,
    judge_versions,
    most_connections,
)
from bot.core.doctor_schedule import judge_schedule
from bot.core.evidence import DeploymentObservation, ProofPhase
from bot.core.freeze import examine_freeze
from bot.core.gate import examine
from bot.core.loadplan import ClosedModel, OpenModel, Workers
from bot.core.promotion import PushOutcome, PushReport
from bot.core.record import Outcome
from bot.core.selectors import RunSummary

GIB = 1 << 30
SHA, OTHER = "a" * 40, "b" * 40


def told(finding):
    return finding.level.value, finding.seen


def levels(findings):
    return [each.level.value for each in findings]


@given(st.lists(st.sampled_from(Level)))
def test_one_bad_line_is_how_all_of_it_stands(seen):
    found = [Finding(Area.GIT, "x", level, "") for level in seen]
    grave = worst(found)
    assert grave in (seen or [Level.OK])
    assert all(level is not Level.FAIL or grave is Level.FAIL for level in seen)
    assert (grave is Level.OK) == all(level is Level.OK for level in seen)


@pytest.mark.parametrize(("free", "level"), [(0, "fail"), (GIB - 1, "fail"), (GIB, "warn"), (5 * GIB, "ok")])
def test_a_disk_that_fills_up_is_told_before_it_is_full(free, level):
    found = doctor.judge_space(free)
    assert found.level.value == level
    assert bool(found.action) == (level != "ok")


def test_too_few_open_files_name_the_number_that_would_do():
    assert doctor.judge_files(1024, 700).level is Level.OK
    few = doctor.judge_files(1024, 3000)
    assert few.level is Level.WARN
    assert "3,256" in few.action


@pytest.mark.parametrize(
    ("ahead", "level", "words"),
    [
        (None, "warn", "name no time"),
        (0.0, "ok", "agrees"),
        (-1.0, "ok", "agrees"),
        (125.0, "warn", "2m5s ahead of"),
        (-7200.0, "warn", "2h behind"),
    ],
)
def test_a_clock_that_is_wrong_is_told_with_its_direction(ahead, level, words):
    found = doctor.judge_clock(ahead)
    assert found.level.value == level
    assert words in found.seen


@pytest.mark.parametrize(
    ("reached", "level"),
    [(Reached(200), "ok"), (Reached(404), "ok"), (Reached(503), "fail"), (Reached(None, "refused"), "fail")],
)
def test_staging_has_to_answer_and_not_to_fail(reached, level):
    assert doctor.judge_reached(reached).level.value == level


def observed(sha, error=""):
    return DeploymentObservation(0.0, ProofPhase.BEFORE, sha, error)


@pytest.mark.parametrize(
    ("seen", "tip", "level"),
    [
        (None, SHA, "warn"),
        (observed(SHA), SHA, "ok"),
        (observed(SHA), None, "ok"),
        (observed(SHA), OTHER, "warn"),
        (observed(None, "the version page answers with status 404"), SHA, "fail"),
    ],
)
def test_staging_has_to_name_the_commit_that_it_runs(seen, tip, level):
    assert doctor.judge_deployment(seen, tip).level.value == level


def test_a_missing_tool_is_named():
    fine = list(judge_versions([("python", "3.11.7"), ("platform", "linux"), ("locust", "2.47.0")]))
    assert [told(each) for each in fine] == [("ok", "3.11.7 on linux"), ("ok", "locust 2.47.0")]
    sick = list(judge_versions([("python", "3.11.7"), ("locust", "not installed"), ("gevent", "26.9.0")]))
    assert told(sick[1]) == ("fail", "locust not installed")


def test_connections_are_those_of_the_busiest_process_of_all():
    plan = load_plan()
    one = plan.scenarios[0]
    busy = replace(one, model=OpenModel(1000, 3001), workers=Workers(local=2))
    people = replace(one, model=ClosedModel(1200))
    assert most_connections(replace(plan, scenarios=(one, busy, people))) == 1501
    assert most_connections(replace(plan, scenarios=(one, people))) == 1200


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (StoreFacts(there=False, is_current=False), "first run begins it"),
        (StoreFacts(there=True, is_current=True), "is current"),
        (StoreFacts(there=True, is_current=False), "next run brings its schema up to date"),
    ],
)
def test_a_history_that_is_not_there_is_no_failure(facts, words):
    found = judge_store(facts)
    assert found.level is Level.OK
    assert words in found.seen


def test_a_run_that_is_under_way_is_told():
    assert told(judge_lock(None)) == ("ok", "free")
    assert told(judge_lock("run r1, process 7")) == ("warn", "held: run r1, process 7")


def test_a_probe_shows_what_it_read_or_why_it_did_not():
    assert told(judge_sample(Sample("app", "", 2.0**20, 3.5))) == ("ok", "memory 1MiB, CPU 3.5s so far")
    assert told(judge_sample(Sample("app", "", None, 3.5))) == ("ok", "CPU 3.5s so far")
    failed = judge_sample(Sample("app", "a:80", error="the page answers with status 404"))
    assert (failed.name, *told(failed)) == ("app a:80", "fail", "the page answers with status 404")


FACTS = BranchFacts("staging", "main", SHA, OTHER, True, (), ())


@pytest.mark.parametrize(
    ("facts", "level", "words"),
    [
        (FACTS, "ok", "2 commits wait"),
        (replace(FACTS, target_sha=SHA), "ok", "already is at"),
        (replace(FACTS, target_is_ancestor=False), "fail", "cannot be fast-forwarded"),
        (replace(FACTS, incomplete=("shallow",)), "fail", "shallow"),
    ],
)
def test_branches_fit_or_the_reason_is_named(facts, level, words):
    found = judge_branches(facts, examine(facts), 2)
    assert found.level.value == level
    assert words in found.seen
    assert bool(found.action) == (level == "fail")


@pytest.mark.parametrize("outcome", [each for each in PushOutcome if each is not PushOutcome.LANDED])
def test_only_a_push_that_would_land_is_fine(outcome):
    found = judge_push(PushReport(outcome, (), "the server said no"), "main")
    assert found.level is not Level.OK
    assert found.action


def test_a_push_without_atomicity_names_the_remedy():
    assert "atomic" in judge_push(PushReport(PushOutcome.NO_ATOMIC, (), "no --atomic"), "main").action
    assert judge_push(PushReport(PushOutcome.LANDED, (), ""), "main").level is Level.OK


SCOPE = Scope(3, 3, 3, None, None, None)


def differing(kind):
    return Difference(kind, "release/x", "The tag is gone.")


@pytest.mark.parametrize(
    ("differences", "level", "words"),
    [
        ((), "ok", "3 promotions"),
        ((differing(Kind.TAG_ORDER),), "warn", "The tag is gone."),
        ((differing(Kind.TAG_MISSING), differing(Kind.TAG_ORDER)), "fail", "And 1 more."),
        ((replace(differing(Kind.TAG_MISSING), is_accepted=True),), "ok", "clean"),
    ],
)
def test_a_trail_with_differences_is_told_by_its_gravest(differences, level, words):
    found = judge_trail(Audit(differences, SCOPE))
    assert found.level.value == level
    assert words in found.seen


def test_a_line_that_people_stopped_is_told_and_no_failure():
    freeze = Control(1, ControlKind.FREEZE, "ada", "2026-11-20T10:00:00Z", "release party")
    now = Standing(freeze)
    stopped = judge_standing(now, [examine_freeze(now)])
    assert (stopped.level, stopped.stops) == (Level.WARN, True)
    assert "release party" in stopped.seen
    assert (judge_standing(Standing(), []).level, judge_standing(Standing(), []).stops) == (Level.OK, False)


def test_a_back_merge_that_waits_is_told_with_both_its_ends():
    begun = Begun("run", "2026-11-20T10:00:00Z", BackMerge(Tip("staging", SHA), Tip("main", OTHER)))
    found = judge_bench(begun, "/srv/backport/tree")
    assert found.level is Level.WARN
    assert found.seen == "main into staging has waited for a person since 2026-11-20T10:00:00Z, in /srv/backport/tree"
    assert "--continue" in found.action
    assert "--abort" in found.action
    assert judge_bench(None, "/srv/backport/tree").level is Level.OK


NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NIGHTLY = Schedule(parse_cron("0 2 * * *"), ZoneInfo("UTC"))


def night(slot, outcome=Outcome.PROMOTED, reason=""):
    return RunSummary(
        *(f"run-{slot}", "key", "promotion", "nightly", "bot", outcome, "code", reason),
        *(SHA, OTHER, None, slot, f"{slot}T02:00:01Z", f"{slot}T03:00:00Z"),
    )


def nights(*slots):
    return [night(slot) for slot in sorted(slots, reverse=True)]


def schedule_of(runs, now=NOW, late=6 * 3600.0):
    return {each.name: each for each in judge_schedule(NIGHTLY, runs, now, late)}


def test_nights_that_all_ran_are_fine_and_the_next_is_told():
    found = schedule_of(nights("2026-11-19", "2026-11-20", "2026-11-21"))
    assert levels(found.values()) == ["ok", "ok", "ok"]
    assert found["next night"].seen == "2026-11-22T02:00:00Z, in 14h"


def test_before_the_first_night_nobody_knows_whether_one_will_come():
    found = schedule_of([])
    assert told(found["last night"]) == ("warn", "no night has run here yet")
    assert "missed" not in found


def test_a_missed_night_is_named_and_those_before_the_first_are_not():
    found = schedule_of(nights("2026-11-17", "2026-11-19", "2026-11-21"))
    assert told(found["missed"]) == ("warn", "no run of 2026-11-18, 2026-11-20")


def test_a_last_night_that_may_still_come_is_told_as_that():
    early = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
    found = schedule_of(nights("2026-11-19", "2026-11-20"), early)
    assert "2026-11-21 was due" in found["missed"].seen
    over = schedule_of(nights("2026-11-19", "2026-11-20"), early + timedelta(hours=8))
    assert told(over["missed"]) == ("warn", "no run of 2026-11-21")


def test_many_missed_nights_are_counted():
    assert "and 7 more" in schedule_of(nights("2026-11-08", "2026-11-21"))["missed"].seen


@pytest.mark.parametrize("outcome", [each for each in Outcome if each not in (Outcome.PROMOTED, Outcome.UP_TO_DATE)])
def test_a_last_night_that_promoted_nothing_says_why(outcome):
    found = schedule_of([night("2026-11-21", outcome, "p95 was 3 s\x1b[2J")])
    assert found["last night"].level is Level.WARN
    assert found["last night"].seen.endswith("p95 was 3 s")
    assert "run-2026-11-21" in found["last night"].action
