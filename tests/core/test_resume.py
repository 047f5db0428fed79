from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.control import Control, ControlKind
from bot.core.promotion import CommitPlan, LedgerEntry, Move, Prepared, PushPlan, TagPlan
from bot.core.resume import plan_document, plan_from, prepared_document, prepared_from

SHA = "a" * 40
PLAN = PushPlan(
    moves=(Move("refs/heads/main", "b" * 40, SHA),),
    tag=TagPlan("release/20261121-020000", SHA, "bot", "bot@localhost", 1_795_000_000, "Nightly\n"),
    entry=LedgerEntry(1, "promotion", "run-1", SHA, "b" * 40, "release/20261121-020000", "pass", "e" * 64, "ada", "at"),
    ledger_before=None,
    at=1_795_000_000,
    subject="Promote aaaaaaaaaaaa as release/20261121-020000",
    commits=(CommitPlan("c" * 40, "d" * 40, (SHA, "b" * 40), "bot", "bot@localhost", 1, "Merge", None),),
    controls=(Control(ControlKind.FREEZE, "2026-11-21T02:00:00Z", "ada", "holidays"),),
)


@given(st.text(), st.integers(min_value=0), st.none() | st.text())
def test_a_plan_comes_back_equal(message, at, slot):
    plan = replace(PLAN, tag=replace(PLAN.tag, message=message, at=at), entry=replace(PLAN.entry, slot=slot))

    assert plan_from(plan_document(plan)) == plan


@pytest.mark.parametrize(
    "change",
    [
        {"moves": None},
        {"moves": [{"ref": 7}]},
        {"surplus": "x"},
        {"at": "now"},
        {"tag": {}},
        {"tag": plan_document(PLAN)["tag"] | {"at": "now"}},
        {"tag": plan_document(PLAN)["tag"] | {"name": 1}},
        {"entry": plan_document(PLAN)["entry"] | {"schema": "1"}},
        {"entry": plan_document(PLAN)["entry"] | {"tag": None}},
        {"ledger_before": 1},
    ],
)
def test_a_damaged_plan_is_a_value_error(change):
    with pytest.raises(ValueError, match="no push plan"):
        plan_from(plan_document(PLAN) | change)


@pytest.mark.parametrize("document", [None, 1, "plan", [], {}])
def test_what_is_no_plan_is_a_value_error(document):
    with pytest.raises(ValueError, match="no push plan"):
        plan_from(document)


PREPARED = Prepared(PLAN, "1" * 40, "2" * 40)
BARE = Prepared(replace(PLAN, tag=None, entry=None, controls=()), None, None)


@pytest.mark.parametrize("prepared", [PREPARED, BARE])
def test_what_was_prepared_comes_back_with_its_ids_from_a_journal_line(prepared):
    line = {"at": "2026-11-21T02:00:00Z", "event": "prepared", **prepared_document(prepared)}
    assert prepared_from(line) == prepared


@pytest.mark.parametrize("change", [{"tag_oid": None}, {"ledger_oid": None}, {"tag_oid": 7}, {"plan": None}])
def test_a_journal_line_without_what_it_must_hold_is_a_value_error(change):
    with pytest.raises(ValueError, match=r"id|no push plan"):
        prepared_from(prepared_document(PREPARED) | change)
