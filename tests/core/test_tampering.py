from dataclasses import replace

from bot.core.candidate import BranchFacts
from bot.core.promotion import LedgerEntry
from bot.core.reasons import Reason
from bot.core.record import Outcome
from bot.core.selectors import RunSummary
from bot.core.tampering import examine_ledger, examine_rewind, examine_slot

SHA, BASE, TAG = "a" * 40, "b" * 40, "release/20261121-020000"
ENTRY = LedgerEntry(1, "promotion", "run-1", SHA, BASE, TAG, "pass", "e" * 64, "ada", "2026-11-21T02:00:00Z")
RUN = RunSummary(
    run_id="run-1",
    repository="shop",
    kind="promotion",
    trigger="nightly",
    actor="ada",
    outcome=Outcome.PROMOTED,
    reason_code="promoted",
    reason="",
    sha=SHA,
    base_sha=BASE,
    tag=TAG,
    slot=None,
    started_at="2026-11-21T02:00:00Z",
    finished_at="2026-11-21T02:30:00Z",
)
FACTS = BranchFacts("staging", "main", SHA, BASE, True, (), ())


def test_a_ledger_that_holds_what_was_promoted_here_and_more_is_fine():
    assert examine_ledger([RUN], [ENTRY, replace(ENTRY, run_id="run-2")]) is None
    assert examine_ledger([], []) is None


def test_a_promotion_that_the_ledger_lost_is_named():
    refusal = examine_ledger([RUN], [])
    assert refusal.reason is Reason.LEDGER_BROKEN
    assert TAG in refusal.sentence


def test_an_entry_that_says_something_else_than_before_is_a_difference():
    assert examine_ledger([RUN], [replace(ENTRY, tag="release/20261121-030000")]).reason is Reason.LEDGER_BROKEN
    assert examine_ledger([RUN], [replace(ENTRY, sha=BASE)]).reason is Reason.LEDGER_BROKEN


def test_runs_that_promoted_nothing_leave_no_entry():
    assert examine_ledger([replace(RUN, outcome=Outcome.BLOCKED, tag=None)], []) is None


def test_a_tip_that_was_promoted_and_taken_back_is_refused():
    assert examine_rewind(FACTS, [ENTRY]).reason is Reason.TARGET_REWOUND
    assert examine_rewind(FACTS, []) is None


def test_a_target_that_still_contains_the_tip_was_not_taken_back():
    assert examine_rewind(replace(FACTS, target_contains_source=True), [ENTRY]) is None


def test_a_slot_that_the_ledger_says_is_promoted_is_done_whatever_is_known_here():
    refusal = examine_slot([replace(ENTRY, slot="2026-11-20"), replace(ENTRY, slot="2026-11-21")], "2026-11-21")
    assert refusal.reason is Reason.SLOT_DONE
    assert TAG in refusal.sentence


def test_other_slots_runs_by_hand_and_hotfixes_leave_a_slot_open():
    night = "2026-11-21"
    entries = [ENTRY, replace(ENTRY, slot="2026-11-20"), replace(ENTRY, kind="hotfix", slot=night)]
    assert examine_slot(entries, night) is None
    assert examine_slot(entries, None) is None
