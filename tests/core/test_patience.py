"""How long an unsettled push is kept at."""

import itertools

import pytest

from bot.core.gate import Refusal
from bot.core.patience import given_up, pause
from bot.core.reasons import Reason
from bot.core.settle import Unsettled

LONGEST_S = 60.0


def waits(reason):
    end = Unsettled(reason, "words")
    return list(itertools.takewhile(lambda seconds: seconds is not None, (pause(end, n) for n in range(1, 100))))


@pytest.mark.parametrize("reason", Reason)
def test_for_every_reason_the_waits_grow_and_end(reason):
    found = waits(reason)

    assert found
    assert found == sorted(found)
    assert sum(found) <= LONGEST_S


def test_checks_that_report_late_are_waited_for_longest():
    assert sum(waits(Reason.PUSH_PROTECTED)) == LONGEST_S
    assert sum(waits(Reason.PUSH_UNKNOWN)) < sum(waits(Reason.REMOTE_FAILED)) < LONGEST_S


@pytest.mark.parametrize("reason", [Reason.PUSH_PROTECTED, Reason.REMOTE_FAILED])
def test_a_no_that_stays_a_no_is_a_refusal_that_says_how_long(reason):
    assert given_up(Unsettled(reason, "No."), 59.6) == Refusal(reason, "No. It stayed so for 60 s.")


@pytest.mark.parametrize("reason", [Reason.PUSH_UNKNOWN, Reason.READ_BACK_FAILED])
def test_what_nobody_knows_stays_unknown(reason):
    end = Unsettled(reason, "Who knows.")

    assert given_up(end, 5.0) is end
