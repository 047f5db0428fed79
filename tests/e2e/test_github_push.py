"""The real command that writes through GitHub's API: git only reads, and nothing is pushed."""

import pytest
from support.canary import CANARY
from support.github import fake_github
from support.gitrepos import Repo
from support.httpgit import http_git
from support.night import world

VARIABLE = "SHOP_HOST_TOKEN"


@pytest.fixture
def town(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, CANARY)
    with world(tmp_path) as (night, _):
        repo = Repo(night.remote)
        with fake_github(tmp_path, repo) as hub, http_git(tmp_path, token=hub.token) as server:
            url = server.served(repo).url.replace("127.0.0.1", "localhost")
            night.move_to_github(url, hub, VARIABLE, repository='transport = "api"\n')
            yield night, hub, server


def test_a_night_and_a_freeze_are_written_through_the_api(town):
    night, hub, server = town
    tip = night.tip("staging")

    ended = night.promote("--json", "--now")

    assert ended.code == 0, ended.stderr
    assert ended.json["outcome"] == "promoted"
    assert night.tip("main") == tip
    assert [one["tag_name"] for one in hub.releases] == [ended.json["promotion"]["tag"]]
    assert len(hub.requests) <= 60

    frozen = night.promote("--json", "freeze", "--reason", "release weekend")

    assert frozen.code == 0, frozen.stderr
    assert frozen.json["outcome"] == "written"
    assert night.promote("--json", "audit").code == 0
    assert not any("git-receive-pack" in path for path in server.requests)
    assert sum(one.path == "/graphql" and one.is_write for one in hub.requests) >= 2
