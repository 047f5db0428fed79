"""Cherry-picks onto a maintained branch: all of them in one push, each still its author's, none twice."""

import pytest
from support.backports import MAIN, STAGING, Backports
from support.fakes import Instead
from support.misuse import misused

from bot.core.record import Outcome
from bot.flows.request import Effect

REL = "refs/heads/rel"
BEN = "Ben Bell <ben@example.com>"


@pytest.fixture
def back(shop):
    made = Backports(shop)
    made.remote.branch("rel", made.remote.sha(MAIN))
    return made


def added(back, name, **more):
    return back.remote.commit("staging", f"fix: {name}\n\nBecause.", files={name: f"{name}\n"}, author=BEN, **more)


def test_picks_land_in_order_in_one_push_with_their_authors_and_where_they_come_from(back):
    one, two = added(back, "one"), added(back, "two")
    before = back.remote.refs()

    record = back.pick(one, two[:10])

    assert (record.outcome, record.reason_code) == (Outcome.PROMOTED, "promoted")
    assert back.remote.refs() == before | {REL: record.promotion.target_after}
    log = back.remote.git("log", "--reverse", "--format=%an <%ae> %ad|%cn|%s|%b", "--date=raw", f"{MAIN}..{REL}")
    times = [back.remote.git("log", "-1", "--format=%ad", "--date=raw", sha) for sha in (one, two)]
    assert log.split("\n\n")[0].startswith(f"{BEN} {times[0]}|promotion-bot|fix: one|Because.")
    assert f"(cherry picked from commit {one})" in log
    assert f"{BEN} {times[1]}|promotion-bot|fix: two|Because." in log
    assert back.remote.git("ls-tree", "--name-only", REL).split() == ["count.txt", "one", "two"]
    assert back.shop.events(record).count("push") == 1
    assert [commit.sha for commit in record.candidate.commits] == [two, one]


def test_the_tree_is_what_gits_own_cherry_pick_makes(back, tmp_path):
    one = added(back, "one")
    back.pick(one)
    work = tmp_path / "work"
    back.remote.git("worktree", "add", "--quiet", "--detach", str(work), f"{REL}~1")
    back.remote.git("-C", str(work), "--git-dir", f"{work}/.git", "cherry-pick", "-x", one)
    ours, theirs = (back.remote.git("log", "-1", "--format=%T%n%an%n%ae%n%ad%n%B", at) for at in (REL, _head(work)))
    assert ours == theirs


def _head(work):
    return (work.parent / "remote.git/worktrees/work/HEAD").read_text().strip()


def rewritten(back, sha, old, new):
    """That commit with other bytes in it, at the tip of staging."""
    content = f"{back.remote.git('cat-file', 'commit', sha)}\n".encode()
    assert old in content
    made = back.remote.git(
        "hash-object", "-t", "commit", "-w", "--stdin", "--literally", data=content.replace(old, new, 1)
    )
    back.remote.set(STAGING, made)
    return made


def test_the_zone_of_the_authors_clock_stays(back):
    one = rewritten(back, added(back, "one"), b" +0000\ncommitter", b" -0730\ncommitter")
    back.pick(one)
    assert back.remote.git("log", "-1", "--format=%ad", "--date=raw", REL).endswith(" -0730")


def test_a_dry_run_shows_the_update_and_writes_nothing(back):
    one, before = added(back, "one"), back.remote.refs()
    record = back.pick(one, effect=Effect.DRY_RUN)
    assert [(line.ref, line.expected) for line in record.updates] == [(REL, before[REL])]
    assert (record.outcome, record.action) == (Outcome.DRY_RUN, "Run again without --dry-run to push it.")
    assert back.remote.refs() == before


def skipped(back):
    return [words for name, words in back.shop.watcher.steps if name == "skipped"]


def test_a_twin_with_the_same_patch_is_skipped_with_a_word(back):
    one, two = added(back, "one"), added(back, "two")
    back.remote.commit("rel", "fix: one by another name", files={"one": "one\n"})

    record = back.pick(one, two)

    assert record.outcome is Outcome.PROMOTED
    assert skipped(back) == [f"{one[:12]}: rel has a commit with the same patch"]
    assert back.remote.git("rev-list", "--count", f"{record.promotion.target_before}..{REL}") == "1"


def test_what_the_branch_contains_already_is_skipped(back):
    assert back.pick(back.remote.sha(MAIN)).outcome is Outcome.UP_TO_DATE
    assert "contains it" in skipped(back)[0]


def test_a_commit_whose_change_is_there_in_other_words_is_skipped(back):
    one = added(back, "one")
    back.remote.commit("rel", "fix: much", files={"one": "one\n", "other": "other\n"})
    assert back.pick(one).outcome is Outcome.UP_TO_DATE
    assert "there already" in skipped(back)[0]


def test_picking_again_picks_nothing_again(back):
    one = added(back, "one")
    back.pick(one)
    before = back.remote.refs()
    record = back.pick(one, one)
    assert (record.outcome, "has all of it" in record.reason) == (Outcome.UP_TO_DATE, True)
    assert back.remote.refs() == before


def test_a_conflict_moves_nothing_not_even_the_picks_before_it(back):
    one = added(back, "one")
    back.remote.commit("rel", "fix: rel", files={"count.txt": "rel\n"})
    clash = back.remote.commit("staging", "feat: x", files={"count.txt": "staging\n"}, author=BEN)
    before = back.remote.refs()

    record = back.pick(one, clash)

    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "merge-conflict")
    assert f"{clash[:12]} cannot be picked onto rel" in record.reason
    assert "count.txt" in record.reason
    assert "by Ben Bell" in record.reason
    assert back.remote.refs() == before
    assert not back.bench.path.exists()


@pytest.mark.parametrize("name", ["nothing", "f" * 40, "--output=x", "", "refs/heads/other"])
def test_what_neither_branch_has_is_named(back, name):
    back.remote.commit("other", "feat: elsewhere")
    one = added(back, "one")
    assert repr(name) in misused(back.shop, lambda: back.pick(one, name)).sentence


def test_a_commit_that_was_taken_off_the_branch_is_picked_no_more_although_the_cache_has_it(back):
    kept = back.remote.sha(STAGING)
    gone = added(back, "one")
    back.shop.repository.fetch()
    back.remote.set(STAGING, kept)
    misused(back.shop, lambda: back.pick(gone))


def test_a_merge_is_not_picked(back):
    back.remote.commit("side", "feat: side")
    merge = back.remote.commit("staging", "merge", merge=[back.remote.sha("refs/heads/side")])
    assert "is a merge" in misused(back.shop, lambda: back.pick(merge)).sentence


def test_a_branch_that_moves_before_the_push_gets_the_picks_on_its_new_tip(back):
    one, moved = added(back, "one"), []

    def push(*args):
        if not moved:
            moved.append(back.remote.commit("rel", "fix: rel", files={"rel": "rel\n"}))
        return back.shop.repository.push(*args)

    assert back.pick(one, repository=Instead(back.shop.repository, push=push)).outcome is Outcome.PROMOTED
    assert back.parents(REL) == moved


def test_a_branch_that_is_not_there_is_named(back):
    record = back.pick(added(back, "one"), onto="nowhere")
    assert (record.reason_code, "nowhere" in record.reason) == ("branch-missing", True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Ben Bell", b"\x1b[31mEvil\xff @all <script>"),
        (b"author Ben Bell <ben@example.com>", b"author  <>"),
        (b"author Ben Bell <ben@example.com>", b"author Ben Bell <ben@example.com"),
        (b"fix: one", b"\x1b[2J\xff\xfefix: one"),
        (b"Because.", b"Because.\n\nFixes #1\r\n\r\n" + b"x" * 100_000),
        (b"fix: one\n\nBecause.\n", b""),
    ],
)
def test_whoever_wrote_it_and_whatever_it_says_a_commit_is_picked_and_nothing_of_it_gets_out(back, old, new):
    record = back.pick(rewritten(back, added(back, "one"), old, new))
    told = [record.reason, record.action, *(text for step in back.shop.watcher.steps for text in step)]
    assert record.outcome is Outcome.PROMOTED, record.reason
    assert all(text.isprintable() for text in told)
    assert back.remote.git("show", f"{REL}:one") == "one"
