"""What stands beside the candidate: one status that rules may demand, and one page for each run of an App."""

import pytest
from support.github import ERROR, LOST, stale
from support.githubhost import blocked, staged

from bot.core.hosting import Light
from bot.errors import BotError


@pytest.fixture
def stage(tmp_path, monkeypatch):
    with staged(tmp_path, monkeypatch) as stage:
        yield stage


@pytest.fixture
def app(tmp_path, monkeypatch):
    with staged(tmp_path, monkeypatch, is_app=True) as stage:
        yield stage


def shown(stage):
    return [(one["context"], one["state"], one["description"]) for one in stage.hub.statuses]


def test_a_status_says_how_the_candidate_stands(stage):
    (url,) = stage.say(stage.mark(Light.FAILURE, line="p95 1.7 s > 1.5 s"))
    (status,) = stage.hub.statuses
    assert status["sha"] == stage.sha
    assert shown(stage) == [("promote/slo", "failure", "p95 1.7 s > 1.5 s")]
    assert status["target_url"] == "https://ci.example/1"
    assert url == f"{stage.hub.web_url}/{stage.hub.full_name}/commit/{stage.sha}"
    assert stage.hub.check_runs == []


@pytest.mark.parametrize("light", Light)
def test_every_light_is_one_that_github_has(stage, light):
    stage.say(stage.mark(light, url=None))
    assert shown(stage) == [("promote/slo", light.value, "passed")]


@pytest.mark.parametrize("light", Light)
def test_without_a_page_of_the_run_what_is_bad_leads_to_the_issue_about_it(stage, light):
    stage.say(stage.mark(light, url=None), blocked())
    (status,) = stage.hub.statuses
    bad = light in (Light.FAILURE, Light.ERROR)
    issues = f"{stage.hub.web_url}/{stage.hub.full_name}/issues?q=is%3Aissue+is%3Aopen+label%3Apromotion-blocked"
    assert status["target_url"] == (issues if bad else None)
    assert [label["name"] for label in stage.hub.issues[0]["labels"]] == ["promotion-blocked"]


def test_the_same_word_is_not_said_again(stage):
    stage.say(stage.mark(), stage.mark())
    stage.say(stage.mark())
    assert len(stage.hub.statuses) == 1


def test_another_word_is_said_also_when_it_was_said_earlier(stage):
    lights = [Light.PENDING, Light.SUCCESS, Light.PENDING, Light.PENDING]
    stage.say(*map(stage.mark, lights))
    assert [state for _, state, _ in shown(stage)] == ["pending", "success", "pending"]


def test_what_reads_still_show_from_before_does_not_pass_for_what_stands_there(stage):
    stage.say(stage.mark(Light.SUCCESS))
    stage.hub.fail("POST */statuses/*", stale(5))
    stage.say(stage.mark(Light.FAILURE), stage.mark(Light.SUCCESS))
    assert [state for _, state, _ in shown(stage)] == ["success", "failure", "success"]


def test_the_word_of_others_is_not_ours(stage):
    stage.hub.add_status(stage.sha, "ci", "success", "passed")
    stage.say(stage.mark(url=None))
    assert len(stage.hub.statuses) == 2


def test_a_lost_answer_is_settled_by_looking(stage):
    stage.hub.fail("POST */statuses/*", LOST)
    stage.say(stage.mark())
    assert len(stage.hub.statuses) == 1


def test_a_long_line_is_cut_to_what_github_takes(stage):
    stage.say(stage.mark(line="é" * 300))
    assert shown(stage)[0][2] == "é" * 139 + "…"
    stage.say(stage.mark(line="é" * 300))
    assert len(stage.hub.statuses) == 1


def test_an_app_shows_a_page_as_well_under_another_name(app):
    (url,) = app.say(app.mark())
    (run,) = app.hub.check_runs
    assert url == run["html_url"]
    assert run["name"] == "promote/slo report"
    assert run["head_sha"] == app.sha
    assert (run["status"], run["conclusion"]) == ("completed", "success")
    assert run["output"]["summary"] == "| a table |\n"
    assert len(app.hub.statuses) == 1


def test_an_app_that_was_not_granted_pages_shows_the_status_alone(app):
    app.hub.app_permissions.pop("checks")
    app.say(app.mark())
    assert len(app.hub.statuses) == 1
    assert app.hub.check_runs == []


def test_a_page_that_cannot_be_shown_does_not_keep_back_the_status(app):
    app.hub.fail("POST */check-runs", ERROR, times=9)
    with pytest.raises(BotError):
        app.say(app.mark())
    assert len(app.hub.statuses) == 1


def test_the_page_of_a_run_is_one_from_beginning_to_end(app):
    app.say(app.mark(Light.PENDING, title="Under test"))
    assert app.hub.check_runs[0]["status"] == "in_progress"
    app.say(app.mark(Light.FAILURE, title="Blocked", page="another table"))
    app.say(app.mark(Light.FAILURE, title="Blocked", page="another table"))
    (run,) = app.hub.check_runs
    assert (run["conclusion"], run["output"]["title"]) == ("failure", "Blocked")
    assert len(app.of("PATCH", "/check-runs/{check_run_id}")) == 1


def test_another_run_on_the_same_commit_has_its_own_page(app):
    app.say(app.mark(), app.mark(run_id="another"))
    assert len(app.hub.check_runs) == 2


@pytest.mark.parametrize("light", [Light.FAILURE, Light.ERROR])
def test_what_is_no_pass_never_counts_as_one(app, light):
    app.say(app.mark(light))
    assert app.hub.check_runs[0]["conclusion"] == "failure"


def test_reads_that_lag_make_no_second_page_of_a_short_run(app):
    app.hub.fail("POST */check-runs", stale(5))
    app.say(app.mark(Light.PENDING), app.mark(Light.SUCCESS))
    assert len(app.hub.check_runs) == 1
    assert app.hub.check_runs[0]["conclusion"] == "success"


@pytest.mark.parametrize("path", ["POST */check-runs", "PATCH */check-runs/*"])
def test_a_lost_answer_about_the_page_is_settled_by_looking(app, path):
    app.hub.fail(path, LOST)
    app.say(app.mark(Light.PENDING), app.mark(Light.SUCCESS))
    app.say(app.mark(Light.SUCCESS))
    assert len(app.hub.check_runs) == 1
    assert len(app.of("PATCH", "/check-runs/{check_run_id}")) == 1


def test_a_long_page_ends_after_a_whole_line_within_the_bytes_that_github_takes(app):
    app.say(app.mark(page="| é | ü |\n" * 20_000))
    summary = app.hub.check_runs[0]["output"]["summary"]
    assert 65_000 < len(summary.encode()) <= 65_535
    assert summary.endswith("| é | ü |\n\n…")
