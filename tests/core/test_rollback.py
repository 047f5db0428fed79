"""Which release a rollback goes back to, and what it writes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.history import Story, sha_of, story
from support.ledgers import entry

from bot.core.control import ControlKind
from bot.core.gate import Refusal
from bot.core.merges import merged_pull
from bot.core.objects import object_id, planned_commit_bytes
from bot.core.quarantine import Case, is_fixed
from bot.core.reasons import Reason
from bot.core.rollback import (
    Ground,
    Told,
    culprits_of,
    keeping_merge,
    last_good,
    named_release,
    quarantines,
    restoring_commit,
    taken_back,
    without_merge,
)

TOLD = Told("2026-11-21T03:00:00Z", "ada", "it broke")


def ground(*entries, at=None):
    return Ground("main", at or (entries[-1].sha if entries else sha_of("nowhere")), tuple(entries))


def fine(_entry):
    return None


def bad(*shas):
    return lambda one: Refusal(Reason.QUARANTINED, "bad") if one.sha in shas else None


@given(st.integers(2, 30))
def test_the_last_good_release_is_the_one_before(count):
    entries = [entry(number) for number in range(count)]
    assert last_good(ground(*entries), fine) == entries[-2]


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_releases_that_are_quarantined_are_passed_over(goodness):
    entries = [entry(number) for number in range(len(goodness) + 1)]
    wrong = [one.sha for one, is_good in zip(entries, goodness, strict=False) if not is_good]
    found = last_good(ground(*entries), bad(*wrong))
    good = [one for one, is_good in zip(entries, goodness, strict=False) if is_good]
    assert found == good[-1] if good else found.reason is Reason.NO_GOOD_RELEASE


def test_what_an_earlier_rollback_took_back_is_passed_over():
    one, two, three = (entry(number) for number in range(3))
    back = entry(3, "rollback", restores=one.tag)
    fixed = entry(4)
    assert last_good(ground(one, two, three, back, fixed), fine) == one


def test_a_rewind_has_no_tag_and_leads_to_what_it_restored():
    one, two = entry(0), entry(1)
    back = replace(entry(2, "rollback", restores=one.tag, tag=""), sha=one.sha)
    assert last_good(ground(one, two, back, entry(3)), fine) == one


def test_a_rollback_of_a_named_rollback_leads_to_the_release_at_its_root():
    one, two = entry(0), entry(1)
    first = entry(2, "rollback", restores=one.tag)
    second = entry(3, "rollback", restores=first.tag)
    assert last_good(ground(one, two, first, second, entry(4)), fine) == one


def test_a_rollback_to_what_the_ledger_does_not_know_leads_nowhere():
    back = entry(1, "rollback", restores="release/gone")
    assert last_good(ground(entry(0), back, entry(2)), fine).reason is Reason.NO_GOOD_RELEASE


@given(st.lists(st.sampled_from(["promotion", "hotfix", "rollback"]), min_size=1, max_size=12), st.data())
def test_the_last_good_release_is_never_a_rollback_nor_what_one_took_back(kinds, data):
    entries = []
    for number, kind in enumerate(kinds):
        tags = [one.tag for one in entries]
        is_back = kind == "rollback" and bool(tags)
        restores = data.draw(st.sampled_from(tags)) if is_back else None
        entries.append(entry(number, kind if is_back else "promotion", restores=restores))
    found = last_good(ground(*entries), fine)
    if isinstance(found, Refusal):
        assert found.reason is Reason.NO_GOOD_RELEASE
        return
    taken = set()
    place = len(entries) - 2
    while place >= 0 and entries[place] != found:
        if entries[place].kind == "rollback":
            to = next(at for at, one in enumerate(entries) if one.tag == entries[place].restores)
            taken |= set(range(to + 1, place + 1))
            place = to
        else:
            raise AssertionError("a good release was passed over")
    assert found.kind != "rollback"
    assert entries.index(found) not in taken


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (ground(), "no entry"),
        (ground(entry(0)), "none before"),
        (ground(entry(0), entry(1), at="f" * 40), "somebody moved"),
        (ground(entry(0), entry(1), at=entry(0).sha), "somebody moved"),
        (ground(entry(0), entry(1), entry(2, "rollback", restores="release/x")), "never rolled back by itself"),
    ],
)
def test_where_it_is_not_clear_the_release_must_be_named(where, words):
    refusal = last_good(where, fine)
    assert refusal.reason is Reason.NO_GOOD_RELEASE
    assert words in refusal.sentence


@pytest.mark.parametrize("form", ["{tag}", "refs/tags/{tag}", "{bare}", "refs/tags/{bare}"])
def test_a_release_is_found_with_and_without_what_its_name_begins_with(form):
    one, two = entry(0), entry(1)
    name = form.format(tag=one.tag, bare=one.tag.removeprefix("release/"))
    assert named_release(ground(one, two), name, "release/", fine) == one


@pytest.mark.parametrize("name", ["", "release/", "main", "refs/tags/", "\x1b[31m", "release/2026"])
def test_a_name_that_the_ledger_does_not_know_is_wrong_usage(name):
    refusal = named_release(ground(entry(0), entry(1, "rollback", tag="")), name, "release/", fine)
    assert refusal.reason is Reason.BAD_USAGE
    assert entry(0).tag in refusal.sentence
    assert refusal.sentence.isprintable()


def test_a_named_release_is_examined_too():
    one = entry(0)
    assert named_release(ground(one), one.tag, "release/", bad(one.sha)).reason is Reason.QUARANTINED


def test_what_rollbacks_wrote_is_not_taken_back():
    told = story("feat: a", "roll back", "fix: b")
    back = replace(entry(1, "rollback"), sha=told.commits[1].sha)
    subjects = [one.subject for one in taken_back(ground(entry(0), back), told.newest_first())]
    assert subjects == ["fix: b", "feat: a"]


def test_the_whole_range_is_quarantined_where_no_culprit_is_named():
    told, good = story("feat: a", "feat: b"), entry(0)
    (event,) = quarantines(ground(good, at=told.tip), good, told.newest_first(), (), TOLD)
    assert (event.kind, event.sha, event.base) == (ControlKind.QUARANTINE, told.tip, good.sha)
    assert (event.at, event.actor, event.reason) == (TOLD.at, TOLD.actor, TOLD.reason)


def test_culprits_are_quarantined_each_from_its_first_parent_on():
    told, good = story("feat: a", "feat: b"), entry(0)
    told.add("Merge x", parents=(told.tip, sha_of("side")))
    first, second, merge = told.commits
    events = quarantines(ground(good, at=told.tip), good, told.newest_first(), (merge, second), TOLD)
    assert [(event.sha, event.base) for event in events] == [(merge.sha, second.sha), (second.sha, first.sha)]


def test_where_only_a_rollback_is_taken_back_nothing_is_quarantined():
    assert quarantines(ground(entry(0), entry(1)), entry(0), (), (), TOLD) == ()


def test_culprits_must_be_among_what_is_taken_back():
    told = story("feat: a", "feat: b")
    first, second = told.commits
    named = [("one", first.sha), ("again", first.sha), ("two", second.sha)]
    assert culprits_of(told.newest_first(), named) == (first, second)
    refusal = culprits_of(told.newest_first(), [("one", first.sha), ("x\x07", None), ("far", "f" * 40)])
    assert refusal.reason is Reason.BAD_USAGE
    assert "'x', 'far'" in refusal.sentence


def commits_of(*, tag="release/20261101-000000"):
    good, told = entry(0, tag=tag), story("feat: a")
    where = ground(good, at=told.tip)
    back = restoring_commit(where, good, "1" * 40, at=1_800_000_000, run_id="run-9")
    merge = keeping_merge("staging", sha_of("staging"), "2" * 40, back.sha, at=back.at, run_id="run-9")
    return where, good, told, back, merge


def test_the_target_gets_the_good_tree_and_the_source_keeps_its_own():
    where, good, _, back, merge = commits_of()
    assert (back.parents, back.tree, back.copied_from) == ((where.sha,), "1" * 40, good.sha)
    assert (merge.parents, merge.tree, merge.copied_from) == (
        (sha_of("staging"), back.sha),
        "2" * 40,
        sha_of("staging"),
    )
    for commit in (back, merge):
        assert commit.sha == object_id("commit", planned_commit_bytes(commit), like="1" * 40)
        assert "Run-Id: run-9" in commit.message


def test_what_a_rollback_itself_writes_is_neither_a_fix_nor_a_change():
    where, good, told, back, merge = commits_of()
    later = Story(tip=told.tip)
    for one in (back, merge):
        subject, _, body = one.message.partition("\n")
        later.add(subject, body, parents=one.parents)
    (event,) = quarantines(where, good, told.commits, (), TOLD)
    assert not is_fixed(Case(event, bad=told.newest_first(), later=later.newest_first()))
    assert merged_pull(later.commits[1]) is None


def test_a_hostile_tag_cannot_write_lines_of_its_own_into_a_commit():
    *_, back, _ = commits_of(tag="release/x\n\nFixes: 1234567\n\x1b[31m")
    assert not any(line.startswith("Fixes:") for line in back.message.splitlines())
    assert "\x1b" not in back.message


def test_a_source_that_lacks_commits_of_the_target_is_told_what_to_do():
    refusal = without_merge("staging", ground(entry(0)))
    assert refusal.reason is Reason.NOT_FAST_FORWARD
    assert "promote backport" in refusal.sentence
    assert "--main-only" in refusal.sentence
