"""What a wish changes: nothing where it holds already, so that whoever asks twice writes once."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.control import Control, ControlKind, Standing, standing
from bot.core.controlling import Change, change, subject_of

SHA, OTHER = "a" * 40, "b" * 40
FREEZE = Control(ControlKind.FREEZE, "2026-11-21T02:00:00Z", "ada", "release weekend", until="2026-11-24T00:00:00Z")
UNFREEZE = Control(ControlKind.UNFREEZE, "2026-11-21T03:00:00Z", "bob", "")
RANGE = Control(ControlKind.QUARANTINE, "2026-11-21T04:00:00Z", "ada", "rolled back", sha=SHA, base=OTHER)
CLEAR = Control(ControlKind.CLEAR, "2026-11-21T05:00:00Z", "bob", "fixed", sha=SHA)
LATER = "2026-11-21T06:00:00Z"


def test_the_first_freeze_is_written():
    assert change(Standing(), FREEZE) == Change(FREEZE)


def test_the_same_freeze_by_whomever_is_nothing_new():
    assert change(Standing(FREEZE), replace(FREEZE, at=LATER, actor="bob")) == Change(None, FREEZE)


@pytest.mark.parametrize("other", [{"reason": "an audit"}, {"until": None}, {"until": "2026-11-25T00:00:00Z"}])
def test_another_freeze_takes_its_place(other):
    wanted = replace(FREEZE, at=LATER, **other)
    assert change(Standing(FREEZE), wanted) == Change(wanted, FREEZE)


def test_a_freeze_is_lifted_once():
    assert change(Standing(FREEZE), UNFREEZE) == Change(UNFREEZE, FREEZE)
    assert change(Standing(), UNFREEZE) == Change(None)


def test_a_quarantine_is_of_one_commit():
    other = replace(RANGE, sha=OTHER, base=None)
    assert change(Standing(quarantined=(RANGE,)), other) == Change(other)
    assert change(Standing(quarantined=(RANGE, other)), CLEAR) == Change(CLEAR, RANGE)
    assert change(Standing(quarantined=(other,)), CLEAR) == Change(None)


def test_another_reason_for_a_quarantined_commit_keeps_the_range_that_a_rollback_named():
    by_hand = replace(RANGE, base=None, reason="it leaks")
    assert change(Standing(quarantined=(RANGE,)), by_hand) == Change(replace(by_hand, base=OTHER), RANGE)
    assert change(Standing(quarantined=(RANGE,)), replace(RANGE, base=None)) == Change(None, RANGE)


reasons = st.sampled_from(["one", "two"])
wishes = (
    st.builds(replace, st.just(FREEZE), reason=reasons, until=st.sampled_from([None, "2026-11-24T00:00:00Z"]))
    | st.just(UNFREEZE)
    | st.builds(replace, st.just(RANGE), reason=reasons, sha=st.sampled_from([SHA, OTHER]), base=st.none())
    | st.builds(replace, st.just(CLEAR), sha=st.sampled_from([SHA, OTHER]))
)


@given(st.lists(wishes, max_size=10), wishes)
def test_what_is_wanted_holds_afterwards_and_wanting_it_again_changes_nothing(told, wanted):
    found = change(standing(told, LATER), wanted)
    after = standing([*told, *([found.event] if found.event else [])], LATER)
    assert change(after, wanted).event is None


def test_the_ledger_tells_what_was_done_and_leaves_people_s_words_to_the_event():
    hostile = "fixes #1 @all http://x"
    told = [subject_of(replace(event, reason=hostile, actor=hostile)) for event in (FREEZE, UNFREEZE, RANGE, CLEAR)]
    assert told == [
        "Freeze promotions until 2026-11-24T00:00:00Z",
        "Lift the freeze",
        "Quarantine aaaaaaaaaaaa",
        "Clear the quarantine of aaaaaaaaaaaa",
    ]
    assert subject_of(replace(FREEZE, until=None)) == "Freeze promotions"
