"""What a verdict is held against: the right check must say no, and nobody else."""

import pytest

from bot.core.verdict import Check, Result, Verdict, worst
from bot.selftest.case import Case, Must
from bot.selftest.outcome import Mark, Seen, assess, broken, tally


def check(objective, result, reason=""):
    return Check("drill", None, objective, "", None, None, None, 0, result, reason or f"drill: {objective}.")


def seen(*checks, approved=None, trouble=""):
    verdict = Verdict(worst(checks), checks, "", "")
    return Seen(verdict, verdict.result is Result.PASS if approved is None else approved, trouble)


FAULT = Case("restart", "a restart", Must(Result.FAIL, "restart", "restarted"))
HEALTHY = Case("healthy", "nothing", Must(Result.PASS))
ALL_WELL = (check("completion", Result.PASS), check("p95", Result.PASS))
RESTARTED = check("restart", Result.FAIL, "drill: the service restarted.")


def test_a_fault_that_the_right_check_names_is_right_and_told_in_its_words():
    found = assess(FAULT, seen(check("p95", Result.FAIL), RESTARTED), 1.5)
    assert (found.mark, found.got, found.sentence, found.seconds) == (Mark.RIGHT, Result.FAIL, RESTARTED.reason, 1.5)


def test_a_healthy_run_that_passes_is_right():
    assert assess(HEALTHY, seen(*ALL_WELL), 0).mark is Mark.RIGHT


def test_a_fault_that_passes_is_a_false_pass():
    assert assess(FAULT, seen(*ALL_WELL), 0).mark is Mark.FALSE_PASS


def test_a_fault_that_the_gate_lets_through_is_a_false_pass_whatever_the_verdict_says():
    assert assess(FAULT, seen(RESTARTED, approved=True), 0).mark is Mark.FALSE_PASS


@pytest.mark.parametrize("result", [Result.FAIL, Result.INVALID, Result.INCONCLUSIVE])
def test_a_healthy_run_that_does_not_pass_is_a_false_block(result):
    found = assess(HEALTHY, seen(*ALL_WELL, check("generator", result)), 0)
    assert (found.mark, found.sentence) == (Mark.FALSE_BLOCK, "drill: generator.")


def test_a_healthy_run_that_passes_and_is_not_let_through_is_a_false_block():
    assert assess(HEALTHY, seen(*ALL_WELL, approved=False), 0).mark is Mark.FALSE_BLOCK


@pytest.mark.parametrize(
    "checks",
    [
        (check("error_rate", Result.FAIL),),
        (check("restart", Result.FAIL, "drill: something else."),),
        (check("restart", Result.INVALID, "drill: restarted, but that proves nothing."),),
        (check("error_rate", Result.FAIL), check("restart", Result.PASS, "drill: nothing restarted.")),
    ],
    ids=["another check", "other words", "another result", "the check itself passes"],
)
def test_a_fault_that_is_blocked_for_another_reason_is_wrong_and_says_what_was_missed(checks):
    found = assess(FAULT, seen(*checks), 0)
    assert found.mark is Mark.WRONG
    assert "restart had to say no with “restarted”" in found.sentence or found.got is not Result.FAIL


def test_a_lesser_check_may_be_the_cause_beside_a_worse_one():
    case = Case("redirect", "", Must(Result.FAIL, "allow_hosts", "does not name"))
    refused = check("allow_hosts", Result.INVALID, "drill: allow_hosts does not name it.")
    assert assess(case, seen(check("error_rate", Result.FAIL), refused), 0).mark is Mark.RIGHT


@pytest.mark.parametrize(("case", "checks"), [(FAULT, (RESTARTED,)), (HEALTHY, ALL_WELL)])
def test_a_run_with_trouble_of_its_own_is_wrong_whatever_its_verdict(case, checks):
    found = assess(case, seen(*checks, trouble="judged again it came to another verdict"), 0)
    assert found.mark is Mark.WRONG
    assert found.sentence.startswith("judged again it came to another verdict")


def test_the_tally_counts_what_matters():
    outcomes = [
        assess(HEALTHY, seen(*ALL_WELL), 0),
        assess(FAULT, seen(RESTARTED), 0),
        assess(FAULT, seen(*ALL_WELL), 0),
        assess(HEALTHY, seen(RESTARTED), 0),
        broken(FAULT, "no service", 0),
    ]
    total = tally(outcomes)
    assert (total.cases, total.right, total.false_passes, total.false_blocks) == (5, 2, 1, 1)
    assert not total.good
    assert tally(outcomes[:2]).good


def test_a_drill_of_nothing_is_not_good():
    assert not tally([]).good
