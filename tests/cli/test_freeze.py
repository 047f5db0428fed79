"""`promote freeze`, `unfreeze` and `quarantine`, and what `status` says of them."""

import json
from datetime import UTC, datetime

import pytest
from support.commands import call
from support.gitrepos import make_remote
from support.installation import Installation
from support.stopping import told

from bot.adapters.lock import FileLock
from bot.core.moments import iso, parse_iso

LEDGER = "refs/notes/promotions"


@pytest.fixture
def remote(tmp_path):
    return make_remote(tmp_path / "remote.git")


@pytest.fixture(autouse=True)
def _bob(monkeypatch):
    monkeypatch.setenv("PROMOTE_ACTOR", "bob")


@pytest.fixture
def promote(tmp_path, remote):
    """`promote ARGS` in one installation on that remote."""
    made = Installation(tmp_path)
    made.config.write_text(made.config.read_text().replace("https://git.example/acme/shop.git", remote.url))
    return lambda *args: call("--config", made.config, *args)


def rows(shown):
    return [" ".join(row.split()) for row in shown.stdout.splitlines()]


def test_a_freeze_says_what_holds_now_and_twice_that_there_is_nothing_to_do(promote, remote):
    first = promote("freeze", "--reason", "release weekend", "--until", "36h")
    assert first.code == 0, first.stderr
    assert first.stdout.startswith("Promotions are frozen by bob since 2")
    assert first.stdout.endswith(": release weekend.\n")
    (event,) = told(remote)
    assert abs((parse_iso(event.until) - parse_iso(event.at)).total_seconds() - 36 * 3600) < 60

    again = promote("freeze", "--reason", "release weekend", "--until", event.until)
    assert again.code == 0
    assert again.stdout.startswith(f"Nothing to do. Promotions are frozen by bob since {event.at} until {event.until}")

    other = promote("freeze", "--reason", "an audit!")
    assert other.stdout.splitlines() == [
        f"Promotions are frozen by bob since {told(remote)[-1].at}: an audit!",
        f"This replaces: frozen by bob since {event.at} until {event.until}: release weekend.",
    ]


def test_unfreezing_says_what_ended_and_that_nothing_stood(promote, remote):
    assert promote("unfreeze").stdout == "Nothing to do. Promotions are not frozen.\n"
    promote("freeze", "--reason", "release weekend")
    at = told(remote)[0].at
    assert promote("unfreeze", "--reason", "shipped").stdout.splitlines() == [
        "The freeze is lifted; promotions go on.",
        f"It was: frozen by bob since {at}: release weekend.",
    ]
    assert told(remote)[-1].reason == "shipped"


def test_as_json_it_is_one_document(promote, remote):
    document = promote("freeze", "--reason", "release weekend", "--json").json
    (event,) = told(remote)
    assert document == {
        "outcome": "written",
        "event": {"kind": "freeze", "at": event.at, "actor": "bob", "reason": "release weekend"},
        "before": None,
        "updates": [{"ref": LEDGER, "expected": None, "new": remote.sha(LEDGER)}],
        "freeze": {"actor": "bob", "reason": "release weekend", "since": event.at, "until": None},
        "quarantine": [],
    }
    again = promote("freeze", "--reason", "release weekend", "--json").json
    assert (again["outcome"], again["event"], again["updates"]) == ("unchanged", None, [])
    assert promote("unfreeze", "--json").json["freeze"] is None


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        (["freeze", "--reason", "another"], "freeze"),
        (["unfreeze"], "unfreeze"),
        (["quarantine", "add", "main", "--reason", "it leaks"], "quarantine"),
        (["quarantine", "clear", "staging", "--reason", "fixed"], "clear"),
    ],
)
def test_a_dry_run_prints_the_exact_update_and_writes_nothing(promote, remote, typed, kind):
    promote("freeze", "--reason", "release weekend")
    promote("quarantine", "add", "staging", "--reason", "it leaks")
    before = remote.refs()

    shown = promote(*typed, "--dry-run").stdout.splitlines()
    document = promote(*typed, "--dry-run", "--json").json

    assert shown[:2] == [
        "A dry run; nothing was written. It would write:",
        f"  {LEDGER}  {before[LEDGER]} -> (one new commit on it)",
    ]
    assert json.loads(shown[2].removeprefix("with the event "))["kind"] == kind
    assert document["outcome"] == "dry-run"
    assert document["updates"] == [{"ref": LEDGER, "expected": before[LEDGER], "new": None}]
    assert remote.refs() == before


def test_quarantine_adds_lists_and_clears(promote, remote):
    bad = remote.sha("refs/heads/staging")
    assert promote("quarantine", "list").stdout == "No commit is quarantined.\n"
    added = promote("quarantine", "add", "staging", "--reason", "it leaks").stdout
    assert added == f"{bad[:12]} quarantined by bob since {told(remote)[0].at}: it leaks.\n"
    assert promote("quarantine", "add", bad[:8], "--reason", "it leaks").stdout == f"Nothing to do. {added}"
    assert promote("quarantine", "list").stdout == added
    assert promote("quarantine", "list", "--json").json == {
        "quarantine": [{"sha": bad, "base": None, "actor": "bob", "reason": "it leaks", "since": told(remote)[0].at}]
    }
    assert promote("quarantine", "clear", bad[:8]).stdout.splitlines() == [
        "The quarantine is cleared.",
        f"It was: {added.strip()}",
    ]
    again = promote("quarantine", "clear", bad, "--reason", "fixed").stdout
    assert again == f"Nothing to do. {bad[:12]} is not quarantined.\n"
    other = promote("quarantine", "add", "main", "--reason", "it leaks").stdout
    assert promote("quarantine", "clear", bad, "--reason", "fixed").stdout == f"{again}What is quarantined:\n{other}"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["freeze"], "Missing option '--reason'"),
        (["freeze", "--reason", " "], "says nothing"),
        (["freeze", "--reason", "x" * 2001], "longer than 2000"),
        (["freeze", "--reason", "\udcff"], "not UTF-8"),
        (["freeze", "--reason", "x", "--until", "soon"], "is not a duration"),
        (["freeze", "--reason", "x", "--until", "2020-01-01"], "which is past"),
        (["freeze", "--reason", "x", "--until", "0s"], "which is past"),
        (["freeze", "now", "--reason", "x"], "unexpected extra argument"),
        (["quarantine", "add", "staging"], "Missing option '--reason'"),
        (["quarantine", "clear"], "Missing argument"),
        (["quarantine", "add", "--reason", "x"], "Missing argument"),
        (["quarantine", "add", "deadbeef", "--reason", "x"], "is no commit of staging or main"),
        (["quarantine", "drop"], "No such command"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage_and_touches_nothing(promote, remote, typed, said):
    ended = promote(*typed)
    assert ended.code == 2
    assert said in ended.stderr
    assert remote.sha(LEDGER) is None


def test_an_actor_that_is_no_text_breaks_no_ledger(promote, remote, monkeypatch):
    monkeypatch.setenv("PROMOTE_ACTOR", "b\udcffb")
    assert promote("freeze", "--reason", "release weekend").code == 0
    assert told(remote)[0].actor == "b?b"
    assert promote("status").code == 0


def test_a_remote_that_is_gone_is_an_operational_failure(promote, remote):
    remote.path.rename(remote.path.with_name("gone.git"))
    for typed in (["freeze", "--reason", "x"], ["unfreeze"], ["quarantine", "list"]):
        ended = promote(*typed)
        assert ended.code == 1
        assert "remote-unreachable" in ended.stderr


def test_a_server_that_refuses_the_ledger_is_a_refusal(promote, remote):
    remote.hook("pre-receive", 'echo "read only today" >&2\nexit 1\n')
    ended = promote("freeze", "--reason", "x")
    assert ended.code == 6
    assert "read only today" in ended.stderr


def test_a_freeze_does_not_wait_for_the_run_that_is_under_way_on_its_own_machine(promote, remote, tmp_path):
    with FileLock(tmp_path / "state" / "lock", "run-7").hold():
        assert promote("--now").code == 7
        assert promote("freeze", "--reason", "release weekend").code == 0
    assert len(told(remote)) == 1


def test_a_frozen_night_is_refused_with_exit_6_and_says_who_and_why(promote):
    promote("freeze", "--reason", "release weekend")
    for typed in ("--now", "nightly"):
        ended = promote(typed, "--json")
        assert (ended.code, ended.json["outcome"], ended.json["reason_code"]) == (6, "refused", "frozen")
        assert "by bob" in ended.json["reason"]
        assert "release weekend" in ended.json["reason"]


def test_status_tells_the_freeze_and_the_quarantine(promote, remote):
    calm = promote("status", "--json").json
    assert (calm["freeze"], calm["quarantine"], calm["promotable"]) == (None, [], True)
    assert {"freeze not frozen", "quarantine none"} <= set(rows(promote("status")))

    promote("freeze", "--reason", "release weekend", "--until", "2d")
    frozen = promote("status", "--json").json
    assert frozen["freeze"]["actor"] == "bob"
    assert frozen["freeze"]["until"] > iso(datetime.now(tz=UTC))
    assert (frozen["promotable"], "release weekend" in frozen["reason"]) == (False, True)
    assert any(row.startswith("freeze frozen by bob since") for row in rows(promote("status")))

    promote("unfreeze")
    bad, base = remote.sha("refs/heads/staging"), remote.sha("refs/heads/main")
    for commit in (bad, base):
        promote("quarantine", "add", commit, "--reason", "it leaks")
    held = promote("status", "--json").json
    assert [each["sha"] for each in held["quarantine"]] == [bad, base]
    assert (held["promotable"], bad[:12] in held["reason"]) == (False, True)
    shown = rows(promote("status"))
    assert any(row.startswith(f"quarantine {bad[:12]} quarantined by bob") for row in shown)
    assert any(row.startswith(f"{base[:12]} quarantined by bob") for row in shown)


def test_where_nothing_waits_a_freeze_is_told_and_is_not_the_reason(promote, remote):
    remote.set("refs/heads/staging", remote.sha("refs/heads/main"))
    promote("freeze", "--reason", "release weekend")
    document = promote("status", "--json").json
    assert document["freeze"]["reason"] == "release weekend"
    assert "already is at" in document["reason"]
    assert promote("--now", "--json").json["reason_code"] == "up-to-date"
