"""One fake GitHub with a clock that stands still, and somebody who asks it with a sufficient token."""

import time

import pytest
from support.github import fake_github
from support.github.asking import Asker
from support.gitrepos import make_remote


@pytest.fixture
def remote(tmp_path):
    return make_remote(tmp_path / "remote.git")


@pytest.fixture
def now():
    return [time.time()]


@pytest.fixture
def hub(tmp_path, remote, now):
    with fake_github(tmp_path, remote, now=lambda: now[0]) as hub:
        yield hub


@pytest.fixture
def ask(hub):
    return Asker(hub.api_url, hub.token)


@pytest.fixture
def repo(hub):
    return f"/repos/{hub.full_name}"


@pytest.fixture
def tip(remote):
    return remote.sha("refs/heads/staging")
