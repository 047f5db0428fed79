"""The fake GitHub keeps to GitHub's description: what it answers has that shape, what it is asked must have it, too."""

import pytest
from support.github import fake_github
from support.github.asking import Asker, as_installation, made

# --- what is read has GitHub's shape: the fake holds each answer against the description


READ = (
    "",
    "/branches",
    "/branches/main",
    "/tags",
    "/commits",
    "/commits/staging",
    "/commits/staging/status",
    "/commits/staging/statuses",
    "/statuses/staging",
    "/commits/staging/check-runs",
    "/commits/staging/pulls",
    "/compare/main...staging",
    "/contents/count.txt",
    "/contents/docs",
    "/git/ref/heads/main",
    "/git/matching-refs/heads/",
    "/git/trees/main",
    "/releases",
    "/releases/latest",
    "/releases/tags/v1",
    "/issues",
    "/issues/1",
    "/issues/1/comments",
    "/issues/1/labels",
    "/labels",
    "/labels/blocked",
    "/pulls/7",
    "/deployments",
    "/rules/branches/main",
    "/rulesets",
    "/branches/main/protection",
    "/immutable-releases",
    "/actions/permissions",
    "/actions/permissions/workflow",
    "/actions/workflows",
)


def test_everything_that_is_read_has_the_shape_of_github(tmp_path, remote):
    remote.commit("main", files={"docs/a.md": "a", ".github/workflows/ci.yml": "on: push", "count.txt": "1"})
    tip = remote.sha("refs/heads/staging")
    with fake_github(tmp_path, remote, immutable_releases=True) as hub:
        ask, repo = Asker(hub.api_url, hub.access.add()), f"/repos/{hub.full_name}"
        hub.add_status(tip, "build")
        hub.add_check(tip, "test")
        hub.add_pull(7, "feat: seven", labels=("a",), commits=(tip,), merge_commit=tip)
        hub.add_ruleset("rules", [{"type": "deletion"}])
        hub.protect("main", checks=("build",), reviews=1)
        made(ask("POST", f"{repo}/releases", {"tag_name": "v1", "name": "v1", "body": "b"}))
        made(ask("POST", f"{repo}/issues", {"title": "t", "labels": ["blocked"]}))
        hub.issues[0]["number"] = 1
        hub.issues[0]["url"] = f"{hub.repo_url}/issues/1"
        made(ask("POST", f"{repo}/issues/1/comments", {"body": "c"}))
        made(ask("POST", f"{repo}/deployments", {"ref": tip, "auto_merge": False, "required_contexts": []}))
        assert {path: ask("GET", repo + path).status_code for path in READ} == dict.fromkeys(READ, 200)


def test_who_asks_and_how_much_is_left_can_be_read(hub, ask):
    assert ask("GET", "/user").json()["login"] == "grace"
    assert ask("GET", "/rate_limit").json()["rate"]["remaining"] == 4999
    assert as_installation(hub)("GET", "/user").status_code == 403
    assert as_installation(hub)("GET", "/installation/repositories").json()["total_count"] == 1


# --- requests that GitHub does not have


@pytest.mark.parametrize(
    "wrong",
    [
        ("GET", "/nothing", None, {}),
        ("GET", "/releases", None, {"pages": 1}),
        ("GET", "/issues", None, {"state": "broken"}),
        ("GET", "/releases/latest/assets", None, {}),
        ("POST", "/releases", {"name": "no tag"}, {}),
        ("POST", "/releases", {"tag_name": "v1", "boddy": "?"}, {}),
        ("POST", "/issues", {"title": "t", "labels": "blocked"}, {}),
        ("POST", "/check-runs", {"name": "n", "head_sha": "s", "output": {"title": "t"}}, {}),
        ("GET", "/topics", None, {}),
    ],
)
def test_what_github_does_not_define_is_a_violation(hub, ask, wrong):
    method, path, body, query = wrong
    assert ask(method, f"/repos/{hub.full_name}{path}", body, **query).status_code in (404, 422)
    assert hub.violations
    hub.violations.clear()


def test_a_violation_fails_the_test_at_the_end(tmp_path, remote):
    with pytest.raises(AssertionError, match="GitHub has no such path"), fake_github(tmp_path, remote) as hub:
        Asker(hub.api_url, hub.token)("GET", "/repo/acme/shop")


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("{ viewer { loggin } }", {}),
        ("query($n: Int!) { rateLimit { remaining } repository(owner: 1, name: $n) { id } }", {"n": 1}),
        ("query($n: String!) { repository(owner: $n, name: $n) { id } }", {}),
        ("query($n: String!) { repository(owner: $n, name: $n) { id } }", {"n": "a", "m": "b"}),
        ("{ viewer {", {}),
        ("{ viewer { bio } }", {}),
        ('{ repository(owner: "acme", name: "shop") { issues(first: 1) { totalCount } } }', {}),
    ],
)
def test_graphql_that_github_or_the_fake_does_not_have_is_a_violation(hub, ask, document, variables):
    assert "errors" in ask.graphql(document, **variables)
    assert hub.violations
    hub.violations.clear()
