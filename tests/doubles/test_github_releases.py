"""The fake GitHub of the tests keeps to GitHub's rules: drafts, tags, files and what cannot be changed."""

import pytest
from support.github import HALF_UPLOAD, fake_github
from support.github.asking import Asker, code, made


def test_a_draft_is_in_the_list_and_nowhere_else_and_makes_no_tag(hub, ask, repo, remote, tip):
    draft = made(ask("POST", f"{repo}/releases", {"tag_name": "v1", "draft": True, "target_commitish": tip}))
    assert [one["id"] for one in ask("GET", f"{repo}/releases").json()] == [draft["id"]]
    assert ask("GET", f"{repo}/releases/tags/v1").status_code == 404
    assert "refs/tags/v1" not in remote.refs()
    reader = Asker(hub.api_url, hub.access.add(permissions={"contents": "read", "metadata": "read"}))
    assert reader("GET", f"{repo}/releases").json() == []
    made(ask("PATCH", f"{repo}/releases/{draft['id']}", {"draft": False}), 200)
    assert remote.sha("refs/tags/v1") == tip


def test_a_published_release_without_its_tag_puts_it_at_the_tip_of_the_default_branch(ask, repo, remote, tip):
    made(ask("POST", f"{repo}/releases", {"tag_name": "v1"}))
    assert remote.sha("refs/tags/v1") == remote.sha("refs/heads/main") != tip


def test_two_drafts_may_have_one_tag_and_two_releases_may_not(ask, repo):
    body = {"tag_name": "v1", "draft": True}
    first, second = (made(ask("POST", f"{repo}/releases", body)) for _ in range(2))
    made(ask("PATCH", f"{repo}/releases/{first['id']}", {"draft": False}), 200)
    assert code(ask("PATCH", f"{repo}/releases/{second['id']}", {"draft": False})) == "already_exists"
    assert code(ask("POST", f"{repo}/releases", {"tag_name": "v1"})) == "already_exists"


def test_the_latest_release_is_the_one_that_was_made_it(ask, repo):
    first = made(ask("POST", f"{repo}/releases", {"tag_name": "v1"}))
    made(ask("POST", f"{repo}/releases", {"tag_name": "v2", "make_latest": "false"}))
    assert ask("GET", f"{repo}/releases/latest").json()["id"] == first["id"]


def test_an_asset_has_its_name_once_and_comes_back_whole(hub, ask, repo):
    release = made(ask("POST", f"{repo}/releases", {"tag_name": "v1"}))
    asset = made(ask.upload(release["upload_url"], "run.json", b"{}"))
    assert (hub.asset("run.json"), asset["size"]) == (b"{}", 2)
    assert code(ask.upload(release["upload_url"], "run.json", b"{}")) == "already_exists"
    assert ask("DELETE", f"{repo}/releases/assets/{asset['id']}").status_code == 204
    made(ask.upload(release["upload_url"], "run.json", b"[]"))
    (there,) = ask("GET", f"{repo}/releases/{release['id']}/assets").json()
    assert there["name"] == "run.json"


def test_an_upload_to_the_wrong_address_is_a_violation(hub, ask, repo):
    release = made(ask("POST", f"{repo}/releases", {"tag_name": "v1"}))
    ask.upload(release["upload_url"].replace("/api/uploads", "/api/v3"), "run.json", b"{}")
    assert "at the address that the release names" in hub.violations[0]
    hub.violations.clear()


def test_half_an_upload_leaves_its_name_taken(hub, ask, repo):
    release = made(ask("POST", f"{repo}/releases", {"tag_name": "v1"}))
    hub.fail("POST */assets", HALF_UPLOAD)
    assert ask.upload(release["upload_url"], "run.json", b"{}").status_code == 502
    (half,) = ask("GET", f"{repo}/releases/{release['id']}/assets").json()
    assert half["state"] == "starter"
    assert code(ask.upload(release["upload_url"], "run.json", b"{}")) == "already_exists"


def test_an_immutable_release_stays_as_it_is_and_its_tag_is_burnt(tmp_path, remote):
    with fake_github(tmp_path, remote, immutable_releases=True) as hub:
        ask, repo = Asker(hub.api_url, hub.token), f"/repos/{hub.full_name}"
        release = made(ask("POST", f"{repo}/releases", {"tag_name": "v1"}))
        assert release["immutable"]
        assert ask.upload(release["upload_url"], "late.json", b"{}").status_code == 422
        assert ask("DELETE", f"{repo}/git/refs/tags/v1").status_code == 422
        assert ask("DELETE", f"{repo}/releases/{release['id']}").status_code == 204
        assert ask("POST", f"{repo}/releases", {"tag_name": "v1"}).status_code == 422


@pytest.mark.parametrize(
    ("path", "body", "limit"),
    [
        ("/releases", {"tag_name": "v1"}, 125_000),
        ("/issues", {"title": "t"}, 65_536),
        ("/issues/1/comments", {}, 65_536),
    ],
)
def test_a_body_is_as_long_as_github_allows_and_no_longer(ask, repo, path, body, limit):
    made(ask("POST", f"{repo}/issues", {"title": "t"}))
    made(ask("POST", repo + path, body | {"body": "x" * limit}))
    long = ask("POST", repo + path, body | {"body": "x" * (limit + 1)})
    assert long.status_code == 422
    assert f"maximum is {limit} characters" in long.text
