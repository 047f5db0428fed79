"""Every flow, ended at every one of its points in every way: nothing, or all of it, after two restarts at the most."""

from collections import Counter

import pytest
from support.chaos import crash, points

FLOWS = ("promote", "hotfix", "backport", "rollback")
DEADLY = ("SIGKILL", "exception", "reply lost", "disk full")
WITHOUT_STATE = ("SIGKILL and state deleted", "state deleted meanwhile")


# One process for all faults of a flow: what is alike on the disk after two of them is started again once.
@pytest.mark.parametrize("flow", FLOWS)
def test_a_flow_that_is_cut_off_anywhere_ends_as_nothing_or_as_all_of_it(flow):
    found = crash(flow, *DEADLY)
    assert not found.violations
    counted = Counter(case["fault"] for case in found.cases)
    assert set(counted) == set(DEADLY)
    assert counted["SIGKILL"] == counted["exception"] == len(found.points)
    assert min(counted.values()) >= len(found.points) // 2


@pytest.mark.parametrize("story", ["freeze", "quarantine"])
def test_stopping_the_line_is_cut_off_anywhere_in_any_way_and_is_written_once(story):
    found = crash(story, *DEADLY, *WITHOUT_STATE, "interrupt")
    assert not found.violations
    assert {point.partition(" ")[2] for point in found.points} == {"fetch", "audit", "prepare", "push", "read back"}
    assert Counter(case["fault"] for case in found.cases)["SIGKILL"] == len(found.points)


@pytest.mark.parametrize(
    "story",
    [
        "first promotion",
        "rewind",
        "conflict",
        "backport rollback",
        "resume main",
        "resume tag",
        "resume ledger",
        "resume later",
    ],
)
def test_what_heals_a_half_and_what_is_rarely_run_can_be_killed_anywhere_as_well(story):
    assert not crash(story, "SIGKILL", every=4).violations


@pytest.mark.parametrize(
    ("story", "every"),
    [("promote with host", 5), ("blocked with host", 12), ("hotfix with host", 16)],
)
def test_what_is_said_on_a_host_is_said_after_all_wherever_a_run_was_cut_off_and_not_oftener_than_it_was_cut_off(
    story, every
):
    found = crash(story, *DEADLY, every=every)
    assert not found.violations
    assert {case["fault"] for case in found.cases} == set(DEADLY)
    assert {"before announce issue", "before announce release"} & set(found.points)
    assert {"after journal ended", "before journal told"} <= set(found.points)


def test_losing_the_state_directory_or_an_interrupt_loses_no_promotion_and_causes_no_second_one():
    found = crash("promote", *WITHOUT_STATE, "interrupt", every=2)
    assert not found.violations
    assert {case["fault"] for case in found.cases} == {*WITHOUT_STATE, "interrupt"}


def test_the_four_flows_have_at_least_forty_named_effects():
    # The same flows, and what each of them does where a person or an earlier run is in its way.
    stories = (*FLOWS, "conflict", "resume main")
    named = {point.partition(" ")[2] for point in points(*stories)}
    assert len(named) >= 40, sorted(named)
