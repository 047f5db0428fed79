"""A GitHubHost on the fake GitHub, with one clock for both; any number of bots, each as if it had just been started."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from support.github import TokenKind, fake_github
from support.gitrepos import Repo, make_remote
from support.scripted import HandClock

from bot.adapters.github.app import App, AppLogin
from bot.adapters.github.client import Client
from bot.adapters.github.host import GitHubHost
from bot.adapters.github.limits import Limits
from bot.adapters.github.login import TokenLogin
from bot.adapters.probes.bearer import Bearer
from bot.core.hosting import Asset, Blocked, Deployed, Light, Mark, Publication, Unblocked

RUN = "20261121T020000Z-a1b2c3"
TAG = "release/20261121-020000"
ASSETS = (
    Asset("run.json", "application/json"),
    Asset("report.html", "text/html"),
    Asset("notes.md", "text/markdown"),
)


@dataclass
class Stage:
    """The fake, its remote, the shared clock, a run's folder, and what stands in for the environment."""

    hub: object
    remote: Repo
    clock: HandClock
    folder: Path
    monkeypatch: object
    is_app: bool = False

    def __post_init__(self):
        self.sha = self.remote.sha("refs/heads/staging")
        self.last = None

    def host(self, **limits):
        """A bot that was started just now, and knows nothing of earlier ones."""
        known = Limits(**limits)
        self.last = Client(self._login(known), self.hub.api_url, self.hub.full_name, self.clock, known)
        return GitHubHost(self.last, "production", ("staging", "main"))

    def say(self, *what):
        """One bot says all of it; where each can be seen."""
        host = self.host()
        return [host.announce(each, self.folder) for each in what]

    def _login(self, limits):
        if not self.is_app:
            self.monkeypatch.setenv("SHOP_TOKEN", self.hub.token)
            return TokenLogin(Bearer("SHOP_TOKEN"))
        self.monkeypatch.setenv("SHOP_KEY", self.hub.app_key)
        app = App(self.hub.app_id, variable="SHOP_KEY")
        return AppLogin(app, self.hub.api_url, self.hub.full_name, self.clock, limits)

    def push_tag(self, tag=TAG, sha=None):
        """What the promotion's push leaves: an annotated tag."""
        return self.remote.tag(tag, sha or self.sha)

    def mark(self, light=Light.SUCCESS, **more):
        known = {"line": "passed", "title": "Passed", "page": "| a table |\n", "url": "https://ci.example/1"}
        return Mark(self.sha, light, **{**known, "run_id": RUN, **more})

    def deployed(self, **more):
        return Deployed(
            **{"sha": self.sha, "tag": TAG, "environment": "production", "line": "released", "run_id": RUN, **more}
        )

    def publication(self, **more):
        known = {"tag": TAG, "sha": self.sha, "title": "Nightly Release: 2026-11-21", "body": "## Features\n\n- a\n"}
        return Publication(**{**known, "assets": ASSETS, "latest": True, "run_id": RUN, **more})

    def of(self, method, template):
        """The requests of that kind that were heard."""
        return [one for one in self.hub.requests if one.method == method and one.operation.endswith(template)]


@contextlib.contextmanager
def staged(tmp_path, monkeypatch, *, is_app=False, **settings):
    """A hub whose clock is the one that the bots sleep by."""
    remote = make_remote(tmp_path / "remote.git")
    clock = HandClock()
    folder = tmp_path / "run"
    folder.mkdir()
    for asset in ASSETS:
        (folder / asset.name).write_text(f"the content of {asset.name}\n")
    kind = TokenKind.FINE_GRAINED
    with fake_github(tmp_path, remote, kind=kind, now=lambda: clock.now().timestamp(), **settings) as hub:
        yield Stage(hub, remote, clock, folder, monkeypatch, is_app=is_app)


def blocked(cause="p95 of load-1k", **more):
    known = {"branch": "main", "title": "main is blocked", "body": "Night 1\n", "comment": f"now it is {cause}"}
    return Blocked(cause=cause, **{**known, "run_id": RUN, **more})


def unblocked(**more):
    return Unblocked(**{"branch": "main", "comment": "Promoted.", "run_id": RUN, **more})
