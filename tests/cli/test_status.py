"""`promote status`: branches, lag, the last run, and since when promotion is blocked."""

import json
from dataclasses import replace

import pytest
from support import records
from support.commands import call
from support.gitrepos import make_remote
from support.installation import Installation

from bot.cli.status import _line
from bot.core.selectors import summary_of


@pytest.fixture
def remote(tmp_path):
    return make_remote(tmp_path / "remote.git")


@pytest.fixture
def shop(tmp_path, remote):
    made = Installation(tmp_path)
    made.config.write_text(made.config.read_text().replace("https://git.example/acme/shop.git", str(remote.path)))
    return made


def of_this_repository(shop, record):
    repository = replace(record.repository, remote=shop.settings.repository.remote)
    return replace(record, repository=repository)


def test_what_waits_and_how_long_it_has_waited(shop, remote):
    document = call("--config", shop.config, "status", "--json").json
    assert document["source"] == {"branch": "staging", "sha": remote.sha("refs/heads/staging")}
    assert document["target"] == {"branch": "main", "sha": remote.sha("refs/heads/main")}
    assert document["lag"]["commits"] == 3
    assert document["lag"]["hours"] > 24  # the commits are of 2023
    assert (document["promotable"], document["reason"], document["blocked_since"]) == (True, "", None)
    assert document["last_run"] is document["last_promotion"] is None


def test_a_bad_run_says_since_when_it_is_blocked(shop):
    bad = of_this_repository(shop, records.blocked_slow())
    earlier = replace(bad, run_id="20261120-020000-0001", started_at="2026-11-20T02:00:00Z", slot="2026-11-20")
    shop.remember(earlier, bad)
    document = call("--config", shop.config, "status", "--json").json
    assert document["blocked_since"] == "2026-11-20T02:00:00Z"
    assert document["last_run"]["run_id"] == bad.run_id
    assert document["last_promotion"] is None
    shown = call("--config", shop.config, "status").stdout
    assert ["blocked", "since", "2026-11-20T02:00:00Z"] in [row.split() for row in shown.splitlines()]


def test_a_terminal_gets_one_line_each(shop, remote):
    remote.set("refs/heads/staging", remote.sha("refs/heads/main"))
    shown = call("--config", shop.config, "status").stdout
    for words in ("staging", "main", "0 commits, 0.0 hours", "main already is at", "not blocked", "none"):
        assert words in shown
    assert shown.count(remote.sha("refs/heads/main")[:12]) == 3


def test_main_with_commits_of_its_own_is_not_promotable(shop, remote):
    stray = remote.commit("main", "fix: straight onto main")
    document = call("--config", shop.config, "status", "--json").json
    assert document["promotable"] is False
    assert stray[:12] in document["reason"]


def test_a_promotion_is_the_last_run_and_the_last_promotion(promoted):
    ended = call("--config", promoted.config, "status", "--json")
    run = json.loads((promoted.last_folder() / "run.json").read_text())
    assert ended.json["last_run"]["run_id"] == ended.json["last_promotion"]["run_id"] == run["run_id"]
    assert ended.json["lag"] == {"commits": 0, "hours": 0.0}


def test_without_any_history_the_ledger_still_tells_the_last_promotion(copied, promoted):
    state = copied.parent / "state"
    (state / "history.sqlite3").unlink()
    (state / "runs").rename(state / "gone")
    run = json.loads((promoted.last_folder() / "run.json").read_text())
    last = call("--config", copied, "status", "--json").json["last_promotion"]
    assert (last["tag"], last["source"]) == (run["promotion"]["tag"], "ledger")


def test_a_ledger_that_nobody_understands_is_named_below_what_can_be_shown(shop, remote):
    remote.set("refs/heads/staging", remote.git("rev-parse", "staging~2"))
    remote.set("refs/notes/promotions", remote.commit("strange", "no note", files={"strange.txt": "x\n"}))
    ended, asked = (call("--config", shop.config, "status", *words) for words in ([], ["--json"]))
    assert (ended.code, asked.code) == (6, 6)
    rows = [row.split() for row in ended.stdout.splitlines()]
    assert ["main", remote.sha("refs/heads/main")[:12]] in rows
    assert ["freeze", "unknown"] in rows
    assert "1 commit, " in ended.stdout
    assert "[ledger-broken]" in ended.stderr
    assert (asked.json["lag"]["commits"], asked.json["freeze"], asked.json["quarantine"]) == (1, None, None)
    assert asked.json["error"]["reason_code"] == "ledger-broken"


@pytest.mark.parametrize(
    ("record", "shown"),
    [
        (records.promoted(), f"20261121-020000-7d3f0c41  promoted  {records.TAG}  2026-11-21T02:00:00Z"),
        (records.backported(), "20261121-020000-7d3f0c41  backport promoted  2026-11-21T02:00:00Z"),
        (records.error(), "20261121-020000-7d3f0c41  error  remote-unreachable  2026-11-21T02:00:00Z"),
    ],
)
def test_a_run_is_one_line_without_a_word_twice(record, shown):
    assert _line(summary_of(record)) == shown


def test_a_remote_that_is_gone_is_an_operational_failure(shop, remote):
    remote.path.rename(remote.path.with_name("gone.git"))
    ended = call("--config", shop.config, "status")
    assert ended.code == 1
    assert "remote-unreachable" in ended.stderr
