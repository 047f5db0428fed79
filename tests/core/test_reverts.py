import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.history import EPOCH, Story, sha_of, story

from bot.core.merges import owners
from bot.core.reverts import surviving


def left(told):
    commits = told.newest_first()
    return [commits[place].subject for place in surviving(commits, owners(commits))]


def test_a_commit_and_its_revert_cancel():
    told = story("a", "b")
    told.revert(told.commits[0].sha)

    assert left(told) == ["b"]


def test_a_revert_of_a_revert_brings_the_commit_back():
    told = story("a")
    once = told.revert(told.commits[0].sha)
    told.add('Reapply "a"', f"This reverts commit {once}.")

    assert left(told) == ["a"]


@given(st.integers(0, 8))
def test_a_chain_of_reverts_leaves_the_commit_or_nothing(length):
    told = story("a")
    for _ in range(length):
        told.revert(told.tip)

    assert left(told) == (["a"] if length % 2 == 0 else [])


def test_a_revert_of_something_older_than_the_range_stays():
    told = story("a")
    told.add('Revert "old"', f"This reverts commit {sha_of('old')}.")

    assert left(told) == ['Revert "old"', "a"]


def test_an_unknown_id_is_not_replaced_by_a_commit_that_only_has_the_same_title():
    told = story("Bump version")
    told.add('Revert "Bump version"', f"This reverts commit {sha_of('an earlier bump')}.")

    assert left(told) == ['Revert "Bump version"', "Bump version"]


def test_a_rebased_pair_is_found_by_title_because_its_id_is_stale():
    told = story("a")
    told.add('Revert "a"', f"This reverts commit {sha_of('before the rebase')}.", committed_at=EPOCH + 9999)

    assert left(told) == []


def test_without_an_id_the_exact_title_decides():
    told = story("a", "ab")
    told.add('Revert "a"')

    assert left(told) == ["ab"]


def test_titles_in_titles_make_chains_too():
    told = story("a", 'Revert "a"', 'Revert "Revert "a""')

    assert left(told) == ["a"]


def test_a_title_may_be_undone_again_after_it_was_restored():
    assert left(story("a", 'Revert "a"', 'Revert "Revert "a""', 'Revert "a"')) == []


def test_undoing_the_first_revert_again_after_the_last_one_restores_the_commit():
    told = story("a")
    first = told.revert(told.tip)
    told.revert(first)
    told.revert(told.commits[0].sha)
    told.revert(first)

    assert left(told) == ["a"]


def test_restoring_a_merge_does_not_restore_what_was_reverted_inside_it():
    told = Story()
    root = told.add("root")
    told.revert(told.add("a mistake"))
    merge = told.add("Merge branch 'side'", parents=[root, told.tip])
    once = told.revert(merge)
    told.revert(once)

    assert left(told) == ["Merge branch 'side'", "root"]


def test_a_reapplied_title_undoes_the_revert():
    assert left(story("a", 'Revert "a"', 'Reapply "a"')) == ["a"]


def test_a_title_stands_for_the_nearest_older_commit_only():
    told = story("a", "b", 'Revert "a"', "a")

    assert left(told) == ["a", "b"]


def test_two_reverts_by_title_undo_two_commits():
    assert left(story("a", "b", "a", 'Revert "a"', 'Revert "a" (#9)')) == ["b"]


def test_a_revert_undoes_nothing_newer_than_itself():
    told = story("a")
    told.add('Revert "b"', f"This reverts commit {sha_of('2 b')}.")
    told.add("b")

    assert left(told) == ["b", 'Revert "b"', "a"]


def test_a_revert_before_its_commit_reverts_nothing():
    assert left(story('Revert "a"', "a")) == ["a", 'Revert "a"']


def test_a_squashed_revert_names_a_pull_request():
    told = story("feat: a (#12)", "feat: b (#14)")
    told.add('Revert "feat: a" (#13)', "Reverts acme/shop#12")

    assert left(told) == ["feat: b (#14)"]


def test_a_pull_request_from_before_the_range_does_not_cancel_a_namesake():
    told = story("Bump deps (#9)")
    told.add('Revert "Bump deps" (#13)', "Reverts acme/shop#5")

    assert left(told) == ['Revert "Bump deps" (#13)', "Bump deps (#9)"]


def test_the_conventional_form_of_a_revert_counts():
    told = story("feat: a", "feat: b", "feat: c")
    told.add("revert: feat: a")
    told.add("revert: no more noodles", f"Refs: {told.commits[1].sha[:7]}, {told.commits[2].sha[:9]}")

    assert left(told) == []


def test_an_abbreviated_id_is_enough():
    told = story("a", "b")
    told.add("undo it", f"This reverts commit {told.commits[0].sha[:8]}.")

    assert left(told) == ["b"]


def test_a_revert_of_something_inside_and_something_outside_stays_and_cancels_what_it_can():
    told = story("a", "b")
    told.add("Revert both", f"This reverts commits {told.commits[0].sha} and {sha_of('old')}.")

    assert left(told) == ["Revert both", "b"]


def test_an_id_in_the_middle_of_a_sentence_reverts_nothing():
    told = story("a")
    told.add("docs: b", f"Unlike x: This reverts commit {told.commits[0].sha}.")

    assert left(told) == ["docs: b", "a"]


@pytest.fixture
def merged():
    told = Story()
    root = told.add("root")
    told.add("side 1")
    side = told.add("side 2")
    main = told.add("main", parents=[root])
    told.add("Merge branch 'side'", parents=[main, side])
    return told


def test_reverting_a_merge_cancels_all_that_it_brought_in(merged):
    mainline = merged.commits[3].sha
    merged.add('Revert "Merge"', f"This reverts commit {merged.tip}, reversing\nchanges made to {mainline}.")

    assert left(merged) == ["main", "root"]


def test_reverting_that_revert_brings_all_of_it_back(merged):
    mainline = merged.commits[3].sha
    merged.add('Revert "Merge"', f"This reverts commit {merged.tip}, reversing\nchanges made to {mainline}.")
    merged.revert(merged.tip)

    assert left(merged) == ["Merge branch 'side'", "main", "side 2", "side 1", "root"]


def test_a_revert_that_came_by_a_merge_is_void_when_that_merge_was_reverted():
    told = story("a", "b")
    root = told.tip
    told.revert(told.commits[0].sha)
    merge = told.add("Merge branch 'undo'", parents=[root, told.tip])
    assert left(told) == ["Merge branch 'undo'", "b"]
    told.add('Revert "Merge"', f"This reverts commit {merge}, reversing\nchanges made to {root}.")

    assert left(told) == ["b", "a"]


def test_a_merge_undone_against_its_other_parent_is_only_reported(merged):
    other = merged.commits[2].sha
    merged.add('Revert "Merge"', f"This reverts commit {merged.tip}, reversing\nchanges made to {other}.")

    assert left(merged)[:2] == ['Revert "Merge"', "Merge branch 'side'"]
    assert "side 1" in left(merged)


def test_back_merged_twins_are_told_once():
    told = story("a")
    told.add("b", "why", authored_at=EPOCH + 5)
    told.add("b", f"why\n\n(cherry picked from commit {told.tip})\n", authored_at=EPOCH + 5, committed_at=EPOCH + 500)

    assert left(told) == ["b", "a"]


def test_a_revert_takes_the_older_twins_with_it():
    told = Story()
    first = told.add("b", authored_at=EPOCH)
    told.add("b", authored_at=EPOCH)
    told.revert(first)

    assert left(told) == []


def test_a_twin_picked_again_after_the_revert_counts():
    told = Story()
    first = told.add("b", authored_at=EPOCH)
    told.revert(first)
    told.add("b", f"(cherry picked from commit {first})", authored_at=EPOCH)

    assert left(told) == ["b"]


def test_two_people_with_the_same_words_are_no_twins():
    told = Story()
    told.add("b", authored_at=EPOCH)
    told.add("b", authored_at=EPOCH, email="bo@example.com")

    assert left(told) == ["b", "b"]


@given(st.data())
@settings(max_examples=300)
def test_against_a_model_that_applies_and_undoes_patches_one_by_one(data):
    told, applied, undoes = Story(), set(), {}
    for number in range(data.draw(st.integers(1, 12))):
        shas = [commit.sha for commit in told.commits]
        if shas and data.draw(st.booleans()):
            target = data.draw(st.sampled_from(shas))
            if is_on(target, applied, undoes):
                sha = told.revert(target)
                undoes[sha] = target
                switch(target, applied, undoes, on=False)
                continue
        applied.add(told.add(f"patch {number}"))

    commits = told.newest_first()
    kept = {commits[place].sha for place in surviving(commits, owners(commits))}

    assert kept == applied


def is_on(sha, applied, undoes):
    """A patch is on when it is applied, a revert when what it undoes is off."""
    return sha in applied if sha not in undoes else not is_on(undoes[sha], applied, undoes)


def switch(sha, applied, undoes, *, on):
    if sha in undoes:
        switch(undoes[sha], applied, undoes, on=not on)
    elif on:
        applied.add(sha)
    else:
        applied.discard(sha)


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=60)), max_size=8))
def test_any_history_is_settled(messages):
    told = Story()
    for subject, body in messages:
        told.add(subject, body)

    places = surviving(told.newest_first(), owners(told.newest_first()))

    assert list(places) == sorted(set(places))
