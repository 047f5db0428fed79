"""The real command against a GitHub that others wrote, with a real git remote over HTTP beside it.

That GitHub has no statuses, deployments and GraphQL: what cannot be said there is told, and changes nothing else.
"""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests
from support.canary import CANARY
from support.commands import here
from support.emulate import Emulated, emulated_github, needs_emulate
from support.gitrepos import Repo
from support.httpgit import http_git
from support.night import World, git, world

pytestmark = needs_emulate
VARIABLE = "SHOP_HOST_TOKEN"
_UNTIL_S = 60


@dataclass
class Elsewhere:
    """The emulated API, and the repository whose objects it is given."""

    place: Emulated
    night: World

    def __call__(self, method, path, body=None):
        url = f"{self.place.api_url}/repos/{self.place.full_name}{path}"
        answer = requests.request(method, url, json=body, headers={"Authorization": f"Bearer {CANARY}"}, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def learn(self, sha: str) -> None:
        """Give it that commit, whose parents it has; its ids are those of git."""
        fields = git(
            "log", "-1", "--format=%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B", sha, cwd=self.night.remote
        )
        parents, name, email, at, by, their, then, message = fields.split("\0")
        tree = self("POST", "/git/trees", {"tree": []})
        assert tree["sha"] == git("rev-parse", f"{sha}^{{tree}}", cwd=self.night.remote)
        body = {"message": message, "tree": tree["sha"], "parents": parents.split()}
        author, committer = {"name": name, "email": email, "date": at}, {"name": by, "email": their, "date": then}
        made = self("POST", "/git/commits", {**body, "author": author, "committer": committer})
        assert made["sha"] == sha

    def mirror_tags(self, stop: threading.Event) -> None:
        """What GitHub would see by itself: the release tags of the git remote."""
        known = set[str]()
        while not stop.wait(0.05):
            for ref in {ref for ref in self.night.refs() if ref.startswith("refs/tags/")} - known:
                commit = git("rev-parse", f"{ref}^{{commit}}", cwd=self.night.remote)
                self("POST", "/git/refs", {"ref": ref, "sha": commit})
                known.add(ref)


@contextlib.contextmanager
def mirrored(elsewhere: Elsewhere) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=elsewhere.mirror_tags, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_UNTIL_S)


@pytest.fixture
def town(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, CANARY)
    with world(tmp_path) as (night, service), emulated_github({}) as place, http_git(tmp_path, token=CANARY) as server:
        repo = Repo(night.remote)
        url = server.served(repo).url.replace("127.0.0.1", "localhost")
        night.move_to_github(url, place, VARIABLE)
        elsewhere = Elsewhere(place, night)
        for sha in git("rev-list", "--reverse", "refs/heads/staging", cwd=night.remote).splitlines():
            elsewhere.learn(sha)
        with mirrored(elsewhere):
            yield night, service, elsewhere


def test_a_blocked_night_opens_an_issue_and_a_promoted_one_closes_it_and_publishes_its_release(town):
    night, service, elsewhere = town
    tip = night.tip("staging")
    service.control(delay_ms=3000)
    blocked = here(night, "--json", "--now")
    assert blocked.code == 3, blocked.stderr
    (issue,) = elsewhere("GET", "/issues?state=open")
    assert "p95" in issue["body"]
    assert "Not said on GitHub: status" in blocked.stderr

    service.control(delay_ms=0)
    promoted = night.promote("--json", "--now")

    assert promoted.code == 0, promoted.stderr
    run = promoted.json
    assert (run["outcome"], night.tip("main")) == ("promoted", tip)
    (release,) = elsewhere("GET", "/releases")
    assert (release["tag_name"], release["draft"]) == (run["promotion"]["tag"], False)
    assert {one["name"] for one in release["assets"]} == {"notes.md", "run.json", "report.html"}
    assert elsewhere("GET", "/issues?state=open") == []
    said = {one["what"] for one in run["announced"] if one["failure"] is None}
    assert said == {"release", "issue"}
    assert {one["what"] for one in run["announced"]} - said == {"status", "deployment"}
