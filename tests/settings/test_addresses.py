import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings.addresses import (
    check_base_url,
    check_path_or_url,
    check_remote,
    expand_host,
    host_and_port,
    is_local,
    join,
)

SECRET = "hunter2-very-secret"
REFUSED_REMOTES = [
    f"https://user:{SECRET}@github.com/acme/shop.git",
    f"https://{SECRET}@github.com/acme/shop.git",
    f"ssh://git:{SECRET}@github.com/acme/shop.git",
    f"https://github.com/acme/shop.git?token={SECRET}",
    f"https://github.com/acme/shop.git#{SECRET}",
    f"ext::sh -c {SECRET}",
    f"--upload-pack={SECRET}",
    f"ftp://{SECRET}/x",
    f"http://github.com/{SECRET}",
    f"git://github.com/{SECRET}",
    f"file://other-machine/{SECRET}",
    f"ssh://-oProxyCommand={SECRET}/x",
    f"-host:{SECRET}",
    f"host:-{SECRET}",
    f"https:///{SECRET}",
    f"https://host:99999/{SECRET}",
    f"https://[::1/{SECRET}",
    f"~/{SECRET}",
    f"a\n{SECRET}",
]


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/acme/shop.git",
        "ssh://git@github.com:22/acme/shop.git",
        "git@github.com:acme/shop.git",
        "/srv/git/shop.git",
        "demo/remote.git",
        "../shop.git",
        "./odd:name.git",
        "file:///srv/git/shop.git",
        "shop.git",
        "http://127.0.0.1:8080/shop.git",
        "http://[::1]/shop.git",
        "http://localhost/shop.git",
        "/with blank/ünï.git",
    ],
)
def test_remotes_of_every_allowed_form_pass(remote):
    assert check_remote(remote) == remote


@pytest.mark.parametrize("remote", REFUSED_REMOTES)
def test_other_remotes_are_refused_without_repeating_them(remote):
    with pytest.raises(ValueError, match=r".") as caught:
        check_remote(remote)
    assert SECRET not in str(caught.value)


@given(st.text(max_size=40))
def test_no_text_makes_a_check_fail_otherwise(text):
    for check in (check_remote, check_base_url, check_path_or_url, expand_host):
        try:
            check(text)
        except ValueError as error:
            assert str(error)  # noqa: PT017 - most texts raise, a few may not


@pytest.mark.parametrize(
    "url",
    [
        "https://user:pw@host",
        "https://host?a=1",
        "https://host#f",
        "ftp://host",
        "host",
        "https://",
        "https://ho st",
        "https://host:0",
        "https://-x-",
        "https://exämple.org",
        "https://999.1.1.1",
        "//host",
    ],
)
def test_a_service_url_is_http_with_a_host_and_nothing_hidden(url):
    with pytest.raises(ValueError, match=r"."):
        check_base_url(url)


def test_a_path_stands_under_the_service_and_a_url_for_itself():
    assert join(check_base_url("https://host/app/"), "/version") == "https://host/app/version"
    assert join("https://host", "http://other/metrics") == "http://other/metrics"


@pytest.mark.parametrize("path", ["version", "//host/x", "/x?access_token=abc", "https://u:p@h/x", ""])
def test_a_page_is_a_path_or_a_url(path):
    with pytest.raises(ValueError, match=r"."):
        check_path_or_url(path)


@pytest.mark.parametrize(
    ("url", "pair"),
    [
        ("https://Staging.ACME.example", "staging.acme.example:443"),
        ("http://127.0.0.1:8080", "127.0.0.1:8080"),
        ("http://[::1]", "[::1]:80"),
    ],
)
def test_a_url_leads_to_one_host_and_port(url, pair):
    assert host_and_port(url) == pair


@pytest.mark.parametrize(
    ("entry", "pairs"),
    [
        ("cdn.example:8443", ("cdn.example:8443",)),
        ("CDN.example", ("cdn.example:80", "cdn.example:443")),
        ("::1", ("[::1]:80", "[::1]:443")),
        ("[::1]:9000", ("[::1]:9000",)),
        ("10.0.0.7", ("10.0.0.7:80", "10.0.0.7:443")),
    ],
)
def test_an_allowed_host_without_port_means_both_web_ports(entry, pairs):
    assert expand_host(entry) == pairs


@pytest.mark.parametrize(
    "entry", ["", "*", "http://host", "host/path", "u@host", "host:", "host:0", "host:x", "ho st", "1.2.3"]
)
def test_what_is_no_host_is_refused(entry):
    with pytest.raises(ValueError, match=r"."):
        expand_host(entry)


def test_a_colon_before_the_first_slash_means_another_machine():
    assert not is_local("host:path")
    assert is_local("./host:path")
