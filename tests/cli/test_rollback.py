"""`promote rollback`: what is asked for on the command line, and what is wrong with it."""

import pytest
from support.commands import call
from support.installation import Installation

from bot.cli import rollback as module
from bot.core.record import RunKind
from bot.core.rollback import RollbackWay
from bot.flows.request import Effect
from bot.flows.rollback import RollbackWish


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """What a call of the command would do: its request and its wish."""
    installed = Installation(tmp_path)

    def perform(_context, _settings, request, flow):
        perform.asked = request, flow.keywords["wish"]
        return 0

    def ask(*words):
        ended = call("--config", installed.config, "rollback", *words)
        assert ended.code == 0, ended.stderr
        return perform.asked

    monkeypatch.setattr(module, "perform", perform)
    return ask


def test_the_last_good_release_is_meant_where_none_is_named(asked):
    request, wish = asked("--reason", " errors ")
    assert wish == RollbackWish(None, RollbackWay.FORWARD, ())
    assert (request.kind, request.effect, request.justification) == (RunKind.ROLLBACK, Effect.WRITE, "errors")
    assert (request.plan, request.slot) == (None, None)


def test_every_option_is_passed_on(asked):
    request, wish = asked("20261121-020000", "--reason", "x", "--bad", "a1", "--bad", "b2", "--main-only", "--dry-run")
    assert wish == RollbackWish("20261121-020000", RollbackWay.TARGET_ONLY, ("a1", "b2"))
    assert request.effect is Effect.DRY_RUN
    assert asked("--rewind", "--reason", "x")[1].way is RollbackWay.REWIND


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "--reason"),
        (("--reason", " "), "says nothing"),
        (("--reason", "x", "--rewind", "--main-only"), "--main-only"),
        (("one", "two", "--reason", "x"), "two"),
    ],
)
def test_wrong_usage_touches_nothing(tmp_path, words, says):
    installed = Installation(tmp_path)
    ended = call("--config", installed.config, "rollback", *words)
    assert ended.code == 2
    assert says in ended.stderr
    assert not installed.state.exists()
