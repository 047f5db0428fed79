"""`promote notes`: the very notes of a promotion for its range, and notes of any other range."""

import json

import pytest
from support.canary import CANARY
from support.commands import call, copy_of
from support.github import fake_github
from support.gitrepos import Repo
from support.night import git


@pytest.fixture
def notes(promoted):
    return lambda *args: call("--config", promoted.config, "notes", *args)


def run_of(promoted):
    return json.loads((promoted.last_folder() / "run.json").read_text())


def test_the_promoted_range_gives_the_bytes_of_its_notes(notes, promoted):
    run = run_of(promoted)
    base, sha = run["candidate"]["base_sha"], run["candidate"]["sha"]
    written = (promoted.last_folder() / "notes.md").read_text()
    for span in (f"{base}..{sha}", f"{base[:9]}..{run['promotion']['tag']}", f"{base}...{sha}", f"{base}.."):
        ended = notes(span)
        assert ended.code == 0, ended.stderr
        assert ended.stdout == written, span


def test_by_default_it_is_what_came_since_the_last_release(promoted, tmp_path):
    remote = tmp_path / "remote.git"
    git("clone", "--quiet", "--mirror", promoted.remote, remote)
    config = copy_of(promoted, tmp_path)
    config.write_text(config.read_text().replace(str(promoted.remote), str(remote)))
    assert "No changes." in call("--config", config, "notes").stdout
    tip = git("commit-tree", "-p", "staging", "-m", "fix(cart): count in cents (#9)", "staging^{tree}", cwd=remote)
    git("update-ref", "refs/heads/staging", tip, cwd=remote)

    ended = call("--config", config, "notes")

    assert ended.code == 0
    assert "count in cents" in ended.stdout
    assert "answer faster" not in ended.stdout


def test_json_carries_the_same_words(notes, promoted):
    run = run_of(promoted)
    span = f"{run['candidate']['base_sha']}..{run['candidate']['sha']}"
    document = notes(span, "--json").json
    assert document["markdown"] == (promoted.last_folder() / "notes.md").read_text()
    assert (document["base"], document["tip"]) == (run["candidate"]["base_sha"], run["candidate"]["sha"])
    assert document["title"] == run["notes_title"]


def test_another_range_has_a_title_of_its_own(notes, promoted):
    tag = run_of(promoted)["promotion"]["tag"]
    assert notes(f"{tag}..staging", "--json").json["title"] == f"Changes from {tag} to staging"


@pytest.mark.parametrize(
    ("span", "named"),
    [
        ("nothing..staging", ["'nothing'"]),
        ("main..nothing", ["'nothing'"]),
        ("no..such", ["'no'", "'such'"]),
        ("--upload-pack=x..main", ["'--upload-pack=x'"]),
    ],
)
def test_unknown_names_are_wrong_usage_and_all_named(notes, span, named):
    ended = notes("--", span)
    assert ended.code == 2
    assert ended.stdout == ""
    for words in named:
        assert words in ended.stderr


@pytest.fixture
def on_github(promoted, tmp_path, monkeypatch):
    """A copy of that world whose repository is on GitHub, with a rebase merge that is not promoted yet."""
    remote = tmp_path / "remote.git"
    git("clone", "--quiet", "--mirror", promoted.remote, remote)
    sha = Repo(remote).commit("staging", "wip")
    monkeypatch.setenv("SHOP_TOKEN", CANARY)
    with fake_github(tmp_path, Repo(remote)) as hub:
        hub.add_pull(9, "fix(cart): count in cents", labels=("cart",), author="ada-l", brought=(sha,), merge_commit=sha)
        config = copy_of(promoted, tmp_path)
        host = f"""
[host]
kind = "github"
api_url = "{hub.api_url}"
repository = "acme/shop"
token_env = "SHOP_TOKEN"

[notes]
categories = {{ "The cart" = ["cart"] }}
"""
        config.write_text(config.read_text().replace(str(promoted.remote), str(remote)) + host)
        yield config, hub


def test_a_host_is_asked_unless_it_shall_not_be(on_github):
    config, hub = on_github
    rich = call("--config", config, "notes")
    assert rich.code == 0, rich.stderr
    assert "## The cart\n\n- **cart:** count in cents (#9, " in rich.stdout
    assert "by ada-l (Ada Lovelace)" in rich.stdout
    asked = len(hub.requests)

    offline = call("--config", config, "notes", "--offline")

    assert offline.code == 0, offline.stderr
    assert "- wip (`" in offline.stdout
    assert len(hub.requests) == asked


def test_a_host_that_cannot_be_asked_is_told_of_beside_the_notes(on_github, monkeypatch):
    config, _ = on_github
    offline = call("--config", config, "notes", "--offline")
    monkeypatch.delenv("SHOP_TOKEN")
    without = call("--config", config, "notes")

    assert (without.code, without.stdout) == (0, offline.stdout)
    assert "SHOP_TOKEN" in without.stderr
