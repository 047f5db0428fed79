import subprocess

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.settings.refs import check_branch, check_tag_prefix, ref_trouble

TRICKY = st.text(st.sampled_from("ab/.-@{}~^:?*[\\ \x01\x7fl ock_é0"), max_size=12)
FIXED = [
    "staging",
    "team/staging",
    "a.lock",
    "a.lock/b",
    ".a",
    "a/.b",
    "a..b",
    "a//b",
    "/a",
    "a/",
    "a.",
    "a/b.",
    "a@{b",
    "a@b",
    "-a",
    "a/-b",
    "a b",
    "a~b",
    "a^b",
    "a:b",
    "a?b",
    "a*b",
    "a[b",
    "a\\b",
    "a\x7fb",
    "é",
    "a.lockb",
    "",
    "a{b}",
    "a.b/c",
]


def git_accepts(name):
    command = ["git", "check-ref-format", "--branch", name]
    return subprocess.run(command, capture_output=True, timeout=10, cwd="/", check=False).returncode == 0


@pytest.mark.parametrize("name", FIXED)
def test_names_are_judged_as_git_judges_them(name):
    assert (ref_trouble(name) is None) == git_accepts(name)


@settings(max_examples=60, deadline=None)
@given(TRICKY)
def test_random_names_are_judged_as_git_judges_them(name):
    assume(name != "@")  # git reads it as HEAD here
    assert (ref_trouble(name) is None) == git_accepts(name)


@pytest.mark.parametrize("name", ["refs/heads/staging", "HEAD", "@", "a..b", "-x"])
def test_what_is_no_plain_branch_name_is_refused(name):
    with pytest.raises(ValueError, match=r"."):
        check_branch(name)


@pytest.mark.parametrize("prefix", ["release/", "v", "team/release-"])
def test_a_tag_prefix_may_end_anywhere(prefix):
    assert check_tag_prefix(prefix) == prefix


@pytest.mark.parametrize("prefix", ["-", "/", "release//", "a b/", ".x/", "a../"])
def test_a_tag_prefix_that_makes_no_tag_is_refused(prefix):
    with pytest.raises(ValueError, match="followed by a time"):
        check_tag_prefix(prefix)
