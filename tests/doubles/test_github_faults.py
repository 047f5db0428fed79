"""The fake GitHub of the tests keeps to GitHub's rules: what goes wrong does so as told."""

import pytest
import requests
from support.github import (
    BAD_GATEWAY,
    GRAPHQL_ERROR,
    GRAPHQL_LIMIT,
    HTML_OK,
    LOST,
    PRIMARY_LIMIT,
    RESET,
    SECONDARY_LIMIT,
    TOKEN_EXPIRED,
    TRUNCATED,
    stale,
    writes,
)
from support.github.asking import MOVE, as_installation, code, made, move


def test_a_lost_answer_leaves_its_effect(hub, ask, repo):
    hub.fail("POST */issues", LOST)
    with pytest.raises(requests.ConnectionError):
        ask("POST", f"{repo}/issues", {"title": "t"})
    assert (len(hub.issues), hub.requests[-1].status, hub.requests[-1].fault) == (1, 0, "applied, reply lost")


def test_a_reset_and_a_502_leave_none_unless_they_come_after_the_work(hub, ask, repo):
    hub.fail("POST */issues", RESET)
    with pytest.raises(requests.ConnectionError):
        ask("POST", f"{repo}/issues", {"title": "t"})
    hub.fail("POST */issues", BAD_GATEWAY)
    assert ask("POST", f"{repo}/issues", {"title": "t"}).status_code == 502
    assert hub.issues == []
    hub.fail("POST */issues", BAD_GATEWAY.after_the_work())
    assert ask("POST", f"{repo}/issues", {"title": "t"}).status_code == 502
    assert len(hub.issues) == 1


def test_a_cut_answer_is_no_json_and_a_page_is_none_either(hub, ask, repo):
    hub.fail("POST */issues", TRUNCATED)
    with pytest.raises((ValueError, requests.RequestException)):
        ask("POST", f"{repo}/issues", {"title": "t"}).json()
    hub.fail("GET */issues", HTML_OK)
    assert ask("GET", f"{repo}/issues").text.startswith("<!DOCTYPE html>")
    assert len(hub.issues) == 1


def test_limits_say_when_to_come_again(hub, ask, repo, now):
    hub.fail(writes, SECONDARY_LIMIT)
    assert ask("POST", f"{repo}/issues", {"title": "t"}).headers["Retry-After"] == "60"
    hub.fail(writes, PRIMARY_LIMIT)
    limited = ask("POST", f"{repo}/issues", {"title": "t"})
    assert int(limited.headers["X-RateLimit-Reset"]) == int(now[0] + 600)
    assert limited.headers["X-RateLimit-Remaining"] == "0"
    hub.limit.leave(0, seconds=30)
    assert ask("GET", repo).status_code == 403
    now[0] += 30
    assert ask("GET", repo).status_code == 200


def test_an_expired_token_stays_so_until_there_is_a_new_one(hub, repo):
    old = as_installation(hub)
    hub.fail("GET */issues", TOKEN_EXPIRED)
    assert old("GET", f"{repo}/issues").status_code == 401
    assert old("GET", f"{repo}/issues").status_code == 401
    assert as_installation(hub)("GET", f"{repo}/issues").status_code == 200


def test_reads_lag_behind_a_write_for_a_while_and_writes_do_not(hub, ask, repo, tip, now):
    hub.fail("POST */releases", stale(5))
    made(ask("POST", f"{repo}/releases", {"tag_name": "v1", "target_commitish": tip}))
    assert ask("GET", f"{repo}/releases").json() == []
    assert ask("GET", f"{repo}/git/ref/tags/v1").status_code == 404
    assert code(ask("POST", f"{repo}/releases", {"tag_name": "v1"})) == "already_exists"
    now[0] += 5
    assert len(ask("GET", f"{repo}/releases").json()) == 1


def test_graphql_says_with_200_that_it_failed_and_did_nothing(hub, ask, remote, tip):
    old = remote.sha("refs/heads/main")
    for fault in (GRAPHQL_ERROR, GRAPHQL_LIMIT):
        hub.fail("POST /graphql", fault)
        assert "errors" in ask.graphql(MOVE, input=move(hub, ("refs/heads/main", old, tip)))
    assert remote.sha("refs/heads/main") == old


def test_the_writes_of_the_busiest_minute_are_counted(hub, ask, repo, now):
    for pause in (30, 29, 30, 600, 0):
        made(ask("POST", f"{repo}/issues", {"title": "t"}))
        now[0] += pause
    assert hub.busiest_minute() == 3


def test_a_fault_can_wait_for_its_turn_and_come_more_than_once(hub, ask, repo):
    planned = hub.fail(writes, BAD_GATEWAY, skip=1, times=2)
    states = [ask("POST", f"{repo}/issues", {"title": "t"}).status_code for _ in range(4)]
    assert (states, planned.hit) == ([201, 502, 502, 201], 2)
