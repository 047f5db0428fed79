"""Who the bot is on its host: what is missing, what is too much, and what nobody can see."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.doctor import Level
from bot.core.doctor_hooks import Hook
from bot.core.doctor_host import Allowance, Surroundings, judge_allowance, judge_surroundings
from bot.core.doctor_rights import Feature, Rights, TokenKind, judge_login, judge_rights, judge_workflows, needs_of
from bot.core.doctor_starts import Workflow

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
APP = {
    "contents": "write",
    "statuses": "write",
    "deployments": "write",
    "issues": "write",
    "pull_requests": "read",
    "checks": "write",
    "metadata": "read",
}


FEATURES = frozenset({Feature.APP, Feature.REQUIRED_CHECKS, Feature.PUSHES})


def needs(*, also=(), without=()):
    return needs_of(FEATURES.union(also).difference(without))


def app(**changes):
    granted = {name: level for name, level in (APP | changes).items() if level}
    return Rights(TokenKind.APP, "shop-bot[bot]", granted=granted)


def classic(*scopes, **more):
    return Rights(TokenKind.CLASSIC, "grace", scopes=frozenset(scopes), **more)


def judged(rights, wanted=None):
    return [(each.level.value, each.seen) for each in judge_rights(rights, wanted or needs())]


def test_an_app_with_what_it_needs_is_fine():
    assert judged(app()) == [("ok", "all that is needed, and no more")]
    assert judged(app(administration="read", actions="read")) == [("ok", "all that is needed, and no more")]


@pytest.mark.parametrize("name", [name for name in APP if name != "metadata"])
@pytest.mark.parametrize("level", [None, "read"])
def test_each_missing_permission_is_a_failure_that_names_it(name, level):
    if level == APP[name]:
        return
    ((found, seen),) = judged(app(**{name: level}))
    assert found == "fail"
    assert seen.startswith(f"{name}={APP[name]} is missing")


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"administration": "write"}, "administration=write"),
        ({"secrets": "read"}, "secrets=read"),
        ({"pull_requests": "write"}, "pull_requests=write"),
        ({"workflows": "write"}, "workflows=write"),
    ],
)
def test_an_app_that_may_more_than_it_needs_is_told_what(more, named):
    assert judged(app(**more)) == [("warn", f"more than needed: {named}")]


def test_workflows_are_needed_where_there_are_any():
    assert judged(app(workflows="write"), needs(also=[Feature.WORKFLOWS]))[0][0] == "ok"
    assert judged(classic("repo", "workflow"), needs(also=[Feature.WORKFLOWS], without=[Feature.APP]))[0][0] == "ok"
    assert judged(classic("repo", "workflow"), needs(without=[Feature.APP])) == [
        ("warn", "more than needed: the scope workflow")
    ]


def test_a_classic_token_is_judged_by_its_scopes():
    wanted = needs(without=[Feature.APP])
    assert judged(classic("repo"), wanted)[0][0] == "ok"
    assert {level for level, _ in judged(classic("repo:status"), wanted)} == {"fail"}
    assert judged(classic("public_repo", is_public=True), wanted)[0][0] == "ok"
    assert judged(classic("public_repo"), wanted)[0][0] == "fail"
    assert judged(classic("repo", "admin:org", "gist"), wanted) == [
        ("warn", "more than needed: the scope admin:org, the scope gist")
    ]
    assert judged(classic("repo", administers=True), wanted) == [
        ("warn", "more than needed: its account administers the repository")
    ]


def test_an_account_that_may_only_read_cannot_push():
    ((level, seen),) = judged(classic("repo", may_push=False), needs(without=[Feature.APP]))
    assert level == "fail"
    assert "only read" in seen


@pytest.mark.parametrize("kind", [TokenKind.FINE_GRAINED, TokenKind.WORKFLOW, TokenKind.INSTALLATION])
def test_what_nobody_tells_is_never_fine(kind):
    ((level, seen),) = judged(Rights(kind, "grace"), needs(without=[Feature.APP]))
    assert level == "warn"
    assert "cannot be seen" in seen
    refused = judged(Rights(kind, "grace", refused=("issues",)), needs(without=[Feature.APP]))
    assert [level for level, _ in refused] == ["fail"]


def test_checks_are_needed_to_say_a_check_run_or_to_read_required_ones():
    assert needs().permissions["checks"][0] == "write"
    assert needs(without=[Feature.APP]).permissions["checks"][0] == "read"
    assert "checks" not in needs(without=[Feature.APP, Feature.REQUIRED_CHECKS]).permissions


def test_a_workflows_own_token_starts_no_deployment():
    (found,) = judge_login(Rights(TokenKind.WORKFLOW, "github-actions[bot]"), NOW)
    assert found.level is Level.WARN
    assert "start no deployment" in found.seen
    (other,) = judge_login(app(), NOW)
    assert (other.level, other.seen) == (Level.OK, "shop-bot[bot], by a GitHub App's installation")


@pytest.mark.parametrize(("days", "count"), [(1, 2), (6, 2), (8, 1)])
def test_a_token_that_ends_soon_is_told(days, count):
    rights = classic("repo", expires=NOW + timedelta(days=days))
    assert len(list(judge_login(rights, NOW))) == count


@pytest.mark.parametrize(
    ("rights", "level"),
    [
        (app(), "fail"),
        (app(workflows="read"), "fail"),
        (app(workflows="write"), "ok"),
        (classic("repo"), "fail"),
        (classic("repo", "workflow"), "ok"),
        (Rights(TokenKind.FINE_GRAINED, "grace"), "warn"),
        (Rights(TokenKind.WORKFLOW, "github-actions[bot]"), "fail"),
    ],
)
def test_changed_workflow_files_take_a_permission_of_their_own(rights, level):
    assert judge_workflows(rights, 2).level.value == level
    assert judge_workflows(rights, 0).level is Level.OK


@pytest.mark.parametrize(("left", "level"), [(0, "warn"), (199, "warn"), (200, "ok")])
def test_few_requests_left_are_told(left, level):
    found = judge_allowance(Allowance(left, 5000, NOW))
    assert found.level.value == level
    assert "until 2026-11-21T02:00:00Z" in found.seen


def surroundings(**known):
    return [(each.level.value, each.name) for each in judge_surroundings(Surroundings(**known), "live", ())]


def test_what_was_seen_and_what_was_not():
    assert surroundings() == []
    assert surroundings(immutable=True) == surroundings(immutable=False) == [("ok", "releases")]
    assert surroundings(environment=True) == [("ok", "environment")]
    assert surroundings(environment=False) == [("warn", "environment")]
    assert surroundings(workflows=()) == []
    assert surroundings(workflows=[Workflow("nightly.yml", "active")]) == [("warn", "workflow")]
    assert surroundings(hooks=()) == [("ok", "webhooks")]
    assert surroundings(hooks=[Hook(7, "ci.example", 500, "")]) == [("warn", "webhooks")]
    assert surroundings(hidden=("immutable releases",)) == [("warn", "not seen")]
