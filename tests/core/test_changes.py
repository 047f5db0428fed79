import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.changes import Group, PullRequest, parse


@pytest.mark.parametrize(
    ("subject", "group", "scope", "description"),
    [
        ("feat: add a cart", Group.FEATURES, None, "add a cart"),
        ("FIX(api): time out", Group.FIXES, "api", "time out"),
        ("perf(core/db): index", Group.PERFORMANCE, "core/db", "index"),
        ("security: close the hole", Group.SECURITY, None, "close the hole"),
        ("docs: say it", Group.DOCUMENTATION, None, "say it"),
        ("refactor: split", Group.REFACTORING, None, "split"),
        ("test: more", Group.TESTS, None, "more"),
        ("ci: cache", Group.BUILD, None, "cache"),
        ("build(deps): bump x", Group.BUILD, "deps", "bump x"),
        ("chore: tidy", Group.CHORES, None, "tidy"),
        ("revert: feat: a cart", Group.REVERTS, None, "feat: a cart"),
        ("feat(): no scope", Group.FEATURES, None, "no scope"),
        ("fix: a: b (c)", Group.FIXES, None, "a: b (c)"),
    ],
)
def test_a_conventional_subject_is_understood(subject, group, scope, description):
    change = parse(subject)

    assert (change.group, change.scope, change.description) == (group, scope, description)
    assert change.conventional
    assert not change.breaking


@pytest.mark.parametrize(
    "subject",
    [
        "Add a cart",
        "wip(api): something",
        "Note: read this",
        "feat:no blank",
        "feat : x (",
        "https://example.com",
        "",
        ":",
    ],
)
def test_whatever_is_not_conventional_keeps_its_whole_subject(subject):
    change = parse(subject)

    if subject.startswith("feat :"):
        assert change.description == "x ("
        return
    assert (change.group, change.conventional, change.scope) == (Group.OTHER, False, None)
    assert change.description == subject


def test_an_exclamation_mark_breaks_even_with_an_unknown_type():
    assert parse("feat(api)!: drop v1").breaking
    assert parse("wip!: drop v1").breaking
    assert parse("wip!: drop v1").description == "wip!: drop v1"


@pytest.mark.parametrize("token", ["BREAKING CHANGE: ", "BREAKING-CHANGE: ", "BREAKING CHANGE #"])
def test_a_breaking_footer_is_read_with_its_text(token):
    change = parse("fix: x", f"Why.\n\n{token}the key\n  was renamed\nRefs: 12\n")

    assert change.breaking
    assert change.breaking_texts == ("the key was renamed",)


def test_several_breaking_footers_keep_their_order():
    change = parse("x", "BREAKING CHANGE: one\nBREAKING CHANGE: two\r\nBREAKING-CHANGE: three")

    assert change.breaking_texts == ("one", "two", "three")


def test_speaking_of_breaking_changes_breaks_nothing():
    assert not parse("docs: explain BREAKING CHANGE: footers", "A BREAKING CHANGE: here is not at the start.").breaking
    assert not parse("fix: x", "breaking change: lower case is prose").breaking


@pytest.mark.parametrize(
    ("subject", "body", "title", "request_"),
    [
        ("feat: x (#12)", "", "x", PullRequest(12)),
        ("feat: x (pull request #7)", "", "x", PullRequest(7)),
        ("feat: x (#1) (#22)", "", "x (#1)", PullRequest(22)),
        ("feat: x", "Why\n\nSee merge request acme/shop!34", "x", PullRequest(34, "!")),
        ("feat: x", "I said: See merge request acme/shop!34", "x", None),
        ("feat: see (#12) there", "", "see (#12) there", None),
        ("feat: x (#0)", "", "x (#0)", None),
        ("feat: x (#12345678901234567890)", "", "x (#12345678901234567890)", None),
    ],
)
def test_the_number_of_a_pull_request_is_taken_from_where_hosts_put_it(subject, body, title, request_):
    change = parse(subject, body)

    assert (change.description, change.pull_request) == (title, request_)


def test_gits_own_reverts_are_reverts():
    assert parse('Revert "feat: x"').group is Group.REVERTS


@given(st.text(), st.text())
def test_any_text_is_a_change(subject, body):
    change = parse(subject, body)

    assert change.description.strip() in subject
    assert change.breaking or not change.breaking_texts


@given(
    st.sampled_from(["feat", "fix", "docs"]),
    st.from_regex(r"[a-z]{1,8}", fullmatch=True),
    st.booleans(),
    st.from_regex(r"[a-z][a-z ]{0,20}[a-z]", fullmatch=True),
)
def test_what_is_written_by_the_rules_is_read_back(name, scope, bang, text):
    change = parse(f"{name}({scope}){'!' if bang else ''}: {text}")

    assert (change.scope, change.breaking, change.description) == (scope, bang, text)
