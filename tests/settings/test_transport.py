"""How the remote lets the bot in: which keys go together, and with which kind of remote."""

import pytest
from support.configurations import problems_of, settled

HTTPS, SSH, PATH = "https://forge.example/shop.git", "git@forge.example:shop.git", "/srv/shop.git"


def with_keys(document, remote, **keys):
    return document | {"repository": document["repository"] | {"remote": remote} | keys}


@pytest.mark.parametrize("key", ["token_env", "token_file"])
def test_a_token_is_named_and_never_held(document, key):
    value = "SHOP_TOKEN" if key == "token_env" else "/run/secrets/token"

    found = settled(with_keys(document, HTTPS, **{key: value})).repository

    assert getattr(found, key) == value
    assert found.username is None


def test_a_relative_file_counts_from_the_working_directory(document, tmp_path):
    found = settled(with_keys(document, HTTPS, token_file="token"), tmp_path)

    assert found.repository.token_file == str(tmp_path / "token")


def test_the_keys_of_ssh_go_with_a_remote_that_is_reached_by_ssh(document):
    for remote in (SSH, "ssh://git@forge.example:2222/shop.git"):
        found = settled(with_keys(document, remote, ssh_key_file="/etc/key", known_hosts_file="/etc/known"))
        assert (found.repository.ssh_key_file, found.repository.known_hosts_file) == ("/etc/key", "/etc/known")


@pytest.mark.parametrize(
    ("remote", "keys", "path"),
    [
        (HTTPS, {"token_env": "A", "token_file": "/b"}, "repository.token_file"),
        (HTTPS, {"username": "oauth2"}, "repository.username"),
        (HTTPS, {"token_env": "not a name"}, "repository.token_env"),
        (HTTPS, {"token_env": "A", "username": "a b"}, "repository.username"),
        (HTTPS, {"token_env": "A", "username": "a'$(id)"}, "repository.username"),
        (HTTPS, {"ssh_key_file": "/k"}, "repository.ssh_key_file"),
        (SSH, {"token_env": "A"}, "repository.token_env"),
        (PATH, {"token_file": "/b"}, "repository.token_file"),
        (PATH, {"known_hosts_file": "/b"}, "repository.known_hosts_file"),
        (HTTPS, {"cache": "treeless"}, "repository.cache"),
        (HTTPS, {"token_file": "~/token"}, "repository.token_file"),
    ],
)
def test_what_does_not_go_together_is_refused_with_its_place(document, remote, keys, path):
    assert list(problems_of(with_keys(document, remote, **keys))) == [path]


def test_a_token_in_place_of_its_name_is_refused_and_not_repeated(document):
    token = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"

    problems = problems_of(with_keys(document, HTTPS, token_env=token))

    assert problems
    assert token not in str(problems)
