import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.links import web_repository, web_url

A, B = "a" * 40, "b" * 40


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/acme/shop.git",
        "https://github.com/acme/shop",
        "https://github.com/acme/shop/",
        "https://ada:s3cret@github.com/acme/shop.git",
        "https://x-access-token:ghs_abc@GitHub.com:443/acme/shop.git",
        "http://github.com/acme/shop.git",
        "git@github.com:acme/shop.git",
        "github.com:acme/shop.git",
        "ssh://git@github.com/acme/shop.git",
        "ssh://git@ssh.github.com:443/acme/shop.git",
        "git+ssh://git@github.com/acme/shop",
        "git://github.com/acme/shop.git",
        "git@github.com:/acme/shop.git",
    ],
)
def test_every_form_of_address_leads_to_the_same_page(remote):
    assert web_url(remote) == "https://github.com/acme/shop"


@pytest.mark.parametrize(
    "remote",
    [
        "",
        "/srv/git/shop.git",
        "./shop.git",
        "../github.com/acme/shop",
        "file:///srv/git/github.com/acme/shop",
        "C:\\git\\shop",
        "https://example.com/acme/shop.git",
        "git@git.example.com:acme/shop.git",
        "https://github.com/acme",
        "https://github.com/acme/shop/tree/main",
        "https://github.com/acme/../shop",
        "https://github.com/acme/shop?token=abc",
        "https://github.com/acme/shop#x",
        "https://github.com/acme/sh op",
        "https://github.com/acme/shop)](https://evil.example",
        "https://evil.example/x@github.com/acme/shop",
        "https://github.com@evil.example/acme/shop",
        "https://github.com.evil.example/acme/shop\n",
        "https://notgithub.com/acme/shop",
        "https://bitbucket.acme.example/scm/acme/shop.git",
        "https://github.com/acme/" + "x" * 300,
    ],
)
def test_paths_unknown_hosts_and_odd_addresses_have_no_page(remote):
    assert web_url(remote) is None


@pytest.mark.parametrize(
    ("remote", "commit", "pull", "compare"),
    [
        ("https://github.com/a/b", f"/commit/{A}", "/pull/7", f"/compare/{A}...{B}"),
        ("https://gitlab.com/g/s/b", f"/-/commit/{A}", "/-/merge_requests/7", f"/-/compare/{A}...{B}"),
        ("https://codeberg.org/a/b", f"/commit/{A}", "/pulls/7", f"/compare/{A}...{B}"),
        ("https://bitbucket.org/a/b", f"/commits/{A}", "/pull-requests/7", f"/branches/compare/{B}%0D{A}"),
    ],
)
def test_each_host_has_its_own_pages(remote, commit, pull, compare):
    page = web_repository(remote)

    assert page.commit(A) == remote + commit
    assert page.pull_request(7) == remote + pull
    assert page.compare(A, B) == remote + compare


@pytest.mark.parametrize(
    ("remote", "page"),
    [
        ("ssh://git@gitlab.acme.example:2222/team/sub/shop.git", "https://gitlab.acme.example/team/sub/shop"),
        ("https://ada:pw@gitea.acme.example:3000/team/shop.git", "https://gitea.acme.example:3000/team/shop"),
        ("http://gitea.acme.example:3000/team/shop", "http://gitea.acme.example:3000/team/shop"),
        ("git@github.acme.example:team/shop.git", "https://github.acme.example/team/shop"),
    ],
)
def test_a_self_hosted_server_named_after_its_software_is_known(remote, page):
    assert web_url(remote) == page
    assert web_url(page) == page


def test_only_full_ids_are_compared():
    page = web_repository("https://github.com/a/b")

    assert page.compare("main", B) is None
    assert page.compare(A, "../../evil") is None


@given(st.text(max_size=80) | st.from_regex(r"(https?|ssh)://[a-z:@]{0,8}(github|gitlab)\.com[:/][a-z@?#/.]{0,20}"))
def test_no_address_of_any_kind_gets_a_secret_or_markup_into_a_page(remote):
    page = web_url(remote)

    if page is not None:
        assert set("@ ()[]<>?#\\\n\"'`").isdisjoint(page)
        assert page.startswith(("https://", "http://"))
        assert web_url(page) == page
