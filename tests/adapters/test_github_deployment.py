"""Deployments: one for each run, with one success."""

import pytest
from support.github import LOST, stale
from support.githubhost import RUN, TAG, staged


@pytest.fixture
def stage(tmp_path, monkeypatch):
    with staged(tmp_path, monkeypatch) as stage:
        yield stage


def test_a_deployment_names_the_commit_the_run_and_the_tag(stage):
    (url,) = stage.say(stage.deployed())
    (deployment,) = stage.hub.deployments
    (status,) = stage.hub.deployment_statuses
    assert deployment["sha"] == stage.sha
    assert deployment["payload"] == {"run_id": RUN, "tag": TAG}
    assert deployment["production_environment"] is True
    assert status["state"] == "success"
    assert url == f"{stage.hub.web_url}/{stage.hub.full_name}/deployments/production"


def test_nothing_is_merged_and_no_check_awaited_for_it(stage):
    stage.say(stage.deployed())
    (asked,) = stage.of("POST", "/deployments")
    assert asked.body["auto_merge"] is False
    assert asked.body["required_contexts"] == []


def test_saying_it_again_writes_nothing(stage):
    stage.say(stage.deployed())
    before = len(stage.hub.writes)
    stage.say(stage.deployed())
    assert len(stage.hub.writes) == before


def test_another_run_and_another_environment_have_their_own(stage):
    stage.say(stage.deployed(), stage.deployed(run_id="another"), stage.deployed(environment="a/b c"))
    assert len(stage.hub.deployments) == 3
    assert [one["production_environment"] for one in stage.hub.deployments] == [True, True, False]


@pytest.mark.parametrize("fault", [LOST, stale(5)], ids=str)
@pytest.mark.parametrize("path", ["POST */deployments", "POST */deployments/*/statuses"])
def test_a_lost_answer_and_a_late_read_make_no_second_one(stage, path, fault):
    stage.hub.fail(path, fault)
    host = stage.host()
    host.announce(stage.deployed(), stage.folder)
    host.announce(stage.deployed(), stage.folder)
    stage.say(stage.deployed())
    assert len(stage.hub.deployments) == 1
    assert len(stage.hub.deployment_statuses) == 1


def test_a_payload_that_is_text_is_read_as_well(stage):
    stage.say(stage.deployed())
    stage.hub.deployments[0]["payload"] = '{"run_id": "' + RUN + '"}'
    stage.hub.deployments.insert(0, {**stage.hub.deployments[0], "id": 1, "payload": "{not JSON"})
    stage.say(stage.deployed())
    assert len(stage.of("POST", "/deployments")) == 1


def test_one_that_is_told_of_after_a_newer_one_is_not_active(stage):
    stage.say(stage.deployed(current=False))
    stage.say(stage.deployed(current=False))
    assert [one["state"] for one in stage.hub.deployment_statuses] == ["success", "inactive"]


def test_one_that_is_told_of_late_does_not_pass_for_what_runs_there(stage):
    stage.say(stage.deployed(run_id="the newer one"))
    stage.say(stage.deployed(current=False))
    stage.say(stage.deployed(current=False))
    newer, *late = stage.hub.deployment_statuses
    assert newer["state"] == "success"
    assert [status["state"] for status in late] == ["success", "inactive"]
    asked = stage.of("POST", "/deployments/{deployment_id}/statuses")
    assert [each.body["auto_inactive"] for each in asked] == [True, False, False]
