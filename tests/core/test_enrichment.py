"""Notes with what a host knows: merge, squash and rebase merges, labels and accounts; and the same without it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.history import Story, sha_of, story

from bot.core.changes import Group
from bot.core.enrichment import MOST_ASKED, Extras, asked_of, by_commit, kept
from bot.core.hosting import Pull
from bot.core.labels import rules
from bot.core.notes import NotesSubject, build

SUBJECT = NotesSubject(title="Nightly", tip=sha_of("tip"), base=sha_of("base"))


def notes_of(history, pulls=None, labels=None):
    extras = Extras(pulls or {}, labels or rules())
    return build(history.newest_first(), subject=replace(SUBJECT, extras=extras))


def told(notes):
    """Section, text, number of every entry."""
    return [
        (str(section.group) if isinstance(section.group, Group) else section.group.title, *words_of(one))
        for section in notes.sections
        for one in section.entries
    ]


def words_of(entry):
    return entry.change.description, entry.pull_request and entry.pull_request.number


def pull(number, title, *labels, author="ada-l", merge=None):
    return Pull(number, title, labels, author, merge)


def rebased(*subjects, number=12, title="feat(cart): all of it", **more):
    """A straight history, and one pull request for all of it."""
    history = story(*subjects)
    brought = pull(number, title, **more, merge=history.tip)
    return history, dict.fromkeys((commit.sha for commit in history.commits), brought)


# --- rebase merges


def test_commits_of_a_rebase_merge_get_the_number_that_only_the_host_knows():
    history, pulls = rebased("feat: a", "fix: b")

    assert told(notes_of(history, pulls)) == [("features", "a", 12), ("fixes", "b", 12)]
    assert told(notes_of(history)) == [("features", "a", None), ("fixes", "b", None)]


def test_a_rebase_merge_of_unconventional_commits_is_one_entry_with_its_title():
    history = Story()
    for name in ("Ada", "Bo", "Ada", "Cy", "Bo"):
        history.add(f"wip by {name}", by=name, email=f"{name}@example.com")
    brought = pull(12, "feat(cart): all of it")
    notes = notes_of(history, dict.fromkeys((one.sha for one in history.commits), brought))

    ((entry,),) = (section.entries for section in notes.sections)
    assert told(notes) == [("features", "all of it", 12)]
    assert (entry.sha, entry.authors, entry.pull) == (history.tip, ("Bo", "Cy", "Ada"), brought)
    assert (notes.commits, [one.name for one in notes.contributors]) == (5, ["Ada", "Bo", "Cy"])


def test_a_title_that_alone_says_what_breaks_is_told_under_the_newest_commit():
    history = Story()
    shas = [history.add("feat: a"), history.add("fix: b", by="Bo")]
    notes = notes_of(history, dict.fromkeys(shas, pull(12, "feat!: drop v1")))
    (breaking,) = notes.sections[0].entries

    assert told(notes) == [("breaking", "b", 12), ("features", "a", 12)]
    assert (breaking.change.breaking_texts, breaking.authors) == (("drop v1",), ("Bo",))


def test_a_rebase_merge_without_a_title_leaves_its_commits_to_speak():
    history, pulls = rebased("wip", "oops", title="  ")

    assert told(notes_of(history, pulls)) == [("other", "oops", 12), ("other", "wip", 12)]


def test_two_rebase_merges_between_each_other_are_two():
    history = story("one a", "two a", "one b", "two b")
    shas = [commit.sha for commit in history.commits]
    pulls = {sha: pull(1 + at % 2, f"fix: {at % 2}") for at, sha in enumerate(shas)}

    assert told(notes_of(history, pulls)) == [("fixes", "1", 2), ("fixes", "0", 1)]


# --- squash merges


def test_a_squash_merge_keeps_its_own_words_and_number():
    history = story("Cart (#7)")

    assert told(notes_of(history, {history.tip: pull(7, "feat: a cart")})) == [("other", "Cart", 7)]


def test_a_squash_merge_without_a_number_is_told_by_its_pull_request():
    history = story("Cart")

    assert told(notes_of(history, {history.tip: pull(7, "feat: a cart")})) == [("features", "a cart", 7)]


def test_a_number_in_a_subject_is_not_overruled():
    """Be it an issue's: the same notes without the host would have it, too."""
    history = story("fix: crash (#3)")
    notes = notes_of(history, {history.tip: pull(45, "Crash", "bug")}, rules(categories=[("Bugs", ["bug"])]))

    assert told(notes) == [("Bugs", "crash", 3)]


# --- merges


@pytest.fixture
def merged():
    """A pull request of two commits, merged with these words; all of it known to the host."""

    def make(subject, body="", title="feat: all of it"):
        history = Story()
        root = history.add("docs: root")
        inside = [history.add("wip"), history.add("oops")]
        history.add(subject, body, parents=[root, inside[-1]])
        brought = pull(12, title, "ui", merge=history.tip)
        return history, dict.fromkeys([*inside, history.tip], brought)

    return make


def test_what_a_merge_says_itself_is_what_counts(merged):
    history, pulls = merged("Merge pull request #12 from acme/a", "fix: as merged", title="feat: renamed since")

    assert told(notes_of(history, pulls)) == [("fixes", "as merged", 12), ("documentation", "root", None)]
    assert told(notes_of(history, pulls)) == told(notes_of(history))


def test_whose_merge_it_is_the_host_knows_best(merged):
    """A merge may have been made elsewhere, with a number that means something else here."""
    history, pulls = merged("Merge pull request #5 from upstream/a", "fix: as merged")

    assert told(notes_of(history, pulls)) == [("fixes", "as merged", 12), ("documentation", "root", None)]


@pytest.mark.parametrize("subject", ["Merge pull request #12 from acme/a", "Merge branch 'a' into staging", "Bring a"])
def test_what_a_merge_leaves_open_the_host_says(merged, subject):
    history, pulls = merged(subject)

    assert told(notes_of(history, pulls)) == [("features", "all of it", 12), ("documentation", "root", None)]


def test_a_merge_inside_a_pull_request_is_not_the_pull_request():
    """The base merged into a branch that was then merged by a fast-forward: the merge belongs to it, and is not it."""
    history = Story()
    root = history.add("docs: root")
    main = history.add("fix: on main", parents=[root])
    side = history.add("feat: a", parents=[root])
    history.add("Merge branch 'main' into a", parents=[side, main])
    pulls = {sha: pull(12, "feat: all of it", merge=sha_of("elsewhere")) for sha in (side, history.tip)}

    assert told(notes_of(history, pulls)) == [
        ("features", "a", 12),
        ("fixes", "on main", None),
        ("documentation", "root", None),
    ]


def test_a_pull_request_merged_into_the_branch_of_another_keeps_its_number():
    """The host only speaks of the outer one, since the inner one went to no branch that counts."""
    history = Story()
    root = history.add("docs: root")
    deep = history.add("fix: deep")
    inner = history.add("Merge pull request #11 from acme/deep", parents=[root, deep])
    history.add("Merge pull request #12 from acme/a", parents=[root, inner])
    pulls = dict.fromkeys((deep, inner, history.tip), pull(12, "feat: all", merge=history.tip))

    assert ("fixes", "deep", 11) in told(notes_of(history, pulls))


def test_what_came_to_the_source_by_a_rebase_merge_keeps_its_number_below_a_release_merge():
    history = Story()
    root = history.add("docs: root")
    first = history.add("wip")
    second = history.add("oops")
    history.add("Merge pull request #20 from acme/staging", "chore: release", parents=[root, second])
    pulls = dict.fromkeys((first, second), pull(12, "feat: a cart"))
    pulls[history.tip] = pull(20, "chore: release", merge=history.tip)

    assert told(notes_of(history)) == [("documentation", "root", None), ("chores", "release", 20)]
    assert told(notes_of(history, pulls)) == [("features", "a cart", 12), ("documentation", "root", None)]


# --- reverts and twins


def test_a_reverted_rebase_merge_is_gone_whole():
    history, pulls = rebased("feat: a", "fix: b")
    history.add("chore: other")
    history.add('Revert "feat(cart): all of it"', "Reverts acme/shop#12")

    assert told(notes_of(history, pulls)) == [("chores", "other", None)]


def test_commits_reverted_one_by_one_leave_the_rest_to_the_title():
    history, pulls = rebased("wip", "oops", "more")
    history.revert(history.commits[0].sha)

    notes = notes_of(history, pulls)
    assert told(notes) == [("features", "all of it", 12)]
    assert notes.sections[0].entries[0].sha == history.commits[2].sha


def test_a_back_merged_twin_is_told_once():
    history = Story()
    first = history.add("fix: a", authored_at=1)
    second = history.add("fix: a", authored_at=1)
    pulls = {first: pull(1, "fix: a"), second: pull(2, "fix: a again")}

    assert told(notes_of(history, pulls)) == [("fixes", "a", 2)]


# --- labels


UI = rules(exclude=["skip"], categories=[("Shop front", ["ui"]), ("The rest", ["*"])])


def test_labels_group_and_leave_out_and_what_has_no_pull_request_goes_by_its_type():
    history = story("feat: a", "fix: b", "fix: c", "feat: d")
    one, two, three, _ = (commit.sha for commit in history.commits)
    pulls = {one: pull(1, "a", "UI"), two: pull(2, "b", "api"), three: pull(3, "c", "skip", "ui")}
    notes = notes_of(history, pulls, UI)

    assert told(notes) == [("Shop front", "a", 1), ("The rest", "b", 2), ("features", "d", None)]
    assert notes.left_out == 1


@pytest.mark.parametrize("label", ["ui", "skip"])
def test_what_breaks_comes_first_whatever_its_labels(label):
    history = story("feat: a", "feat!: b")
    pulls = {commit.sha: pull(at, "x", label) for at, commit in enumerate(history.commits)}
    notes = notes_of(history, pulls, UI)

    assert told(notes)[0] == ("breaking", "b", 1)
    assert notes.sections[0].entries[0].pull.labels == (label,)


def test_people_whose_pull_request_is_left_out_are_named_all_the_same():
    history = story("feat: a")
    notes = notes_of(history, {history.tip: pull(1, "a", "skip")}, UI)

    assert (notes.sections, notes.left_out, [one.name for one in notes.contributors]) == ((), 1, ["Ada Lovelace"])


# --- the same for the same


@st.composite
def histories(draw):
    history = Story()
    for number in range(draw(st.integers(1, 9))):
        earlier = [commit.sha for commit in history.commits]
        others = draw(st.lists(st.sampled_from(earlier), max_size=1)) if earlier else []
        subject = draw(st.sampled_from(["feat: a", "wip", "fix: b (#3)", "Merge pull request #2 from a/b", "feat!: c"]))
        body = draw(
            st.sampled_from(["", "Reverts a/b#1", "fix: title", f"This reverts commit {(earlier or [''])[-1]}"])
        )
        start = draw(st.sampled_from(["", "Revert "]))
        parents = list(dict.fromkeys([*earlier[-1:], *others]))
        history.add(f"{start}{subject}", body, parents=parents, authored_at=number)
    return history


LABELS = st.sampled_from(["ui", "skip", "bug"])


@st.composite
def answers(draw, history):
    numbers = st.integers(1, 4)
    titles = st.sampled_from(["feat: a title", "A title", "", "feat!: broken"])
    known = {}
    for number in range(1, 5):
        merge = draw(st.sampled_from([*history.commits, None]))
        labels = tuple(draw(st.lists(LABELS, max_size=2)))
        known[number] = Pull(number, draw(titles), labels, draw(st.none() | st.just("ada")), merge and merge.sha)
    return {one.sha: known[draw(numbers)] for one in history.commits if draw(st.booleans())}


@given(st.data())
def test_any_answer_makes_notes_in_which_no_commit_is_told_twice_and_nothing_else_changes(data):
    history = data.draw(histories())
    pulls = data.draw(answers(history))
    plain, rich = notes_of(history), notes_of(history, pulls, UI)

    shas = [one.sha for section in rich.sections for one in section.entries]
    assert len(shas) == len(set(shas))
    assert set(shas) <= {commit.sha for commit in history.commits}
    assert replace(rich, sections=(), left_out=0) == replace(plain, sections=())
    assert notes_of(history, dict(reversed(pulls.items())), UI) == rich
    assert breaking_in(plain) & set(shas) <= breaking_in(rich)


def breaking_in(notes):
    return {one.sha for section in notes.sections if section.group is Group.BREAKING for one in section.entries}


@given(st.data())
def test_without_an_answer_the_notes_are_those_of_git_alone(data):
    history = data.draw(histories())

    assert notes_of(history, {}, UI) == notes_of(history)
    assert build(history.newest_first(), subject=SUBJECT) == notes_of(history)


@given(st.data())
def test_what_a_record_keeps_makes_the_same_notes_again(data):
    history = data.draw(histories())
    pulls = data.draw(answers(history))

    assert by_commit(kept(pulls)) == pulls
    assert len({each.pull for each in kept(pulls)}) == len(kept(pulls))


def test_the_newest_commits_are_asked_about_as_many_as_a_night_may_ask():
    history = story(*(f"feat: {number}" for number in range(MOST_ASKED + 3)))
    commits = history.newest_first()

    assert asked_of(commits) == tuple(commit.sha for commit in commits[:MOST_ASKED])
    assert MOST_ASKED // 50 <= 30
