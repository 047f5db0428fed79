"""Nights of the real command on a repository that lives on GitHub: git over HTTP, the API beside it, real Locust."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from support.canary import CANARY
from support.commands import here
from support.github import PRIMARY_LIMIT, Hub, fake_github
from support.gitrepos import Repo
from support.httpgit import HttpGit, http_git
from support.night import World, world

VARIABLE = "SHOP_HOST_TOKEN"
MOST_CALLS = 60


@dataclass
class Town:
    """One repository, everything that serves it, and the command that promotes it."""

    night: World
    service: Any
    server: HttpGit
    hub: Hub
    heard: int = 0

    def promote(self, *words: str, code: int) -> Any:
        """One call of the command; what it says as JSON."""
        return self._called(self.night.promote, words, code)

    def here(self, *words: str, code: int) -> Any:
        """The same without a process of its own."""
        return self._called(partial(here, self.night), words, code)

    def _called(self, promote: Callable[..., Any], words: tuple[str, ...], code: int) -> Any:
        self.heard = len(self.hub.requests)
        ended = promote("--json", *words)
        assert ended.code == code, ended.stderr
        assert CANARY not in ended.stdout + ended.stderr
        return ended

    def calls(self) -> int:
        """How many requests the host heard since the last call began; said, so that people see the number."""
        count = len(self.hub.requests) - self.heard
        sys.stdout.write(f"{count} calls\n")
        assert count <= MOST_CALLS
        return count

    def statuses(self, sha: str) -> list[str]:
        return [one["state"] for one in self.hub.statuses if one["sha"] == sha]

    def issues(self) -> list[tuple[str, int]]:
        """Whether each is open, and how many comments it has."""
        comments = [one["issue_url"].rsplit("/", 1)[-1] for one in self.hub.comments]
        return [(one["state"], comments.count(str(one["number"]))) for one in self.hub.issues]


@pytest.fixture
def town(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, CANARY)
    with world(tmp_path) as (night, service):
        repo = Repo(night.remote)
        with fake_github(tmp_path, repo) as hub, http_git(tmp_path, token=hub.token) as server:
            # The same name as that of the API: one token serves both.
            url = server.served(repo).url.replace("127.0.0.1", "localhost")
            night.move_to_github(url, hub, VARIABLE, more='[gate]\nrequired_checks = ["test"]\n')
            hub.add_check(night.tip("staging"), "test")
            yield Town(night, service, server, hub)


def test_a_blocked_night_and_the_promotion_after_it_are_told_on_github(town):
    night, hub = town.night, town.hub
    tip = night.tip("staging")
    town.service.control(delay_ms=3000)

    run = town.here("--now", code=3).json

    assert town.statuses(tip) == ["pending", "failure"]
    assert town.issues() == [("open", 0)]
    assert "p95" in hub.issues[0]["body"]
    assert hub.releases == hub.deployments == []
    assert {one["what"] for one in run["announced"]} == {"status", "issue"}
    assert town.calls() > 0

    town.service.control(delay_ms=0)
    ended = town.promote("--now", code=0)

    run = ended.json
    tag = run["promotion"]["tag"]
    assert night.tip("main") == tip
    assert town.statuses(tip) == ["pending", "failure", "pending", "success", "success"]
    (deployment,) = hub.deployments
    assert (deployment["sha"], deployment["environment"]) == (tip, "production")
    (release,) = hub.releases
    assert (release["tag_name"], release["draft"]) == (tag, False)
    assert {one["name"] for one in release["assets"]} == {"notes.md", "run.json", "report.html"}
    assert hub.asset("notes.md") == (night.last_folder() / "notes.md").read_bytes()
    assert town.issues() == [("closed", 1)]
    assert run["required_checks"] == [
        {"name": "test", "state": "success", "said": "success"}
        | {key: run["required_checks"][0][key] for key in ("at", "url")}
    ]
    assert {"what": "release", "url": release["html_url"], "failure": None} in run["announced"]
    assert night.last_run() == run
    assert town.calls() > 0

    audited = town.here("audit", code=0).json
    assert (audited["looked_at"]["tags"], audited["looked_at"]["releases"]) == (1, 1)
    release["tag_name"] = "release/20261120-020000"
    audited = town.here("audit", code=6).json
    assert [each["code"] for each in audited["differences"]] == ["release-orphan"]


def test_a_required_check_that_failed_blocks_before_any_load(town):
    night, hub = town.night, town.hub
    tip, before = night.tip("staging"), night.refs()
    hub.add_check(tip, "test", "failure")

    run = town.here("--now", code=3).json

    assert run["reason_code"] == "checks-failed"
    assert "test is failure" in run["reason"]
    assert night.refs() == before
    assert not list(night.last_folder().glob("*.hlog"))
    assert town.statuses(tip)[-1] == "failure"


def test_a_github_that_fails_after_the_push_is_told_later_by_resume(town):
    night, hub = town.night, town.hub
    tip, repo = night.tip("staging"), Repo(night.remote)
    outage = hub.fail(lambda _method, _path: repo.sha("refs/heads/main") == tip, PRIMARY_LIMIT, times=1000)

    ended = town.promote("--now", code=0)

    assert ended.json["outcome"] == "promoted"
    assert "Not said on GitHub" in ended.stderr
    assert "promote run --resume" in ended.stderr
    assert town.statuses(tip) == ["pending", "success"]
    assert hub.releases == []

    again = town.here("run", "--resume", code=1)
    assert again.json["reason_code"] == "host-limited"

    outage.times = 0
    resumed = town.promote("run", "--resume", code=0).json

    assert (resumed["outcome"], resumed["reason_code"]) == ("up-to-date", "resumed")
    (release,) = hub.releases
    assert release["tag_name"] == ended.json["promotion"]["tag"]
    assert len(hub.deployments) == 1
    assert town.calls() > 0
    # Once is enough: there is nothing left to say.
    assert "nothing was left" in town.here("run", "--resume", code=0).json["reason"]
    assert town.calls() == 0
