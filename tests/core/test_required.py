"""Required checks: success is the host's word for each of them, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.hosting import CheckState, SeenCheck
from bot.core.reasons import Reason
from bot.core.required import MISSING, examine_required, pause, required

NAMES = st.lists(st.sampled_from(["test", "security", "build", "lint"]), unique=True, min_size=1)
SEEN = st.lists(
    st.builds(
        SeenCheck,
        st.sampled_from(["test", "security", "build", "lint", "other"]),
        st.sampled_from(CheckState),
        st.text(max_size=9),
        st.just(""),
        st.none(),
    )
)


def check(name, state=CheckState.SUCCESS, said="success", url=None):
    return SeenCheck(name, state, said, "", url)


@given(NAMES, SEEN)
def test_the_gate_opens_exactly_when_each_name_was_seen_and_never_but_as_a_success(names, seen):
    states = {name: {each.state for each in seen if each.name == name} for name in names}
    is_open = all(found == {CheckState.SUCCESS} for found in states.values())
    refusal = examine_required(required(names, seen))
    assert (refusal is None) is is_open
    if refusal is not None:
        has_failed = any(CheckState.OTHER in found for found in states.values())
        assert refusal.reason is (Reason.CHECKS_FAILED if has_failed else Reason.CHECKS_PENDING)


@given(NAMES, SEEN)
def test_there_is_one_word_for_each_name_in_the_order_of_the_names(names, seen):
    found = required(names, seen)
    assert [each.name for each in found] == names
    assert all(each in seen or each.said == MISSING for each in found)


def test_what_failed_is_named_with_the_host_s_word_and_address():
    red = check("build", CheckState.OTHER, "skipped", "https://host.example/2")
    refusal = examine_required([check("test"), red, check("lint", CheckState.PENDING, "queued")])
    assert refusal.sentence == (
        "A required check is no success on the candidate: build is skipped (https://host.example/2)."
    )


def test_what_is_pending_or_missing_is_named_with_it():
    refusal = examine_required(required(["test", "build"], [check("test", CheckState.PENDING, "in_progress")]))
    assert refusal.reason is Reason.CHECKS_PENDING
    assert refusal.sentence == (
        "2 required checks are not at an end on the candidate: test is in_progress, build is missing."
    )


def test_the_words_of_the_host_are_one_harmless_line():
    refusal = examine_required([check("a\x1b[31m", CheckState.OTHER, "x\ny", "https://x/\u202e")])
    assert refusal.sentence.isprintable()


@given(st.floats(0, 6 * 3600))
def test_waiting_ends_exactly_at_the_limit_after_few_questions(limit):
    waited, questions = 0.0, 1
    while (seconds := pause(waited, limit)) is not None:
        assert seconds > 0
        waited, questions = waited + seconds, questions + 1
    assert waited == pytest.approx(limit)
    assert questions <= 25
