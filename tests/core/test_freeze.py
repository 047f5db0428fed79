"""A freeze in words."""

import pytest

from bot.core.control import Control, ControlKind, Standing
from bot.core.freeze import examine_freeze, freeze_words
from bot.core.reasons import Exit, Reason

AT = "2026-11-21T02:00:00Z"


def freeze(reason="release weekend", actor="ada", until=None):
    return Control(ControlKind.FREEZE, AT, actor, reason, until=until)


def test_without_a_freeze_nothing_is_refused():
    assert examine_freeze(Standing()) is None


def test_the_refusal_says_who_froze_since_when_why_and_until_when():
    refusal = examine_freeze(Standing(freeze(until="2026-11-24T00:00:00Z")))
    assert (refusal.reason, refusal.reason.exit) == (Reason.FROZEN, Exit.REFUSED)
    assert refusal.sentence == f"Promotions are frozen by ada since {AT} until 2026-11-24T00:00:00Z: release weekend."


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("done.", "done."),
        ("why?", "why?"),
        ("", "no reason was given."),
        (" \x1b[31m\u202e ", "no reason was given."),
        ("two\nlines", "two lines."),
    ],
)
def test_the_reason_ends_as_one_sentence(reason, told):
    assert freeze_words(freeze(reason)) == f"frozen by ada since {AT}: {told}"


def test_long_words_are_cut_and_nothing_in_them_commands_a_terminal():
    told = freeze_words(freeze("\x1b]0;x\x07" + "long " * 100, actor="eve\r\n\x1b[2J\u202e"))
    assert told.isprintable()
    assert len(told) < 400
    assert told.startswith(f"frozen by eve since {AT}: long long")
