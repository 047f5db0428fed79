"""`promote notes`: the very notes of a promotion for its range, and notes of any other range."""

import json

import pytest
from support.commands import call, copy_of
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
