"""The real command on a remote behind HTTP: promoted by a token that is found nowhere afterwards."""

from pathlib import Path

import pytest
from support.gitrepos import Repo
from support.httpgit import TOKEN, Trouble, about_pushes, http_git
from support.night import world

VARIABLE = "SHOP_PUSH_TOKEN"


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A world whose configuration names an HTTP remote, the variable of its token, and a cache without contents."""
    monkeypatch.setenv(VARIABLE, TOKEN)
    with world(tmp_path) as (made, _), http_git(tmp_path) as server:
        served = server.served(Repo(made.remote))
        served.config("uploadpack.allowFilter", "true")
        keys = f'remote = "{served.url}"\ntoken_env = "{VARIABLE}"\ncache = "blobless"'
        made.config.write_text(made.config.read_text().replace(f'remote = "{made.remote}"', keys))
        yield made, server


def places_of(token, folder: Path):
    files = (path for path in folder.rglob("*") if path.is_file() and ".git/objects" not in str(path))
    return [path for path in files if token.encode() in path.read_bytes()]


def test_a_night_over_http_lands_and_keeps_its_token_to_itself(shop):
    made, server = shop
    tip = made.tip("staging")

    ended = made.promote("--verbose", "--now")

    assert ended.code == 0, ended.stderr
    assert made.tip("main") == tip
    assert server.unauthorized > 0
    assert TOKEN not in ended.stdout + ended.stderr
    assert places_of(TOKEN, made.state) == []


def test_a_token_that_is_refused_ends_the_night_with_what_to_do(shop):
    made, server = shop
    before = made.refs()
    server.trouble = Trouble(on=about_pushes, status=401, words=f"bad token {TOKEN}")

    ended = made.promote("--now", "--json")

    assert ended.code == 1, ended.stderr
    assert ended.json["reason_code"] == "bad-credentials"
    assert "token_env" in ended.json["action"]
    assert made.refs() == before
    assert TOKEN not in ended.stdout + ended.stderr
    assert places_of(TOKEN, made.state) == []
