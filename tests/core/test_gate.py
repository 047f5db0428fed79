"""Approvals: only a pass makes one, and only the gate does."""

import pytest
from support.promotions import candidate

from bot.core.candidate import BranchFacts, Commit, Meanwhile
from bot.core.gate import APPROVAL_LIFETIME_S, Approval, Refusal, decide, examine, examine_again
from bot.core.promotion import LockProof
from bot.core.reasons import Reason
from bot.core.verdict import Check, Result, Verdict

FACTS = BranchFacts("staging", "main", "a" * 40, "b" * 40, target_is_ancestor=True, only_on_target=(), incomplete=())


def changed(**more):
    values = {name: getattr(FACTS, name) for name in FACTS.__slots__} | more
    return BranchFacts(**values)


def verdict(result, *results):
    checks = tuple(
        Check("load-1k", None, "p95", "< 1s", None, None, None, 0, each, f"sentence {number}")
        for number, each in enumerate(results)
    )
    return Verdict(result, checks, "e" * 64, "0" * 64)


def test_a_pass_approves_this_commit_on_this_base_for_a_while():
    approval = decide(candidate(), verdict(Result.PASS, Result.PASS), now=1000.0)

    assert isinstance(approval, Approval)
    assert (approval.sha, approval.base_sha) == ("a" * 40, "b" * 40)
    assert approval.expires_at == 1000.0 + APPROVAL_LIFETIME_S


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (Result.FAIL, Reason.SLO_FAILED),
        (Result.INVALID, Reason.MEASUREMENT_INVALID),
        (Result.INCONCLUSIVE, Reason.NOT_ENOUGH_EVIDENCE),
    ],
)
def test_anything_but_a_pass_refuses_with_the_sentence_of_the_check_that_decided(result, reason):
    refusal = decide(candidate(), verdict(result, Result.PASS, result), now=0.0)

    assert refusal == Refusal(reason, "sentence 1")


def test_nobody_else_makes_an_approval_or_a_lock_proof():
    with pytest.raises(TypeError):
        Approval("a" * 40, "b" * 40, "e" * 64, 1e12, seal=object())
    with pytest.raises(TypeError):
        LockProof("lock", seal=object())


def test_an_approval_does_not_show_its_seal():
    assert "seal" not in repr(decide(candidate(), verdict(Result.PASS), now=0.0))


@pytest.mark.parametrize("target_sha", ["b" * 40, "d" * 40, None])
def test_a_candidate_that_is_on_its_branch_may_be_pushed_whatever_a_lease_will_see_of_the_target(target_sha):
    assert examine_again(candidate(), "staging", "main", Meanwhile(True, target_sha)) is None


def test_a_candidate_that_left_its_branch_is_refused_first_and_no_name_is_trusted():
    refusal = examine_again(candidate(), "fix\x1b[2J", "main", Meanwhile(False, candidate().sha))
    assert refusal.reason is Reason.SOURCE_REWRITTEN
    assert "\x1b" not in refusal.sentence


def test_a_descendant_on_complete_history_may_be_promoted():
    assert examine(FACTS) is None


def test_the_target_at_the_source_is_up_to_date():
    refusal = examine(changed(target_sha="a" * 40))

    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.UP_TO_DATE


def test_commits_that_only_the_target_has_are_named():
    commit = Commit("c" * 40, (), "n", "e", 0, 0, "s", "")

    refusal = examine(changed(target_is_ancestor=False, only_on_target=(commit,)))

    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.NOT_FAST_FORWARD
    assert refusal.commits == ("c" * 40,)
    assert "cccccccccccc" in refusal.sentence


@pytest.mark.parametrize("target_sha", ["a" * 40, "b" * 40])
def test_incomplete_history_refuses_before_anything_else(target_sha):
    refusal = examine(changed(target_sha=target_sha, incomplete=("shallow", "grafts")))

    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.HISTORY_INCOMPLETE
    assert "shallow, grafts" in refusal.sentence
