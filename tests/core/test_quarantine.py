"""When a tip that contains what is quarantined may be promoted: only with its fix."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.history import EPOCH, Story, sha_of, story

from bot.core.control import Control, ControlKind
from bot.core.quarantine import Case, examine_quarantine, fixed_ids, is_fixed
from bot.core.reasons import Exit, Reason


def case(told, bad, *, base=None):
    """The case of a story: its first `bad` commits are the bad range, the others came later."""
    commits = told.newest_first()
    first = len(commits) - bad
    event = Control(ControlKind.QUARANTINE, "2026-11-21T02:00:00Z", "ada", "it broke", None, commits[first].sha, base)
    return Case(event, bad=commits[first:], later=commits[:first])


def test_a_tip_that_holds_what_is_quarantined_is_refused_with_who_and_why():
    found = case(story("bad", "more"), 1)
    refusal = examine_quarantine("a" * 40, [found])
    assert refusal.reason is Reason.QUARANTINED
    assert refusal.reason.exit is Exit.REFUSED
    for words in (found.event.sha[:12], "ada", "it broke", "2026-11-21T02:00:00Z"):
        assert words in refusal.sentence
    assert refusal.commits == (found.event.sha,)


def test_a_tip_without_it_and_a_world_without_quarantine_are_fine():
    event = case(story("bad"), 1).event
    assert examine_quarantine("a" * 40, []) is None
    assert examine_quarantine("a" * 40, [Case(event)]) is None


def test_a_tip_that_holds_only_a_part_of_it_is_refused_with_a_commit_that_it_really_holds():
    told = story("bad 1", "bad 2", "bad 3", "later")
    whole = case(story("bad 1", "bad 2", "bad 3"), 3, base=sha_of("base"))
    part = replace(whole, bad=whole.bad[1:], later=told.newest_first()[:1])

    refusal = examine_quarantine("a" * 40, [part])

    assert refusal.commits == (whole.bad[1].sha,)
    range_ = f"{sha_of('base')[:12]}..{whole.event.sha[:12]}"
    assert f"contains {whole.bad[1].sha[:12]} of {range_}, which ada quarantined" in refusal.sentence


def picked_again(told, sha):
    """The same commit on another line, as a cherry-pick leaves it."""
    original = next(commit for commit in told.commits if commit.sha == sha)
    return replace(original, sha=sha_of(f"pick of {sha}"), body=f"(cherry picked from commit {sha})")


def test_a_tip_that_holds_a_cherry_pick_of_it_alone_is_refused_until_that_is_reverted_or_fixed():
    told = story("bad")
    event, pick = case(told, 1).event, picked_again(told, told.tip)
    only = Case(event, later=(pick,), again=(pick,))
    refusal = examine_quarantine("a" * 40, [only])
    assert refusal.commits == (pick.sha,)
    assert f"contains {pick.sha[:12]}, a cherry-pick out of {event.sha[:12]}, which ada quarantined" in refusal.sentence

    for body in (f"This reverts commit {pick.sha}.", f"Fixes: {event.sha}"):
        mended = replace(pick, sha="e" * 40, subject='Revert "bad"', body=body, authored_at=EPOCH + 10**6)
        assert examine_quarantine("a" * 40, [replace(only, later=(mended, pick))]) is None


def test_the_other_quarantined_commits_are_counted():
    cases = [case(story(subject), 1) for subject in ("one", "two", "three")]
    refusal = examine_quarantine("a" * 40, cases)
    assert refusal.sentence.endswith("It contains 2 more quarantined commits as well.")
    two = examine_quarantine("a" * 40, cases[:2])
    assert two.sentence.endswith("It contains 1 more quarantined commit as well.")
    assert len(refusal.commits) == 3


def test_words_of_people_cannot_command_a_terminal():
    found = case(story("bad"), 1)
    event = Control(ControlKind.QUARANTINE, "now", "\x1b[31mada", "a\nb\u202e\x07", None, found.event.sha)
    assert examine_quarantine("a" * 40, [Case(event, found.bad)]).sentence.isprintable()


@given(st.integers(0, 6), st.integers(1, 4))
def test_commits_that_say_nothing_are_no_fix(later, bad):
    told = story(*(f"bad {number}" for number in range(bad)), *(f"later {number}" for number in range(later)))
    assert not is_fixed(case(told, bad))


@given(st.integers(1, 6), st.integers(0, 5), st.integers(7, 40), st.integers(0, 3))
def test_a_trailer_that_names_any_bad_commit_with_seven_digits_is_a_fix(bad, which, digits, after):
    told = story(*(f"bad {number}" for number in range(bad)))
    sha = told.commits[which % bad].sha
    told.add("fix: it", f"words\n\nFixes: {sha[:digits]}")
    for number in range(after):
        told.add(f"later {number}")
    assert is_fixed(case(told, bad))


@pytest.mark.parametrize(
    "body",
    [
        "Fixes: {short}",
        "see Fixes: {sha}",
        "    Fixes: {sha}",
        "> Fixes: {sha}",
        "Fixes {sha}",
        "Fixes: #12",
        "Fixes: {other}",
        "Refs: {sha}",
        "Fixes: x{sha}",
        "{sha}",
    ],
)
def test_what_only_looks_like_the_trailer_is_no_fix(body):
    told = story("bad")
    sha = told.commits[0].sha
    told.add("fix: it", body.format(sha=sha, short=sha[:6], other=sha_of("something else")))
    assert not is_fixed(case(told, 1))


@pytest.mark.parametrize("body", ['Fixes: {sha} ("bad")', "fixes: {sha}", "FIXES: {upper}", "Fixes: 1234567, {sha}"])
def test_the_trailer_is_read_as_people_write_it(body):
    told = story("bad")
    sha = told.commits[0].sha
    told.add("fix: it", body.format(sha=sha[:12], upper=sha.upper()))
    assert is_fixed(case(told, 1))


def test_the_trailer_inside_the_bad_range_is_no_fix():
    told = story("bad")
    told.add("fix: it", f"Fixes: {told.commits[0].sha}")
    assert not is_fixed(case(told, 2))


@given(st.integers(1, 5), st.integers(0, 4))
def test_a_revert_of_any_bad_commit_is_a_fix(bad, which):
    told = story(*(f"bad {number}" for number in range(bad)))
    told.revert(told.commits[which % bad].sha)
    assert is_fixed(case(told, bad))


@given(st.integers(0, 7))
def test_only_an_odd_number_of_reverts_on_top_of_each_other_is_a_fix(length):
    told = story("bad")
    for _ in range(length):
        told.revert(told.tip)
    assert is_fixed(case(told, 1)) is bool(length % 2)


def test_a_revert_of_something_else_is_no_fix():
    told = story("bad", "later")
    told.revert(told.tip)
    told.add('Revert "old"', f"This reverts commit {sha_of('old')}.")
    assert not is_fixed(case(told, 1))


def test_a_pair_of_commit_and_revert_inside_the_range_is_no_fix_and_undoing_that_revert_is():
    told = story("bad")
    undone = told.revert(told.tip)
    assert not is_fixed(case(told, 2))
    told.add('Reapply "bad"', f"This reverts commit {undone}.")
    assert is_fixed(case(told, 2))


def test_a_revert_by_the_button_of_a_host_is_a_fix():
    told = story("feat: the cart (#12)")
    told.add('Revert "feat: the cart" (#13)', "Reverts acme/shop#12")
    assert is_fixed(case(told, 1))


def test_a_fix_that_was_reverted_is_none():
    told = story("bad")
    fix = told.add("fix: it", f"Fixes: {told.commits[0].sha}")
    assert is_fixed(case(told, 1))
    told.revert(fix)
    assert not is_fixed(case(told, 1))


def test_a_merge_is_no_fix_whatever_it_says():
    told = story("bad")
    bad = told.tip
    told.add("Merge branch 'x'", f"Fixes: {bad}", parents=(bad, sha_of("x")))
    assert not is_fixed(case(told, 1))
    told.revert(bad)
    assert is_fixed(case(told, 1))


def rewritten(told, subject, sha):
    """A revert that a rebase rewrote, of a commit that the story does not have."""
    return told.add(subject, f"This reverts commit {sha}.", committed_at=EPOCH + 99_999)


def test_a_revert_of_another_commit_of_the_same_title_is_no_fix():
    told = story("chore: update translations")
    rewritten(told, 'Revert "chore: update translations"', sha_of("an earlier update"))
    assert not is_fixed(case(told, 1))
    told = story("bad")
    told.add("Merge branch 'x'", parents=(sha_of("main"), told.tip))
    rewritten(told, "Revert \"Merge branch 'x'\"", sha_of("an earlier merge"))
    assert not is_fixed(case(told, 1))


def test_a_fix_whose_revert_is_only_known_by_its_title_is_none():
    told = story("bad")
    told.add("fix: it", f"Fixes: {told.tip}")
    rewritten(told, 'Revert "fix: it"', sha_of("before the rebase"))
    assert not is_fixed(case(told, 1))


def test_a_title_alone_is_no_fix_also_where_no_id_is_named():
    """It may be that of a commit before the range: `quarantine clear` says what nobody else can know."""
    assert not is_fixed(case(story("bad", 'Revert "bad"'), 1))


def test_a_revert_of_a_bad_merge_is_a_fix():
    told = Story()
    told.add("Merge pull request #3 from a/b", "the cart", parents=(sha_of("x"), sha_of("y")))
    merge = told.tip
    told.add('Revert "the cart"', f"This reverts commit {merge}, reversing\nchanges made to {sha_of('x')}.")
    assert is_fixed(case(told, 1))


FIXES = pytest.mark.parametrize("words", ["fix: it\n\nFixes: {sha}", 'Revert "bad"\n\nThis reverts commit {sha}.'])


def merged_fix(words, *, depth=1):
    """A bad commit and its fix, which comes by a merge of a merge of ...; the story, the bad commit and the merge."""
    told = story("bad")
    bad = told.tip
    subject, _, body = words.format(sha=bad).partition("\n\n")
    told.add(subject, body)
    for _ in range(depth):
        told.add("Merge branch 'mend'", parents=(bad, told.tip))
    return told, bad, told.tip


@FIXES
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_fix_is_none_while_the_merge_that_brought_it_is_reverted(words, depth):
    told, bad, merge = merged_fix(words, depth=depth)
    assert is_fixed(case(told, 1))
    undone = told.add("Revert it", f"This reverts commit {merge}, reversing\nchanges made to {bad}.")
    assert not is_fixed(case(told, 1))
    told.revert(undone)
    assert is_fixed(case(told, 1))


@FIXES
def test_a_fix_of_its_own_counts_whatever_becomes_of_a_merged_one(words):
    told, bad, merge = merged_fix(words)
    told.revert(merge)
    told.add("fix: by hand", f"Fixes: {bad}")
    assert is_fixed(case(told, 1))


def test_a_revert_of_the_merge_that_brought_a_bad_commit_in_is_a_fix():
    told = Story()
    root = sha_of("root")
    told.add("bad", parents=(root,))
    told.add("Merge branch 'cart'", parents=(root, told.tip))
    assert not is_fixed(case(told, 1))
    told.add("Revert it", f"This reverts commit {told.tip}, reversing\nchanges made to {root}.")
    assert is_fixed(case(told, 1))


def test_a_revert_that_says_it_is_the_fix_is_none_when_it_was_reverted():
    told = story("bad")
    bad, more = told.tip, told.add("more")
    fix = told.add('Revert "more"', f"This reverts commit {more}.\n\nFixes: {bad}")
    assert is_fixed(case(told, 1))
    told.revert(fix)
    assert not is_fixed(case(told, 1))


def test_what_was_reverted_and_picked_again_is_not_fixed():
    told = story("bad")
    first = told.commits[0]
    told.revert(first.sha)
    told.add("bad", f"(cherry picked from commit {first.sha})", authored_at=first.authored_at)
    assert not is_fixed(case(told, 1))


def test_a_twin_of_a_bad_commit_is_no_fix():
    told = story("bad")
    first = told.commits[0]
    told.add(first.subject, first.body, authored_at=first.authored_at)
    assert not is_fixed(case(told, 1))


@given(st.text())
def test_ids_are_hex_of_seven_digits_whatever_the_text(body):
    told = Story()
    told.add("fix", f"{body}\nFixes: {body}")
    for name in fixed_ids(told.commits[0]):
        assert 7 <= len(name) <= 64
        assert set(name) <= set("0123456789abcdef")
