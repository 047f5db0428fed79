"""Every flow, ended at every one of its points in every way: nothing, or all of it, after two restarts at the most."""

import pytest
from support.chaos import crash, kills

FLOWS = ("promote", "hotfix", "backport", "rollback")
DEADLY = ("SIGKILL", "exception", "reply lost", "disk full")


@pytest.mark.parametrize("fault", DEADLY)
@pytest.mark.parametrize("flow", FLOWS)
def test_a_flow_that_is_cut_off_anywhere_ends_as_nothing_or_as_all_of_it(flow, fault):
    found = crash(flow, fault)
    assert not found.violations
    assert len(found.cases) >= len(found.points) // 2


@pytest.mark.parametrize(
    "story", ["first promotion", "rewind", "conflict", "resume main", "resume tag", "resume ledger"]
)
def test_what_heals_a_half_and_what_is_rarely_run_can_be_killed_anywhere_as_well(story):
    assert not crash(story, "SIGKILL", every=4).violations


@pytest.mark.parametrize("fault", ["SIGKILL and state deleted", "state deleted meanwhile"])
def test_losing_the_state_directory_at_any_moment_loses_no_promotion_and_causes_no_second_one(fault):
    assert not crash("promote", fault, every=2).violations


def test_an_interrupt_anywhere_is_settled_by_the_next_run():
    assert not crash("promote", "interrupt", every=2).violations


def test_the_four_flows_have_at_least_forty_named_effects():
    # The same flows, and what each of them does where a person or an earlier run is in its way.
    stories = (*FLOWS, "conflict", "resume main")
    named = {point.partition(" ")[2] for story in stories for point in kills(story, 0).points}
    assert len(named) >= 40, sorted(named)
