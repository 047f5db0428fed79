from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.history import Story, sha_of, story

from bot.core.changes import Group, PullRequest
from bot.core.notes import NotesSubject, build, movements, title
from bot.core.verdict import Check, Result, Verdict

SUBJECT = NotesSubject(title="Nightly", tip=sha_of("tip"), base=sha_of("base"))


def told_as(history):
    """Group, description, number, authors of every entry."""
    notes = build(history.newest_first(), subject=SUBJECT)
    return [
        (section.group.value, one.change.description, one.pull_request and one.pull_request.number)
        for section in notes.sections
        for one in section.entries
    ]


def test_groups_come_in_order_and_newest_first_within():
    history = story("chore: a", "fix: b", "feat: c", "perf: d", "say something", "docs: e", "feat: f", "fix!: g")

    assert [(group, text) for group, text, _ in told_as(history)] == [
        ("breaking", "g"),
        ("features", "f"),
        ("features", "c"),
        ("fixes", "b"),
        ("performance", "d"),
        ("documentation", "e"),
        ("chores", "a"),
        ("other", "say something"),
    ]


def test_a_breaking_change_is_told_once_and_first():
    history = Story()
    history.add("feat: drop v1", "BREAKING CHANGE: v1 is gone")

    assert told_as(history) == [("breaking", "drop v1", None)]


@pytest.fixture
def pull():
    """A pull request of two commits, ready to be merged: the history, its main line, and its head."""
    history = Story()
    root = history.add("docs: root")

    def make(first, second):
        history.add(first)
        head = history.add(second)
        main = history.add("chore: main", parents=[root])
        return history, [main, head]

    return make


def test_commits_of_a_merged_pull_request_carry_its_number(pull):
    history, parents = pull("feat: a", "wip")
    history.add("Merge pull request #12 from acme/a", "feat: all of it", parents=parents)

    assert told_as(history) == [
        ("features", "a", 12),
        ("documentation", "root", None),
        ("chores", "main", None),
        ("other", "wip", 12),
    ]


def test_a_pull_request_of_unconventional_commits_is_told_by_its_title(pull):
    history, parents = pull("wip", "oops")
    history.add("Merge pull request #12 from acme/a", "feat(cart): all of it\n\nand more", parents=parents, by="Bo")
    notes = build(history.newest_first(), subject=SUBJECT)

    (entry,) = notes.sections[0].entries
    assert (entry.change.scope, entry.change.description) == ("cart", "all of it")
    assert (entry.pull_request, entry.authors) == (PullRequest(12), ("Ada Lovelace",))
    assert entry.sha == history.tip
    assert "wip" not in str(notes.sections)


def test_a_pull_request_without_a_title_leaves_its_commits_to_speak(pull):
    history, parents = pull("wip", "oops")
    history.add("Merge pull request #12 from acme/a", parents=parents)

    assert [(text, number) for group, text, number in told_as(history) if group == "other"] == [
        ("oops", 12),
        ("wip", 12),
    ]


def test_a_merge_that_alone_says_what_breaks_is_told_beside_its_commits(pull):
    history, parents = pull("feat: a", "fix: b")
    history.add("Merge pull request #12 from acme/a", "Tidy\n\nBREAKING CHANGE: v1 is gone", parents=parents)

    assert told_as(history)[:3] == [("breaking", "Tidy", 12), ("features", "a", 12), ("fixes", "b", 12)]


def test_merges_of_branches_say_nothing(pull):
    history, parents = pull("feat: a", "wip")
    history.add("Merge branch 'main' into a", parents=parents)

    assert "Merge branch 'main' into a" not in [text for _, text, _ in told_as(history)]


def test_a_pull_request_that_was_reverted_commit_by_commit_is_gone(pull):
    history, parents = pull("wip", "oops")
    history.add("Merge pull request #12 from acme/a", "feat: all of it", parents=parents)
    history.revert(history.commits[1].sha)
    history.revert(history.commits[2].sha)

    assert told_as(history) == [("documentation", "root", None), ("chores", "main", None)]


def test_a_reverted_pull_request_is_gone(pull):
    history, parents = pull("feat: a", "fix: b")
    history.add("Merge pull request #12 from acme/a", "feat: all of it", parents=parents)
    history.add('Revert "feat: all of it"', "Reverts acme/shop#12")

    assert told_as(history) == [("documentation", "root", None), ("chores", "main", None)]


def test_the_inner_number_wins_for_commits_of_a_release_merge():
    history = Story()
    root = history.add("docs: root")
    history.add("fix: a")
    inner = history.add("Merge pull request #1 from acme/a", parents=[root, history.tip])
    history.add("Merge pull request #2 from acme/staging", parents=[root, inner])

    assert ("fixes", "a", 1) in told_as(history)


def test_reverts_inside_are_gone_and_those_of_the_past_are_listed():
    history = story("feat: a", "fix: b")
    history.revert(history.commits[0].sha)
    history.add('Revert "feat: old"', f"This reverts commit {sha_of('old')}.")

    assert told_as(history) == [("fixes", "b", None), ("reverts", 'Revert "feat: old"', None)]


def test_all_commits_are_counted_and_merges_name_no_contributor(pull):
    history, parents = pull("feat: a", "fix: b")
    history.add("Merge pull request #12 from acme/a", parents=parents, by="Merger", email="merger@example.com")

    notes = build(history.newest_first(), subject=SUBJECT)

    assert notes.commits == 5
    assert [one.name for one in notes.contributors] == ["Ada Lovelace"]


def test_an_empty_range_is_empty():
    notes = build((), subject=SUBJECT)

    assert (notes.commits, notes.sections, notes.contributors) == (0, (), ())


def test_the_title_has_three_placeholders_and_no_more():
    values = {"date": "2026-11-21", "tag": "{sha}", "sha": "abc"}

    assert title("Nightly {date} {tag} {sha}", **values) == "Nightly 2026-11-21 {sha} abc"
    assert title("{} {0} {date.__class__} {{date}} {name}", **values) == "{} {0} {date.__class__} {2026-11-21} {name}"


def check(objective="p95", endpoint=None, observed=1.0):
    return Check("load", endpoint, objective, "< 2s", observed, 0.9, 1.1, 1000, Result.PASS, "…")


def verdict(*checks):
    return Verdict(Result.PASS, checks, "0" * 64, "1" * 64)


def test_what_moved_is_told_for_objectives_that_both_releases_measured():
    now = verdict(check(), check("p99", observed=2.0), check("cpu", observed=None), check(endpoint="GET /"))
    before = verdict(check(observed=0.5), check("cpu", observed=0.5), check("p99", observed=None))

    assert [(one.objective, one.before, one.after) for one in movements(now, before)] == [("p95", 0.5, 1.0)]
    assert movements(now, None) == ()
    assert movements(None, before) == ()


def test_the_same_input_makes_the_same_notes():
    history = story("feat: a", "fix: b")
    subject = replace(SUBJECT, known_emails=frozenset({"b@x", "a@x"}), verdict=verdict(check()))

    assert build(history.newest_first(), subject=subject) == build(list(history.newest_first()), subject=subject)


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=60), st.integers(0, 2)), max_size=10))
def test_any_history_has_notes_in_which_no_commit_is_told_twice(messages):
    history = Story()
    for subject, body, merged in messages:
        earlier = [commit.sha for commit in history.commits]
        history.add(subject, body, parents=[*earlier[-1:], *earlier[:merged]])

    notes = build(history.newest_first(), subject=SUBJECT)

    shas = [one.sha for section in notes.sections for one in section.entries]
    assert len(shas) == len(set(shas))
    assert set(shas) <= {commit.sha for commit in history.commits}
    assert [section.group for section in notes.sections] == [
        group for group in Group if group in {section.group for section in notes.sections}
    ]
