"""What moved the ledger under a run: the events that were written since, and their words."""

import pytest
from support.hostile_texts import NAMED

from bot.core.control import Control, ControlKind
from bot.core.meanwhile import meanwhile_words, told_since

AT = "2026-11-21T02:00:00Z"
FREEZE = Control(ControlKind.FREEZE, AT, "ada", "Christmas", until="2026-12-27T08:00:00Z")
OPENED = Control(ControlKind.UNFREEZE, AT, "bo", "over")
BAD = Control(ControlKind.QUARANTINE, AT, "ada", "loses orders", sha="a" * 40)
CLEARED = Control(ControlKind.CLEAR, AT, "bo", "", sha="a" * 40)


def test_what_was_written_since_is_what_comes_after_what_was_known():
    assert told_since((FREEZE,), (FREEZE, OPENED, BAD)) == (OPENED, BAD)
    assert told_since((), (FREEZE,)) == (FREEZE,)
    assert told_since((FREEZE,), (FREEZE,)) == ()


def test_a_file_that_was_rewritten_tells_nothing_about_who_moved_the_ledger():
    assert told_since((FREEZE, OPENED), (FREEZE,)) == ()
    assert told_since((FREEZE,), (BAD, OPENED)) == ()


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (FREEZE, f"Meanwhile promotions were frozen by ada since {AT} until 2026-12-27T08:00:00Z: Christmas."),
        (OPENED, f"Meanwhile bo lifted the freeze at {AT}: over."),
        (BAD, f"Meanwhile ada quarantined aaaaaaaaaaaa at {AT}: loses orders."),
        (CLEARED, f"Meanwhile bo cleared the quarantine of aaaaaaaaaaaa at {AT}: no reason was given."),
    ],
)
def test_each_event_is_told_with_who_and_why(event, words):
    assert meanwhile_words((event,)) == words


def test_several_events_are_told_in_their_order_and_none_leaves_no_word():
    assert meanwhile_words((FREEZE, OPENED)) == f"{meanwhile_words((FREEZE,))} {meanwhile_words((OPENED,))}"
    assert meanwhile_words(()) == ""


@pytest.mark.parametrize("text", NAMED.values(), ids=NAMED)
def test_hostile_words_stay_on_one_printable_line(text):
    for kind in ControlKind:
        sha = "a" * 40 if kind in (ControlKind.QUARANTINE, ControlKind.CLEAR) else None
        assert meanwhile_words((Control(kind, AT, text, text, sha=sha),)).isprintable()
