"""Where on GitHub a repository is, by its remote's address and by what the configuration adds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.hostplace import HostPlace, api_of, github_place, names_github, repository_of, serves_git

SHOP = "acme/shop"


@pytest.mark.parametrize(
    ("remote", "api"),
    [
        ("https://github.com/acme/shop.git", "https://api.github.com"),
        ("https://github.com/acme/shop/", "https://api.github.com"),
        ("git@github.com:acme/shop.git", "https://api.github.com"),
        ("ssh://git@ssh.github.com:443/acme/shop.git", "https://api.github.com"),
        ("https://acme.ghe.com/acme/shop.git", "https://api.acme.ghe.com"),
        ("git@acme.ghe.com:acme/shop.git", "https://api.acme.ghe.com"),
        ("https://github.acme.example/acme/shop.git", "https://github.acme.example/api/v3"),
        ("https://github.acme.example:8443/acme/shop.git", "https://github.acme.example:8443/api/v3"),
        ("git@github.acme.example:acme/shop.git", "https://github.acme.example/api/v3"),
        ("ssh://git@github.acme.example:2222/acme/shop.git", "https://github.acme.example/api/v3"),
    ],
)
def test_an_address_of_github_tells_all(remote, api):
    assert names_github(remote)
    assert github_place(remote, None, None) == HostPlace(api, SHOP)


@pytest.mark.parametrize(
    "remote",
    [
        "https://gitlab.com/acme/shop.git",
        "https://git.acme.example/acme/shop.git",
        "https://ghe.com/acme/shop.git",
        "https://evilghe.com/acme/shop.git",
        "https://api.github.com/acme",
        "/srv/git/shop.git",
        "file:///srv/git/shop.git",
        "",
    ],
)
def test_no_other_address_is_taken_for_github_by_itself(remote):
    assert not names_github(remote)


def test_an_installation_of_ones_own_is_found_where_it_is_named():
    remote = "https://git.acme.example/acme/shop.git"

    assert github_place(remote, None, None) == HostPlace("https://git.acme.example/api/v3", SHOP)
    assert github_place("/srv/shop.git", "http://localhost:4000/", "acme/web") == HostPlace(
        "http://localhost:4000", "acme/web"
    )
    assert github_place("/srv/shop.git", "http://localhost:4000", None) is None
    assert github_place("/srv/shop.git", None, "acme/web") is None


@pytest.mark.parametrize("path", ["shop", "a/b/c", "../shop", "./shop", ""])
def test_a_path_that_is_not_owner_and_name_is_none(path):
    assert repository_of(f"https://git.acme.example/{path}") is None


@pytest.mark.parametrize(
    ("remote", "api", "serves"),
    [
        ("https://github.com/acme/shop.git", "https://api.github.com", True),
        ("https://GitHub.com/acme/shop.git", "https://api.github.com", True),
        ("https://acme.ghe.com/acme/shop.git", "https://api.acme.ghe.com", True),
        ("https://github.acme.example/acme/shop.git", "https://github.acme.example/api/v3", True),
        ("http://localhost:3000/acme/shop.git", "http://localhost:4000/api/v3", True),
        ("http://localhost:3000/acme/shop.git", "https://localhost/api/v3", False),
        ("https://github.com/acme/shop.git", "https://github.acme.example/api/v3", False),
        ("https://mirror.example/acme/shop.git", "https://api.github.com", False),
        ("https://evil.example/api.github.com", "https://api.github.com", False),
        ("git@github.com:acme/shop.git", "https://api.github.com", False),
        ("/srv/github.com/shop.git", "https://api.github.com", False),
    ],
)
def test_the_token_of_the_api_is_shown_to_a_remote_on_the_same_host_only(remote, api, serves):
    assert serves_git(remote, api) is serves


@given(st.text(max_size=80))
def test_no_address_breaks_it(remote):
    names_github(remote)
    repository_of(remote)
    api = api_of(remote)
    assert api is None or api.startswith(("https://", "http://"))
