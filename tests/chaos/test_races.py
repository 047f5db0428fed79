"""Many bots at one moment: exactly one promotion a round, as the auditor sees it; naive bots fail the same test."""

import pytest
from support.chaos import race
from support.httpgit import http_git
from support.races import watched_remote


def test_eight_bots_of_separate_installations_make_one_promotion_a_round(tmp_path):
    remote = watched_remote(tmp_path)
    raced = race(remote.path, bots=8, rounds=50)
    assert raced.wrong == ()
    assert raced.winners == (1,) * 50


def test_over_http_it_is_the_same(tmp_path):
    remote = watched_remote(tmp_path)
    with http_git(tmp_path, token=None) as server:
        served = server.served(remote)
        raced = race(remote.path, bots=8, rounds=50, address=served.url)
    assert raced.wrong == ()
    assert raced.winners == (1,) * 50


def test_a_freeze_at_the_same_moment_comes_after_the_promotion_or_there_is_none(tmp_path):
    remote = watched_remote(tmp_path)
    raced = race(remote.path, bots=4, rounds=6, who="freezing")
    assert raced.wrong == ()
    # One of the moments is before any bot begins, and one is when one of them has promoted.
    assert {0, 1} == set(raced.winners)


def test_bots_without_lease_and_ledger_fail_the_same_test(tmp_path):
    remote = watched_remote(tmp_path)
    raced = race(remote.path, bots=8, rounds=3, who="naive")
    assert any("has 0 entries" in each for each in raced.wrong)
    assert any("without an entry" in each for each in raced.wrong)
    assert max(raced.winners) > 1


@pytest.mark.parametrize("dropped", ["atomic", "ledger"])
def test_bots_that_drop_a_single_guard_fail_it_too(tmp_path, dropped):
    remote = watched_remote(tmp_path)
    assert race(remote.path, bots=8, rounds=3, who=f"without {dropped}").wrong
