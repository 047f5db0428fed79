"""Annotations: one command a line whatever is in them, and never more than a step may have."""

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.extremes import crowded, hostile
from support.records import SAMPLES, blocked_slow, promoted

from bot.render.annotations import MOST_OF_A_KIND, annotation, render_annotations

COMMAND = re.compile(r"::(error|warning|notice) title=([^:,\r\n]*)::([^\r\n]*)")


def commands(text):
    found = [COMMAND.fullmatch(line) for line in text.splitlines()]
    assert all(found), text
    return [each.groups() for each in found]


@pytest.mark.parametrize("make", [*SAMPLES.values(), crowded, hostile])
def test_every_line_is_one_command_and_no_kind_has_more_than_a_step_may_have(make):
    kinds = [kind for kind, _, _ in commands(render_annotations(make()))]
    assert kinds
    assert max(kinds.count(kind) for kind in set(kinds)) <= MOST_OF_A_KIND


def test_a_blocked_run_says_first_what_failed_and_what_to_do():
    record = blocked_slow()
    first, second, *_ = commands(render_annotations(record))
    assert first == ("error", "Promotion%3A blocked", f"{record.reason} {record.action}".replace("%", "%25"))
    assert second[:2] == ("error", "fail%3A load-1k p95 < 1500 ms") or second[1].startswith("fail%3A load-1k")


def test_a_promotion_is_a_notice():
    assert commands(render_annotations(promoted()))[0][0] == "notice"


def test_what_is_left_out_is_counted():
    record = blocked_slow()
    wrong = next(check for check in record.verdict.checks if check.result.value == "fail")
    many = dataclasses.replace(record, verdict=dataclasses.replace(record.verdict, checks=(wrong,) * 25))
    told = commands(render_annotations(many))
    assert len(told) == MOST_OF_A_KIND
    assert told[-1] == ("error", "And more", "17 more stand in the report.")


@given(st.text(), st.text())
def test_no_text_begins_another_command_or_ends_this_one(title, message):
    (found,) = commands(annotation("error", title, message) + "\n")
    assert found[0] == "error"
