"""The host as a whole: what a night costs, what it says where, and that nobody is told more than once."""

import re

import pytest
from support.github import ERROR, HTML_OK, LOST, TOKEN_EXPIRED, TokenKind, writes
from support.githubhost import ASSETS, blocked, staged, unblocked

from bot.core.hosting import Light, Pull
from bot.errors import BotError, Reason

MOST_CALLS = 60


@pytest.fixture
def stage(tmp_path, monkeypatch):
    with staged(tmp_path, monkeypatch) as stage:
        yield stage


@pytest.fixture
def app(tmp_path, monkeypatch):
    with staged(tmp_path, monkeypatch, is_app=True) as stage:
        yield stage


def whole_night(stage, host):
    """All that a promoted night of 150 commits asks and says."""
    begun = stage.mark(Light.PENDING, line="under test", title="Under test", page="the plan")
    host.checks(stage.sha)
    host.announce(begun, stage.folder)
    host.announce(stage.mark(), stage.folder)
    stage.push_tag()
    host.pulls([stage.sha, *(f"{number:040x}" for number in range(149))])
    said = (stage.mark(), stage.deployed(), stage.publication(), unblocked())
    for what in said:
        host.announce(what, stage.folder)


@pytest.mark.parametrize("kind", ["stage", "app"])
def test_a_promoted_night_of_150_commits_asks_github_less_than_it_may(kind, request):
    stage = request.getfixturevalue(kind)
    whole_night(stage, stage.host())
    assert stage.last.calls == len(stage.hub.requests)
    assert (stage.last.calls, len(stage.hub.writes)) == ((32, 11) if stage.is_app else (27, 9))
    assert stage.last.calls <= MOST_CALLS


def test_a_night_that_closes_an_issue_stays_within_that_as_well(app):
    app.say(blocked(run_id="the night before"))
    before = len(app.hub.requests)
    whole_night(app, app.host())
    assert len(app.hub.requests) - before <= MOST_CALLS


def test_all_of_a_night_said_again_writes_nothing(app):
    whole_night(app, app.host())
    before = len(app.hub.writes)
    app.say(app.mark(), app.deployed(), app.publication(), unblocked())
    assert len(app.hub.writes) == before


def test_pull_requests_are_those_that_were_merged_into_our_branches(stage):
    stage.hub.add_pull(7, "feat: x", labels=("a",), commits=(stage.sha,), merge_commit=stage.sha)
    found = stage.host().pulls([stage.sha])
    assert found[stage.sha] == Pull(7, "feat: x", ("a",), "ada", stage.sha)


def everything(stage):
    return (stage.mark(), stage.deployed(), stage.publication(), blocked(), unblocked())


@pytest.mark.parametrize("fault", [ERROR, HTML_OK], ids=str)
def test_while_github_is_down_nothing_counts_as_said_and_nobody_waits_for_ever(stage, fault):
    stage.push_tag()
    stage.hub.fail(lambda *_: True, fault, times=10_000)
    host = stage.host()
    for what in everything(stage):
        with pytest.raises(BotError) as caught:
            host.announce(what, stage.folder)
        assert caught.value.reason in {Reason.HOST_FAILED, Reason.HOST_UNREACHABLE}
    assert stage.clock.passed <= 120 + 1


def test_all_waiting_is_counted_and_capped(stage):
    stage.push_tag()
    stage.hub.fail(writes, ERROR, times=10_000)
    host = stage.host(patience=30.0)
    for what in everything(stage)[:-1]:
        with pytest.raises(BotError):
            host.announce(what, stage.folder)
    assert stage.clock.passed <= 30
    assert stage.last.waited <= 30 + 5


def test_a_token_that_is_no_good_any_more_says_so(stage):
    stage.hub.fail(writes, TOKEN_EXPIRED, times=10_000)
    with pytest.raises(BotError) as caught:
        stage.say(stage.mark())
    assert caught.value.reason is Reason.BAD_CREDENTIALS
    assert stage.hub.statuses == []


def test_what_the_login_may_not_do_is_a_refusal_that_names_the_permission(stage):
    stage.hub.token = stage.hub.access.add(TokenKind.FINE_GRAINED, {"metadata": "read", "issues": "read"})
    with pytest.raises(BotError, match="issues=write") as caught:
        stage.say(blocked())
    assert caught.value.reason is Reason.HOST_REFUSED
    assert stage.clock.passed == 0


def test_a_repository_without_issues_is_a_refusal(tmp_path, monkeypatch):
    with staged(tmp_path, monkeypatch, has_issues=False) as stage:
        with pytest.raises(BotError, match="disabled") as caught:
            stage.say(blocked())
        assert caught.value.reason is Reason.HOST_REFUSED


def test_two_bots_that_say_the_same_one_after_the_other_say_it_once(app):
    app.push_tag()
    for _ in range(2):
        app.hub.fail(writes, LOST, times=1)
        app.say(app.mark(), app.deployed(), app.publication(), blocked())
    assert [len(each) for each in (app.hub.check_runs, app.hub.deployments, app.hub.releases, app.hub.issues)] == [
        1
    ] * 4
    assert len(app.hub.releases[0]["assets"]) == len(ASSETS)


def test_nothing_of_ours_holds_the_token(stage):
    stage.push_tag()
    stage.say(*everything(stage))
    assert stage.hub.token not in "".join(path.read_text() for path in stage.folder.iterdir())
    assert not re.search("github_pat_|ghs_", str(stage.hub.world))
