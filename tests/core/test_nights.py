"""Which run has answered a night's slot."""

from dataclasses import replace

import pytest
from support import records

from bot.core.nights import done_in_slot
from bot.core.record import Outcome, RunKind
from bot.core.selectors import summary_of

SLOT = "2026-11-21"


def _run(outcome, **changes):
    return replace(summary_of(records.promoted()), outcome=outcome, slot=SLOT, **changes)


@pytest.mark.parametrize("outcome", [each for each in Outcome if each not in (Outcome.ERROR, Outcome.DRY_RUN)])
def test_a_night_answers_its_slot_however_it_ends(outcome):
    assert done_in_slot([_run(outcome)], SLOT) == _run(outcome)
    assert done_in_slot([_run(outcome)], "2026-11-22") is None


@pytest.mark.parametrize("outcome", Outcome)
def test_a_dry_run_answers_no_slot_however_it_ends(outcome):
    assert done_in_slot([_run(outcome, dry_run=True)], SLOT) is None


def test_a_machine_that_broke_down_may_try_again():
    assert done_in_slot([_run(Outcome.ERROR)], SLOT) is None


def test_only_a_promotion_stands_for_a_slot():
    assert done_in_slot([_run(Outcome.BLOCKED, kind=RunKind.GATE)], SLOT) is None
