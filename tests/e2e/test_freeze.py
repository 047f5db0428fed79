"""A freeze, end to end: two installations with the real command, a real remote, and one of them under load."""

import json
from pathlib import Path

import pytest
from support.commands import call, here
from support.night import git, world


@pytest.fixture
def staging(tmp_path):
    with world(tmp_path) as made:
        yield made


def another(night) -> Path:
    """The configuration of a second installation on the same remote, with a state of its own."""
    config = night.folder / "bob.toml"
    config.write_text(night.config.read_text().replace(str(night.state), str(night.folder / "bob")))
    return config


def events(night):
    content = git("show", "refs/notes/promotions:control.ndjson", cwd=night.remote)
    return [json.loads(line) for line in content.splitlines()]


def test_a_freeze_while_a_promotion_is_being_pushed_keeps_it_out_whole(staging):
    night, _ = staging
    before = {name: sha for name, sha in night.refs().items() if name != "refs/notes/promotions"}
    held = night.hold_pushes_to_main()
    started = night.start("--now", "--json")
    started.wait_for(held.exists)

    frozen = night.promote("freeze", "--reason", "release weekend", config=another(night))
    assert frozen.code == 0, frozen.stderr
    night.let_pushes_go()

    ended = started.finish()
    assert ended.code == 6, ended.stderr
    assert (ended.json["outcome"], ended.json["reason_code"]) == ("refused", "frozen")
    assert ended.json["verdict"]["result"] == "pass"
    assert "release weekend" in ended.json["reason"]
    assert {name: sha for name, sha in night.refs().items() if name != "refs/notes/promotions"} == before
    assert [event["kind"] for event in events(night)] == ["freeze"]


def test_a_frozen_line_is_overridden_with_a_reason_that_the_ledger_keeps(staging):
    night, _ = staging
    tested = night.tip("staging")
    assert call("--config", another(night), "freeze", "--reason", "release weekend", "--until", "2d").code == 0
    assert here(night, "--now").code == 6
    assert here(night, "status", "--json").json["freeze"]["reason"] == "release weekend"

    ended = night.promote("--now", "--override", "--reason", "must ship", "--json")

    assert ended.code == 0, ended.stderr
    assert ended.json["justification"] == "must ship"
    assert night.tip("main") == tested
    entry = json.loads(git("notes", "--ref=promotions", "show", tested, cwd=night.remote))
    assert (entry["sha"], entry["reason"]) == (tested, "must ship")
    assert '"reason": "must ship"' in git("log", "-1", "--notes=promotions", "main", cwd=night.remote)
    assert [event["kind"] for event in events(night)] == ["freeze"]
    assert "goes past it: must ship" in ended.stderr
