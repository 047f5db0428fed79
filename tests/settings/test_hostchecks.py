"""[host]: one login, one place, and a host for whatever needs one; every error at once."""

import pytest
from support.configurations import problems_of, settled

HUB, SSH, LOCAL, OTHER = (
    "https://github.com/acme/shop.git",
    "git@github.com:acme/shop.git",
    "/srv/git/shop.git",
    "https://git.acme.example/acme/shop.git",
)


def with_host(document, remote=HUB, gate=None, transport=None, **host):
    repository = document["repository"] | {"remote": remote} | ({"transport": transport} if transport else {})
    return document | {"repository": repository} | ({"host": host} if host else {}) | ({"gate": gate} if gate else {})


@pytest.mark.parametrize(
    ("remote", "host"),
    [
        (HUB, {}),
        (HUB, {"kind": "github"}),
        (SSH, {"kind": "github", "token_file": "/run/secrets/token"}),
        (HUB, {"token_env": "SHOP_TOKEN", "notify_authors": True}),
        (HUB, {"app_id": 1, "app_key_env": "SHOP_KEY"}),
        (LOCAL, {"kind": "github", "api_url": "http://localhost:4000", "repository": "acme/shop"}),
        (LOCAL, {"kind": "github", "api_url": "http://127.0.0.1:4000", "repository": "acme/shop"}),
        (LOCAL, {"kind": "github", "api_url": "http://[::1]:4000", "repository": "acme/shop"}),
        (OTHER, {"kind": "github"}),
        (
            OTHER,
            {
                "kind": "github",
                "app_id": 1,
                "app_key_file": "/etc/key.pem",
                "api_url": "https://git.acme.example/api/v3",
            },
        ),
        (LOCAL, {"kind": "none"}),
        (LOCAL, {"environment": "live"}),
    ],
)
def test_what_goes_together_is_taken(document, remote, host):
    assert problems_of(with_host(document, remote, **host)) == {}


@pytest.mark.parametrize(
    ("host", "paths"),
    [
        ({"token_env": "A", "token_file": "/b"}, ["host.token_file"]),
        ({"token_env": "A", "app_id": 1, "app_key_env": "B"}, ["host.app_id"]),
        ({"token_env": "A", "token_file": "/b", "app_id": 1, "app_key_env": "B"}, ["host.token_file", "host.app_id"]),
        ({"app_id": 1}, ["host.app_key_file"]),
        ({"app_id": 1, "app_key_file": "/k", "app_key_env": "B"}, ["host.app_key_env"]),
        ({"app_key_file": "/k"}, ["host.app_key_file"]),
        ({"app_key_file": "/k", "app_key_env": "B"}, ["host.app_key_file", "host.app_key_env"]),
        ({"api_url": "http://github.acme.example/api/v3"}, ["host.api_url"]),
        ({"api_url": "https://user:word@github.acme.example"}, ["host.api_url"]),
        ({"kind": "gitlab"}, ["host.kind"]),
        ({"repository": "acme"}, ["host.repository"]),
        ({"app_id": 0, "app_key_env": "B"}, ["host.app_id"]),
        ({"environment": "a/b"}, ["host.environment"]),
    ],
)
def test_what_does_not_go_together_is_named_with_its_place(document, host, paths):
    assert set(problems_of(with_host(document, **host))) == set(paths)


@pytest.mark.parametrize(
    ("remote", "host", "paths"),
    [
        (LOCAL, {"kind": "github"}, ["host.api_url", "host.repository"]),
        (LOCAL, {"kind": "github", "api_url": "http://localhost:4000"}, ["host.repository"]),
        (LOCAL, {"kind": "github", "repository": "acme/shop"}, ["host.api_url"]),
        ("https://git.acme.example/deep/er/shop.git", {"kind": "github"}, ["host.repository"]),
    ],
)
def test_a_github_that_cannot_be_found_is_refused(document, remote, host, paths):
    assert set(problems_of(with_host(document, remote, **host))) == set(paths)


@pytest.mark.parametrize("needs", [{"gate": {"required_checks": ["test"]}}, {"transport": "api"}])
@pytest.mark.parametrize(
    ("remote", "host", "fine"),
    [
        (HUB, {}, True),
        (SSH, {"kind": "github"}, True),
        (HUB, {"kind": "none"}, False),
        (LOCAL, {}, False),
        (OTHER, {}, False),
        (OTHER, {"kind": "github"}, True),
    ],
)
def test_what_needs_a_host_has_one(document, needs, remote, host, fine):
    problems = problems_of(with_host(document, remote, **needs, **host))

    path = "gate.required_checks" if "gate" in needs else "repository.transport"
    assert list(problems) == ([] if fine else [path])


def test_no_checks_need_no_host(document):
    assert problems_of(with_host(document, LOCAL, gate={"required_checks": []})) == {}


def test_a_key_of_a_host_that_is_not_spoken_to_has_no_use(document):
    keys = {"api_url": "https://x.example", "token_env": "A", "environment": "live"}

    assert set(problems_of(with_host(document, HUB, kind="none", **keys))) == {f"host.{key}" for key in keys}
    assert set(problems_of(with_host(document, LOCAL, **keys))) == {"host.api_url", "host.token_env"}


def test_every_error_is_told_at_once(document):
    broken = with_host(document, LOCAL, gate={"required_checks": ["test"]}, transport="api", kind="none", app_id=1)

    assert set(problems_of(broken)) == {
        "gate.required_checks",
        "repository.transport",
        "host.app_id",
        "host.app_key_file",
    }


def test_a_table_of_another_type_is_one_error(document):
    assert set(problems_of(document | {"host": "github"})) == {"host"}
    assert set(problems_of(document | {"host": {"api_url": 5}})) == {"host.api_url"}
    assert set(problems_of(document | {"repository": "shop", "host": {"kind": "github"}})) == {"repository"}


def test_a_token_in_place_of_its_name_is_not_repeated(document):
    token = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"

    problems = problems_of(with_host(document, token_env=token))

    assert problems
    assert token not in str(problems)


def test_files_count_from_the_working_directory(document, tmp_path):
    found = settled(with_host(document, app_id=1, app_key_file="app.pem"), tmp_path).host

    assert found.app_key_file == str(tmp_path / "app.pem")
    assert (found.kind, found.environment, found.notify_authors) == ("auto", "production", False)
