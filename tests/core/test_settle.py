"""What a push came to, by what the remote holds."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.promotions import approval, candidate, release

from bot.core.gate import Refusal
from bot.core.plan import TagText, plan_promotion
from bot.core.promotion import Prepared, Promotion, PushOutcome, PushPlan, PushReport, ReadBack, Seen, Way
from bot.core.reasons import Reason
from bot.core.settle import Unsettled, settle

SHA, BASE, TAG, LEDGER, OLD, OTHER = (letter * 40 for letter in "abcde9")
CANDIDATE = candidate(SHA, BASE)
PLAN = plan_promotion(
    CANDIDATE,
    approval(CANDIDATE),
    release(message=TagText("t", "n"), ledger_before=OLD),
)
assert isinstance(PLAN, PushPlan)
PREPARED = Prepared(PLAN, TAG, LEDGER)


def held(target, tag_oid, tag_commit, ledger, *, past=False, rewound=False):
    return ReadBack((Seen(target, past, rewound),), tag_oid, tag_commit, Seen(ledger, past, rewound))


ALL = held(SHA, TAG, SHA, LEDGER)
NOTHING = held(BASE, None, None, OLD)

IDS = st.sampled_from([SHA, BASE, TAG, LEDGER, OLD, OTHER, None])
AT = st.builds(Seen, IDS, st.booleans(), st.booleans())
SEEN = st.builds(ReadBack, moves=st.tuples(AT), tag_oid=IDS, tag_commit=IDS, ledger=AT)
OUTCOMES = st.sampled_from(PushOutcome)


def report(outcome, detail="words"):
    return PushReport(outcome, (), detail)


@pytest.mark.parametrize("outcome", PushOutcome)
def test_all_of_it_on_the_remote_is_a_promotion_whatever_git_said(outcome):
    promotion = settle(PREPARED, report(outcome), ALL)

    assert promotion == Promotion("release/20261121-020000", TAG, LEDGER, target_before=BASE, target_after=SHA)


@given(OUTCOMES, SEEN)
def test_never_a_promotion_unless_target_tag_object_tagged_commit_and_ledger_were_all_seen(outcome, seen):
    if isinstance(settle(PREPARED, report(outcome), seen), Promotion):
        assert seen.moves[0].now == SHA or seen.moves[0].past
        assert (seen.tag_oid, seen.tag_commit) == (TAG, SHA)
        assert seen.ledger.now == LEDGER or seen.ledger.past


@given(OUTCOMES, SEEN)
def test_never_a_refusal_while_something_that_only_this_run_makes_is_there(outcome, seen):
    if isinstance(settle(PREPARED, report(outcome), seen), Refusal):
        assert seen.tag_oid != TAG
        assert seen.ledger.now != LEDGER


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (PushOutcome.TARGET_MOVED, Reason.TARGET_MOVED),
        (PushOutcome.LEDGER_MOVED, Reason.LEDGER_MOVED),
        (PushOutcome.TAG_EXISTS, Reason.TAG_EXISTS),
        (PushOutcome.REJECTED, Reason.PUSH_REJECTED),
        (PushOutcome.POLICY, Reason.PUSH_POLICY),
        (PushOutcome.UNAUTHENTICATED, Reason.BAD_CREDENTIALS),
        (PushOutcome.SERVER_FAILED, Reason.REMOTE_FAILED),
        (PushOutcome.NO_ATOMIC, Reason.NO_ATOMIC_PUSH),
    ],
)
def test_an_untouched_remote_after_a_clear_no_is_a_refusal_in_the_servers_words(outcome, reason):
    refusal = settle(PREPARED, report(outcome, "hook declined"), NOTHING)

    assert refusal == Refusal(reason, "The push was refused: hook declined")


def test_an_untouched_remote_after_no_clear_answer_may_be_pushed_to_again():
    unsettled = settle(PREPARED, report(PushOutcome.UNKNOWN, "early EOF"), NOTHING)

    assert isinstance(unsettled, Unsettled)
    assert unsettled.reason is Reason.PUSH_UNKNOWN
    assert "early EOF" in unsettled.sentence


def test_success_that_cannot_be_seen_is_no_success():
    unsettled = settle(PREPARED, report(PushOutcome.LANDED, ""), NOTHING)

    assert isinstance(unsettled, Unsettled)
    assert unsettled.reason is Reason.READ_BACK_FAILED


@pytest.mark.parametrize(
    ("seen", "lacking"),
    [
        (held(SHA, None, None, LEDGER), "tag release/20261121-020000 is"),
        (held(SHA, TAG, SHA, OLD), "the ledger entry is"),
    ],
)
@pytest.mark.parametrize("outcome", PushOutcome)
def test_a_half_state_is_unsettled_and_names_what_is_lacking(outcome, seen, lacking):
    unsettled = settle(PREPARED, report(outcome), seen)

    assert isinstance(unsettled, Unsettled)
    assert lacking in unsettled.sentence


@pytest.mark.parametrize("now", [BASE, OTHER, None])
@pytest.mark.parametrize("rest", [(TAG, SHA, LEDGER), (TAG, SHA, OLD), (None, None, LEDGER), (TAG, SHA, OTHER)])
@pytest.mark.parametrize("outcome", PushOutcome)
def test_a_branch_that_must_have_moved_and_is_elsewhere_was_taken_back_and_is_never_pushed_again(outcome, rest, now):
    """Servers write tag and ledger after the branches, so these show that the branch was there, whoever heard it."""
    unsettled = settle(PREPARED, report(outcome), held(now, *rest))

    assert isinstance(unsettled, Unsettled)
    assert unsettled.reason is Reason.BRANCH_REWOUND
    assert "left as it is" in unsettled.sentence


def test_a_half_state_with_only_the_target_moved_is_not_taken_for_somebody_elses_work():
    assert isinstance(settle(PREPARED, report(PushOutcome.UNKNOWN), held(SHA, None, None, OLD)), Unsettled)


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (held(OTHER, None, None, OLD), Reason.TARGET_MOVED),
        (held(None, None, None, OLD), Reason.TARGET_MOVED),
        (held(BASE, None, None, OTHER), Reason.LEDGER_MOVED),
        (held(BASE, None, None, None), Reason.LEDGER_MOVED),
        (held(SHA, None, None, OTHER), Reason.LEDGER_MOVED),
        (held(BASE, OTHER, SHA, OLD), Reason.TAG_EXISTS),
    ],
)
@pytest.mark.parametrize("outcome", [PushOutcome.UNKNOWN, PushOutcome.LANDED, PushOutcome.TARGET_MOVED])
def test_what_others_did_meanwhile_is_named_by_what_is_seen(outcome, seen, reason):
    refusal = settle(PREPARED, report(outcome), seen)

    assert isinstance(refusal, Refusal)
    assert refusal.reason is reason


def test_a_promotion_that_others_have_built_upon_since_has_landed():
    seen = held(OTHER, TAG, SHA, OTHER, past=True)

    assert isinstance(settle(PREPARED, report(PushOutcome.UNKNOWN), seen), Promotion)


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [(PushOutcome.PROTECTED, Reason.PUSH_PROTECTED), (PushOutcome.LOCKED, Reason.REMOTE_FAILED)],
)
def test_what_may_be_allowed_in_a_while_is_unsettled_in_the_servers_words(outcome, reason):
    unsettled = settle(PREPARED, report(outcome, "checks are expected"), NOTHING)

    assert unsettled == Unsettled(reason, "The push was refused: checks are expected")


@pytest.mark.parametrize("outcome", [PushOutcome.UNKNOWN, PushOutcome.TARGET_MOVED, PushOutcome.PROTECTED])
def test_a_target_that_was_taken_back_is_told_from_one_that_moved_on(outcome):
    refusal = settle(PREPARED, report(outcome), held(OTHER, None, None, OLD, rewound=True))

    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.BRANCH_REWOUND
    assert "refs/heads/main was bbbbbbbbbbbb" in refusal.sentence
    assert "taken back to 999999999999" in refusal.sentence


def test_a_ledger_that_was_taken_back_is_broken_and_not_merely_moved():
    seen = ReadBack((Seen(BASE),), None, None, Seen(OTHER, rewound=True))

    refusal = settle(PREPARED, report(PushOutcome.LEDGER_MOVED), seen)

    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.LEDGER_BROKEN


def test_a_half_state_says_what_was_heard_last():
    unsettled = settle(PREPARED, report(PushOutcome.LOCKED, "main.lock exists"), held(SHA, None, None, LEDGER))

    assert isinstance(unsettled, Unsettled)
    assert unsettled.sentence.endswith("lacking. Last heard of it: main.lock exists")


REWIND = dataclasses.replace(PLAN, moves=(dataclasses.replace(PLAN.moves[0], way=Way.REWIND),))
BACK = dataclasses.replace(PREPARED, plan=REWIND)


@pytest.mark.parametrize("outcome", PushOutcome)
@pytest.mark.parametrize("prepared", [PREPARED, BACK], ids=["forward", "back"])
@pytest.mark.parametrize("seen", [NOTHING, held(BASE, TAG, SHA, LEDGER), held(SHA, None, None, OLD)])
def test_no_sentence_says_that_git_carried_a_push_that_may_have_gone_through_an_api(outcome, prepared, seen):
    end = settle(prepared, report(outcome), seen)

    assert isinstance(end, Unsettled | Refusal)
    assert "git" not in end.sentence


def test_a_server_that_lets_no_branch_go_back_is_quoted():
    refusal = settle(BACK, report(PushOutcome.TARGET_MOVED, "denied"), NOTHING)

    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.PUSH_REJECTED
    assert refusal.sentence.endswith("without --rewind does not need that. Last heard of it: denied")


@pytest.mark.parametrize("outcome", sorted(set(PushOutcome) - {PushOutcome.LANDED}))
def test_a_target_that_is_there_alone_stays_to_be_completed_whatever_the_server_said_last(outcome):
    """The server died in the middle of an earlier push, and its own locks kept the later ones out."""
    end = settle(PREPARED, report(outcome), held(SHA, None, None, OLD))
    assert isinstance(end, Unsettled)
    assert end.reason is Reason.READ_BACK_FAILED
