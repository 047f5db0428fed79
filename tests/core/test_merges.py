import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.history import Story, sha_of

from bot.core.changes import PullRequest
from bot.core.merges import MergedPull, merged_pull, owners


def merge(subject, body=""):
    told = Story()
    told.add(subject, body, parents=[sha_of("a"), sha_of("b")])
    return told.commits[0]


@pytest.mark.parametrize(
    ("subject", "body", "pull"),
    [
        (
            "Merge pull request #12 from acme/cart",
            "\nfeat: a cart\n\nmore",
            MergedPull(PullRequest(12), "feat: a cart"),
        ),
        ("Merge pull request #12 from acme/cart", "", MergedPull(PullRequest(12), "")),
        ("Merge pull request 'A cart' (#5) from cart into main", "", MergedPull(PullRequest(5), "A cart")),
        ("Merged in cart (pull request #9)", "A cart", MergedPull(PullRequest(9), "A cart")),
        (
            "Merge branch 'cart' into 'main'",
            "A cart\n\nSee merge request a/b!3",
            MergedPull(PullRequest(3, "!"), "A cart"),
        ),
        ("Merge branch 'cart' into 'main'", "See merge request a/b!3", MergedPull(PullRequest(3, "!"), "")),
        ("feat: a cart (#4)", "", MergedPull(PullRequest(4), "feat: a cart")),
        ("feat: a cart", "", MergedPull(None, "feat: a cart")),
        ("Merge branch 'main' into cart", "", None),
        ("Merge remote-tracking branch 'origin/main'", "Conflicts:\n\tx", None),
        ("Bring things together", "", None),
    ],
)
def test_a_merge_tells_what_its_host_wrote_into_it(subject, body, pull):
    assert merged_pull(merge(subject, body)) == pull


def test_a_merge_owns_what_its_second_parent_brought_in():
    told = Story()
    root = told.add("root")
    one = told.add("one")
    told.add("two")
    main = told.add("main", parents=[root])
    outer = told.add("merge", parents=[main, told.commits[2].sha])
    commits = told.newest_first()
    place = {commit.sha: at for at, commit in enumerate(commits)}

    owned = owners(commits)

    assert [commits[at].subject for at, owner in enumerate(owned) if owner == place[outer]] == ["two", "one"]
    assert owned[place[root]] is None
    assert owned[place[main]] is None
    assert owned[place[one]] == place[outer]


def test_the_innermost_merge_owns_a_commit():
    told = Story()
    root = told.add("root")
    deep = told.add("deep")
    side = told.add("side", parents=[root])
    inner = told.add("inner", parents=[side, deep])
    main = told.add("main", parents=[root])
    outer = told.add("outer", parents=[main, inner])
    commits = told.newest_first()
    place = {commit.sha: at for at, commit in enumerate(commits)}

    owned = owners(commits)

    assert owned[place[deep]] == place[inner]
    assert owned[place[inner]] == place[outer]
    assert owned[place[side]] == place[outer]


@st.composite
def graphs(draw):
    told = Story()
    for number in range(draw(st.integers(1, 14))):
        earlier = [commit.sha for commit in told.commits]
        first = [earlier[-1]] if earlier else []
        others = draw(st.lists(st.sampled_from(earlier), max_size=2, unique=True)) if earlier else []
        start = [draw(st.sampled_from(earlier))] if earlier and draw(st.booleans()) else first
        told.add(str(number), parents=list(dict.fromkeys([*start, *others])))
    return told.newest_first()


def reach(commits, sha):
    parents = {commit.sha: commit.parents for commit in commits}
    seen, waiting = set(), [sha]
    while waiting:
        one = waiting.pop()
        if one in parents and one not in seen:
            seen.add(one)
            waiting.extend(parents[one])
    return seen


@given(graphs())
def test_a_merge_of_the_main_line_owns_exactly_what_only_its_other_parents_reach(commits):
    owned = owners(commits)

    line, place = commits[0], {commit.sha: at for at, commit in enumerate(commits)}
    while True:
        brought = set().union(*(reach(commits, parent) for parent in line.parents[1:]))
        brought -= reach(commits, line.parents[0]) if line.parents else set()
        assert brought == {commits[at].sha for at in range(len(commits)) if is_inside(owned, at, place[line.sha])}
        if not line.parents:
            return
        line = commits[place[line.parents[0]]]


def is_inside(owned, at, merge_at):
    while owned[at] is not None:
        at = owned[at]
        if at == merge_at:
            return True
    return False
