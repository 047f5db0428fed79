"""Merges without a work tree: what they come to is what git makes of it, and nothing else is ever made (I29)."""

import os
import subprocess

import pytest
from support.gitrepos import clean_environment, empty_repo, make_remote
from support.promotions import open_repository

from bot.core.merging import Merged
from bot.core.objects import plan_commit
from bot.core.promotion import Move, PushPlan
from bot.errors import BotError, Reason

MAIN, STAGING = "refs/heads/main", "refs/heads/staging"
NAMES = ["plain.txt", "two words", "*", ":(top)x", ":!x", "-dash", "a\nline", 'quo"te', "größe", "deep/er/file", "[a]"]


@pytest.fixture(params=["sha1", "sha256"])
def remote(tmp_path, request):
    return make_remote(tmp_path / "remote.git", object_format=request.param)


def opened(remote, tmp_path):
    repository = open_repository(remote, tmp_path)
    repository.fetch()
    return repository


def apart(remote, ours, theirs):
    """Staging and main, each with one commit of its own."""
    remote.set(STAGING, remote.sha(MAIN))
    return remote.commit("staging", "feat: ours", files=ours), remote.commit("main", "fix: theirs", files=theirs)


def refs_of(tmp_path):
    cache = {**clean_environment(), "GIT_DIR": str(tmp_path / "cache.git")}
    listed = subprocess.run(["git", "for-each-ref"], env=cache, capture_output=True, timeout=60, check=True)
    return listed.stdout


def plan_of(*commits, tip):
    return PushPlan((Move(STAGING, commits[0].parents[0], tip),), None, None, None, 1_800_000_000, "x", commits=commits)


# --- merging


def test_a_clean_merge_has_the_tree_that_git_makes_in_a_work_tree(remote, tmp_path):
    ours, theirs = apart(remote, {"ours.txt": "1\n"}, {"theirs.txt": "2\n"})
    work, env = tmp_path / "work", clean_environment()
    for words in (
        ["clone", "--quiet", "--branch", "staging", remote.url, str(work)],
        ["-C", str(work), "merge", "--quiet", "--no-edit", theirs],
    ):
        subprocess.run(["git", *words], env=env, check=True, capture_output=True, timeout=60)
    by_hand = subprocess.run(
        ["git", "-C", str(work), "rev-parse", "HEAD^{tree}"], env=env, check=True, capture_output=True, timeout=60
    )

    merged = opened(remote, tmp_path).merge(ours, theirs)

    assert merged == Merged(by_hand.stdout.decode().strip())
    assert merged.is_clean


def test_changes_of_one_file_far_apart_are_merged(remote, tmp_path):
    lines = [f"{number}\n" for number in range(20)]
    remote.commit("main", "feat: lines", files={"a": "".join(lines)})
    ours, theirs = apart(remote, {"a": "".join(["x\n", *lines[1:]])}, {"a": "".join([*lines[:-1], "y\n"])})
    assert opened(remote, tmp_path).merge(ours, theirs).is_clean


def test_a_conflict_names_each_path_once_and_has_no_tree(remote, tmp_path):
    ours, theirs = apart(remote, {"a": "1\n", "b": "1\n", "c": "1\n"}, {"a": "2\n", "b": "2\n", "c": "1\n"})
    assert opened(remote, tmp_path).merge(ours, theirs) == Merged("", ("a", "b"))


@pytest.mark.parametrize("name", NAMES)
def test_a_path_of_any_name_is_told_as_it_is(tmp_path, name):
    remote = make_remote(tmp_path / "remote.git")
    remote.set(STAGING, remote.sha(MAIN))
    tips = [into_index(remote, branch, name.encode()) for branch in ("staging", "main")]
    assert opened(remote, tmp_path).merge(*tips).conflicts == (name,)


def into_index(remote, branch, name):
    """Commit one file of any name, whatever a stream of git's could not say."""
    blob = remote.git("hash-object", "-w", "--stdin", data=branch.encode())
    tree = name.split(b"/")
    made = blob
    for depth, part in enumerate(reversed(tree)):
        mode, kind = (b"100644", b"blob") if depth == 0 else (b"040000", b"tree")
        entry = mode + b" " + kind + b" " + made.encode() + b"\t" + part + b"\0"
        made = remote.git("mktree", "-z", data=entry)
    parent = remote.sha(f"refs/heads/{branch}")
    sha = remote.git("commit-tree", "-p", parent, "-m", f"feat: {branch}", made)
    remote.branch(branch, sha)
    return sha


def test_a_path_that_is_no_utf8_is_told_in_bytes_that_git_understands_again(tmp_path):
    remote = make_remote(tmp_path / "remote.git")
    remote.set(STAGING, remote.sha(MAIN))
    base = remote.sha(MAIN)
    ours, theirs = (into_index(remote, branch, b"caf\xe9") for branch in ("staging", "main"))
    repository = opened(remote, tmp_path)
    (path,) = repository.merge(ours, theirs).conflicts
    assert os.fsencode(path) == b"caf\xe9"
    assert [commit.sha for commit in repository.touched([path], base, ours)] == [ours]


def test_a_file_that_one_side_removed_and_the_other_changed_is_in_conflict(remote, tmp_path):
    remote.set(STAGING, remote.sha(MAIN))
    empty = remote.git("mktree", data=b"")
    ours = remote.git("commit-tree", "-p", remote.sha(STAGING), "-m", "feat: remove", empty)
    remote.branch("staging", ours)
    theirs = remote.commit("main", "fix: change")
    assert opened(remote, tmp_path).merge(ours, theirs).conflicts == ("count.txt",)


def test_merging_what_is_contained_gives_the_tree_of_the_newer(remote, tmp_path):
    repository = opened(remote, tmp_path)
    main, staging = remote.sha(MAIN), remote.sha(STAGING)
    assert repository.merge(main, staging).tree == repository.merge(staging, main).tree == repository.tree_of(staging)


def test_histories_that_have_nothing_in_common_are_a_named_failure(remote, tmp_path):
    remote.delete(STAGING)
    alone = remote.commit("staging", "feat: from nowhere", files={"x": "x\n"})
    with pytest.raises(BotError) as caught:
        opened(remote, tmp_path).merge(alone, remote.sha(MAIN))
    assert caught.value.reason is Reason.NOT_FAST_FORWARD
    assert caught.value.sentence == f"{alone[:12]} and {remote.sha(MAIN)[:12]} have no commit in common."
    assert "--allow-unrelated-histories" in caught.value.action
    # The cache is as good as the remote.
    assert not (tmp_path / "cache.git/promotion-suspect").exists()


@pytest.mark.parametrize("names", [("staging", MAIN), (MAIN, "--output=x"), ("a" * 39, MAIN)])
def test_only_full_ids_are_merged(tmp_path, names):
    remote = make_remote(tmp_path / "remote.git")
    repository, tip = opened(remote, tmp_path), remote.sha(MAIN)
    with pytest.raises(ValueError, match="no full object id"):
        repository.merge(*(tip if name == MAIN else name for name in names))


def test_merging_moves_no_ref(remote, tmp_path):
    tips = apart(remote, {"a": "1\n"}, {"b": "2\n"})
    repository, before = opened(remote, tmp_path), remote.refs()
    held = refs_of(tmp_path)
    assert repository.merge(*tips).is_clean
    assert remote.refs() == before
    assert refs_of(tmp_path) == held


# --- what is asked beside it


def test_the_tree_of_a_commit_is_gits(remote, tmp_path):
    tip = remote.sha(STAGING)
    assert opened(remote, tmp_path).tree_of(tip) == remote.git("rev-parse", f"{tip}^{{tree}}")


def test_the_tree_of_a_commit_that_is_not_there_is_a_failure(remote, tmp_path):
    with pytest.raises(BotError) as caught:
        opened(remote, tmp_path).tree_of("a" * len(remote.sha(MAIN)))
    assert caught.value.reason is Reason.GIT_FAILED


def test_the_commits_that_touched_some_paths_are_named_newest_first(remote, tmp_path):
    base = remote.sha(STAGING)
    one = remote.commit("staging", "feat: a", files={"a": "1\n"})
    remote.commit("staging", "feat: neither", files={"b": "1\n"})
    two = remote.commit("staging", "feat: a again", files={"a": "2\n"}, author="Grace Hopper <grace@example.com>")
    repository = opened(remote, tmp_path)
    found = repository.touched(["a", "no-such-path"], base, two)
    assert [commit.sha for commit in found] == [two, one]
    assert found[0].author_name == "Grace Hopper"
    assert [commit.sha for commit in repository.touched(["a"], base, two, limit=1)] == [two]
    assert repository.touched(["no-such-path"], base, two) == ()


@pytest.mark.parametrize("name", NAMES)
def test_a_path_of_any_name_is_looked_for_as_it_is(tmp_path, name):
    remote = make_remote(tmp_path / "remote.git")
    base = remote.sha(MAIN)
    remote.commit("main", "feat: another", files={"x": "1\n", "another": "1\n"})
    tip = into_index(remote, "main", name.encode())
    remote.branch("staging", tip)
    found = opened(remote, tmp_path).touched([name], base, tip)
    assert [commit.sha for commit in found] == [tip]


def test_the_tip_of_any_branch_is_brought_over_as_it_is_now(remote, tmp_path):
    repository = opened(remote, tmp_path)
    remote.branch("hotfix/x", remote.sha(MAIN))
    tip = remote.commit("hotfix/x", "fix: now", files={"fix": "1\n"})
    assert repository.branch_tip("hotfix/x") == tip
    assert repository.contains(tip, remote.sha(MAIN))
    assert repository.branch_tip("hotfix/none") is None


def test_asking_for_a_branch_changes_nothing_of_what_was_resolved_at_the_start(remote, tmp_path):
    repository = opened(remote, tmp_path)
    before = repository.branch_facts()
    remote.commit("staging", "feat: later")
    assert repository.branch_tip("staging") != before.source_sha
    assert repository.branch_facts() == before


def test_a_tag_of_the_same_name_is_no_branch(remote, tmp_path):
    remote.tag("hotfix/x", remote.sha(MAIN))
    assert opened(remote, tmp_path).branch_tip("hotfix/x") is None


@pytest.mark.parametrize("name", ["", "a b", "a..b", "x:y", "a\x1b[31m", "x^{commit}", "*"])
def test_what_is_no_branch_name_is_wrong_usage_and_shown_harmless(tmp_path, name):
    repository = opened(make_remote(tmp_path / "remote.git"), tmp_path)
    with pytest.raises(BotError) as caught:
        repository.branch_tip(name)
    assert caught.value.reason is Reason.BAD_USAGE
    assert "\x1b" not in caught.value.sentence


# --- planned commits


def commit_like_git(remote, tree, parents, at, message):
    """What `git commit-tree` makes of the same values."""
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in IDENTITY.items()}
    who |= {"GIT_AUTHOR_DATE": f"{at} +0000", "GIT_COMMITTER_DATE": f"{at} +0000"}
    words = [word for parent in parents for word in ("-p", parent)]
    made = subprocess.run(
        ["git", "--git-dir", remote.url, "commit-tree", *words, "-F", "-", tree],
        input=message.encode(),
        env=clean_environment(**who),
        capture_output=True,
        timeout=60,
        check=True,
    )
    return made.stdout.decode().strip()


IDENTITY = {"NAME": "promotion-bot", "EMAIL": "promotion-bot@localhost"}


@pytest.mark.parametrize("message", ["Merge\n", "größe 字 👩\n\nRun-Id: x\n", "two\n\nparagraphs\n\nA: b\nC: d\n"])
@pytest.mark.parametrize("parents", [0, 1, 2])
def test_a_planned_commit_has_the_id_that_git_gives_it(remote, message, parents):
    tips = (remote.sha(STAGING), remote.sha(MAIN))[:parents]
    tree = remote.git("rev-parse", f"{STAGING}^{{tree}}")
    planned = plan_commit(tree=tree, parents=tips, at=1_800_000_000, message=message)
    assert planned.sha == commit_like_git(remote, tree, tips, 1_800_000_000, message)


def test_a_planned_merge_is_made_as_planned_and_passes_gits_own_check(remote, tmp_path):
    ours, theirs = apart(remote, {"ours.txt": "1\n"}, {"theirs.txt": "2\n"})
    repository = opened(remote, tmp_path)
    tree = repository.merge(ours, theirs).tree
    planned = plan_commit(tree=tree, parents=(ours, theirs), at=1_800_000_000, message="Merge\n")

    repository.prepare(plan_of(planned, tip=planned.sha))

    assert repository.tree_of(planned.sha) == tree
    cache = {**clean_environment(), "GIT_DIR": str(tmp_path / "cache.git")}
    checked = subprocess.run(
        ["git", "fsck", "--strict", planned.sha], env=cache, capture_output=True, timeout=60, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, b"")


def inexact(repository, commit):
    with pytest.raises(BotError) as caught:
        repository.prepare(plan_of(commit, tip=commit.sha))
    return caught.value.reason


def test_a_planned_merge_with_another_tree_is_never_made(remote, tmp_path):
    ours, theirs = apart(remote, {"ours.txt": "1\n"}, {"theirs.txt": "2\n"})
    repository = opened(remote, tmp_path)
    planned = plan_commit(tree=repository.tree_of(ours), parents=(ours, theirs), at=1_800_000_000, message="Merge\n")
    assert inexact(repository, planned) is Reason.MERGE_INEXACT
    with pytest.raises(BotError):
        repository.tree_of(planned.sha)


def test_a_planned_merge_of_what_is_in_conflict_is_never_made(remote, tmp_path):
    ours, theirs = apart(remote, {"a": "1\n"}, {"a": "2\n"})
    repository = opened(remote, tmp_path)
    planned = plan_commit(tree=repository.tree_of(ours), parents=(ours, theirs), at=1_800_000_000, message="Merge\n")
    assert inexact(repository, planned) is Reason.MERGE_INEXACT


def test_a_copied_tree_must_be_that_of_the_commit_it_is_copied_from(remote, tmp_path):
    ours, theirs = apart(remote, {"ours.txt": "1\n"}, {"theirs.txt": "2\n"})
    repository = opened(remote, tmp_path)

    def copying(tree):
        made = {"parents": (ours, theirs), "at": 1_800_000_000, "message": "Keep\n", "copied_from": ours}
        return plan_commit(tree=tree, **made)

    assert inexact(repository, copying(repository.tree_of(theirs))) is Reason.MERGE_INEXACT
    kept = copying(repository.tree_of(ours))
    repository.prepare(plan_of(kept, tip=kept.sha))
    assert repository.tree_of(kept.sha) == repository.tree_of(ours)


def test_a_repository_without_a_branch_has_no_tip_to_bring(tmp_path):
    with pytest.raises(BotError):
        opened(empty_repo(tmp_path / "remote.git"), tmp_path)
