"""Webhooks: which of them do not arrive, and nothing of an address that nobody should read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.doctor_hooks import Hook, judge_hooks

HOOKS = st.builds(
    Hook,
    st.integers(1, 10**9),
    st.sampled_from(["", "ci.example"]),
    st.none() | st.integers(0, 599),
    st.sampled_from(["", "unused", "active", "timeout"]),
)


def judged(*hooks):
    return [(each.level.value, each.seen) for each in judge_hooks(hooks)]


def test_none_is_told_as_none():
    assert judged() == [("ok", "none is active")]


def test_webhooks_that_arrive_are_one_line():
    assert judged(Hook(7, "ci.example", 200, "active"), Hook(8, "", 204, "active")) == [
        ("ok", "2 active: the last delivery of 2 was taken")
    ]


def test_what_was_not_used_lately_is_not_called_taken():
    unused = Hook(9, "ci.example", None, "unused")
    assert judged(unused) == [("ok", "1 active: 1 had none lately")]
    assert judged(unused, Hook(7, "", 200, "")) == [
        ("ok", "2 active: the last delivery of 1 was taken, 1 had none lately")
    ]


@pytest.mark.parametrize(
    ("hook", "seen"),
    [
        (Hook(7, "ci.example", 500, "invalid"), "webhook 7 to ci.example had the answer 500 to the last delivery"),
        (Hook(7, "ci.example", 302, ""), "webhook 7 to ci.example had the answer 302 to the last delivery"),
        (Hook(7, "", 199, ""), "webhook 7 had the answer 199 to the last delivery"),
        (Hook(7, "", None, "timeout"), "webhook 7 had no answer (timeout) to the last delivery"),
        (Hook(7, "", 0, ""), "webhook 7 had no answer to the last delivery"),
        (Hook(7, "", None, "no\x1b[2J\nway"), "webhook 7 had no answer (no way) to the last delivery"),
    ],
)
def test_each_that_does_not_arrive_is_named_with_what_to_do(hook, seen):
    (found,) = judge_hooks([Hook(6, "ok.example", 200, "active"), hook])
    assert (found.level.value, found.seen) == ("warn", seen)
    assert "redeliver" in found.action


@given(st.lists(HOOKS, max_size=5))
def test_only_an_answer_of_success_is_ever_taken(hooks):
    found = list(judge_hooks(hooks))
    told = {hook.number for hook in hooks if any(each.seen.startswith(f"webhook {hook.number} ") for each in found)}
    for hook in hooks:
        is_fine = hook.code in range(200, 300) or (hook.code is None and hook.status in ("", "unused"))
        assert is_fine or hook.number in told
    assert [each.level.value for each in found] == ["ok"] or all(each.level.value == "warn" for each in found)
