"""Addresses, errors and git's words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.git_errors import failure, reason_of
from bot.adapters.git_remote import Remote, parse_remote
from bot.adapters.git_text import clean_lines, redact, telling_line
from bot.errors import BotError, Reason

NO_ACCESS = "fatal: Could not read from remote repository."


@pytest.mark.parametrize(
    ("text", "protocol"),
    [
        ("https://github.com/acme/shop.git", "https"),
        ("https://forge.example:8443/acme/shop", "https"),
        ("ssh://git@forge.example:2222/acme/shop.git", "ssh"),
        ("git@github.com:acme/shop.git", "ssh"),
        ("forge:shop.git", "ssh"),
        ("/srv/git/shop.git", "file"),
        ("file:///srv/git/shop.git", "file"),
        ("http://127.0.0.1:3000/acme/shop.git", "http"),
        ("http://localhost/x", "http"),
        ("http://[::1]:80/x", "http"),
    ],
)
def test_an_address_says_which_protocol_it_needs(text, protocol):
    assert parse_remote(text) == Remote(text, protocol)


@pytest.mark.parametrize("text", ["shop.git", "./a:b", "../shop"])
def test_a_relative_path_becomes_an_absolute_one(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert parse_remote(text) == Remote(str(tmp_path / text), "file")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-x",
        "--upload-pack=touch /tmp/x",
        "ext::sh -c touch% /tmp/x",
        "fd::17",
        "git://forge.example/x",
        "http://forge.example/x",
        "http://127.0.0.1.evil.example/x",
        "http://127.0.0.1@evil.example/x",
        "https://token@forge.example/x",
        "https://user:s3cret@forge.example/x",
        "https://forge.example/x?private_token=s3cret",
        "ssh://user:s3cret@forge.example/x",
        "ssh://-oProxyCommand=x/x",
        "https://[/x",
        "https:///x",
        "ftp://x/y",
        "a\nb",
        "/srv/\x1b[31m",
    ],
)
def test_an_address_with_a_secret_an_option_or_another_transport_is_refused(text):
    with pytest.raises(BotError) as caught:
        parse_remote(text)

    assert caught.value.reason is Reason.BAD_CONFIGURATION
    assert "s3cret" not in caught.value.sentence
    assert caught.value.sentence.isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "fatal: unable to access 'https://u:s3cret@h/x'",
        "https://s3cret@h/x",
        "PRIVATE-TOKEN: s3cret",
        "Authorization: Basic s3cret",
        "GET /x?access_token=s3cret&y=1",
        "http://h/x?private_token=s3cret",
        "ghp_s3cretABC and github_pat_s3cret and glpat-s3cret",
    ],
)
def test_no_secret_survives(text):
    assert "s3cret" not in redact(text)
    assert "s3cret" not in telling_line(text)


@given(st.text(max_size=300))
def test_lines_are_printable_whatever_came(text):
    assert all(line.isprintable() and len(line) <= 300 for line in clean_lines(text))


@pytest.mark.parametrize(
    ("stderr", "line"),
    [
        ("warning: x\nerror: y\nfatal: z\n", "fatal: z"),
        (
            "ssh: connect to host h: refused\nfatal: Could not read from remote repository.\n\nPlease make sure",
            "ssh: connect to host h: refused",
        ),
        (
            "Host key verification failed.\nfatal: Could not read from remote repository.\n",
            "Host key verification failed.",
        ),
        ("remote: no\nfatal: the remote end hung up unexpectedly\n", "remote: no"),
        ("fatal: the remote end hung up unexpectedly\n", "fatal: the remote end hung up unexpectedly"),
        ("", ""),
        ("\n\r\n", ""),
    ],
)
def test_the_line_that_tells_most_is_chosen(stderr, line):
    assert telling_line(stderr) == line


@pytest.mark.parametrize(
    ("stderr", "reason"),
    [
        ("fatal: write error: No space left on device", Reason.DISK_FULL),
        ("error: file write error: Disk quota exceeded", Reason.DISK_FULL),
        ("remote: fatal: No space left on device", Reason.GIT_FAILED),
        ("remote: sorry\u2028fatal: No space left on device", Reason.GIT_FAILED),
        ("fatal: couldn't find remote ref refs/heads/x", Reason.BRANCH_MISSING),
        ("fatal: Authentication failed for 'https://h/x'", Reason.BAD_CREDENTIALS),
        ("fatal: could not read Username for 'https://h': terminal prompts disabled", Reason.BAD_CREDENTIALS),
        (
            f"git@h: Permission denied (publickey).\n{NO_ACCESS}",
            Reason.BAD_CREDENTIALS,
        ),
        ("remote: Repository not found.\nfatal: repository 'https://h/x/' not found", Reason.REMOTE_UNREACHABLE),
        ("fatal: unable to access 'https://h/x/': Could not resolve host: h", Reason.REMOTE_UNREACHABLE),
        ("fatal: '/x' does not appear to be a git repository", Reason.REMOTE_UNREACHABLE),
        ("fatal: early EOF", Reason.REMOTE_UNREACHABLE),
        ("fatal: bad object", Reason.GIT_FAILED),
        ("", Reason.GIT_FAILED),
    ],
)
def test_gits_words_name_the_reason(stderr, reason):
    assert reason_of(stderr) is reason
    assert failure("git fetch", 128, stderr).reason is reason


def test_a_failure_without_words_names_the_code():
    assert failure("git fetch", -9, "").sentence == "git fetch ended with code -9 and no word."
