"""`--override` and `--override-window`: only by a person, only with a reason, and recorded."""

import pytest
from support.commands import call
from support.gitrepos import make_remote
from support.installation import Installation

from bot.cli import night
from bot.core.record import RunKind, Trigger
from bot.flows.request import Override


@pytest.fixture
def wished(monkeypatch):
    """What a command asked for, instead of doing it."""
    seen = []
    monkeypatch.setattr(night, "start", lambda _context, wish: seen.append(wish) or 0)
    return seen


@pytest.mark.parametrize("command", [("--now",), ("run", "--now")])
@pytest.mark.parametrize(
    ("typed", "override"),
    [
        (["--override"], Override.LINE),
        (["--override-window"], Override.WINDOW),
        (["--override-window", "--override"], Override.LINE | Override.WINDOW),
    ],
)
def test_a_person_goes_past_what_was_named_and_says_why(wished, command, typed, override):
    assert call(*command, *typed, "--reason", " must ship ").code == 0
    assert wished == [
        night.Wish(RunKind.PROMOTION, Trigger.MANUAL, override=override, justification="must ship"),
    ]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("--now --override", "need --reason"),
        ("--now --override-window", "need --reason"),
        ("run --override --reason x", "need --now"),
        ("run --override-window --reason x", "need --now"),
        ("nightly --override --reason x", "No such option '--override'"),
        ("nightly --reason x", "No such option '--reason'"),
        ("gate --override --reason x", "No such option '--override'"),
        ("--now --reason x", "nothing else to justify"),
        ("--override --reason x", "No such option '--override'"),
    ],
)
def test_otherwise_it_is_wrong_usage(wished, typed, said):
    ended = call(*typed.split())
    assert (ended.code, wished) == (2, [])
    assert said in ended.stderr


def test_an_empty_reason_is_none(wished):
    assert call("--now", "--override", "--reason", "").code == 2
    assert wished == []


def test_it_is_recorded_also_where_there_was_nothing_to_go_past(tmp_path):
    remote = make_remote(tmp_path / "remote.git", ahead=0)
    made = Installation(tmp_path)
    made.config.write_text(made.config.read_text().replace("https://git.example/acme/shop.git", remote.url))
    ended = call("--config", made.config, "--now", "--override-window", "--reason", "must ship", "--json")
    assert ended.code == 0
    assert ended.json["justification"] == "must ship"
    assert ended.json["trigger"] == "manual"


def test_help_says_that_there_is_no_window_yet():
    shown = " ".join(call("run", "--help").stdout.split())
    assert "none to configure yet" in shown
