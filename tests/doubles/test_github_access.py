"""The fake GitHub of the tests keeps to GitHub's rules: who may do what."""

import time

import jwt
import pytest
from support.github import TokenKind
from support.github.asking import Asker, made


def test_only_a_known_token_that_is_not_expired_gets_in(hub, repo, now):
    old = hub.access.add(lasts=60)
    assert Asker(hub.api_url, old)("GET", repo).status_code == 200
    now[0] += 61
    assert Asker(hub.api_url, old)("GET", repo).json()["message"] == "Bad credentials"
    assert Asker(hub.api_url, "ghp_wrong")("GET", repo).status_code == 401
    assert Asker(hub.api_url)("GET", repo).status_code == 404


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        (TokenKind.FINE_GRAINED, 403, "Resource not accessible by personal access token"),
        (TokenKind.INSTALLATION, 403, "Resource not accessible by integration"),
    ],
)
def test_a_missing_permission_is_named_beside_the_refusal(hub, repo, kind, status, words):
    ask = Asker(hub.api_url, hub.access.add(kind, {"metadata": "read", "issues": "read"}))
    answer = ask("POST", f"{repo}/issues", {"title": "t"})
    assert (answer.status_code, answer.json()["message"]) == (status, words)
    assert answer.headers["X-Accepted-GitHub-Permissions"] == "issues=write"


def test_a_classic_token_without_its_scope_sees_no_private_repository(hub, repo):
    weak = Asker(hub.api_url, hub.access.add(TokenKind.CLASSIC, scopes=("gist",)))
    assert weak("GET", repo).status_code == 404
    assert weak("GET", "/user").headers["X-OAuth-Scopes"] == "gist"


def claims(hub, **more):
    return {"iss": str(hub.app_id), "iat": int(time.time()) - 30, "exp": int(time.time()) + 300, **more}


def app(hub, key=None, **more):
    return Asker(hub.api_url, jwt.encode(claims(hub, **more), key or hub.app_key, algorithm="RS256"), "Bearer")


def test_an_app_gets_a_token_of_its_installation_for_an_hour(hub, repo, now):
    found = app(hub)("GET", f"{repo}/installation").json()
    got = made(app(hub)("POST", f"/app/installations/{found['id']}/access_tokens", {"permissions": {"issues": "read"}}))
    ask = Asker(hub.api_url, got["token"])
    assert ask("GET", f"{repo}/issues").status_code == 200
    assert ask("GET", f"{repo}/releases").status_code == 403
    now[0] += 3601
    assert ask("GET", f"{repo}/issues").status_code == 401


@pytest.mark.parametrize(("name", "seconds"), [("exp", 4000), ("iat", 100), ("exp", -10)])
def test_a_jwt_with_times_that_github_refuses_is_refused(hub, name, seconds):
    assert app(hub, **{name: int(time.time()) + seconds})("GET", "/app").status_code == 401


def test_an_app_cannot_be_had_with_a_token_nor_a_repository_with_a_jwt(hub, ask, repo):
    assert ask("GET", "/app").status_code == 401
    assert app(hub)("GET", repo).status_code == 401
    assert app(hub)("GET", "/app").json()["slug"] == "promotion-bot"


def test_an_installation_grants_no_more_than_it_was_given(hub):
    body = {"permissions": {"administration": "write"}}
    answer = app(hub)("POST", f"/app/installations/{hub.installation_id}/access_tokens", body)
    assert answer.status_code == 422
