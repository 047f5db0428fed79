"""Picks in the cache: whose a commit is, whether it has a twin, and the recipe that a picked commit is held to."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from support.gitrepos import make_remote

from bot.adapters.git import GitRepository
from bot.core.backport import Tip
from bot.core.objects import plan_commit
from bot.core.pick import plan_pick, plan_picks
from bot.core.promotion import Author
from bot.errors import BotError, Reason

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


@pytest.fixture(params=["sha1", "sha256"])
def remote(request, tmp_path):
    return make_remote(tmp_path / "remote.git", object_format=request.param)


def fetched(remote, tmp_path):
    repository = GitRepository(remote.url, tmp_path / "cache.git", "staging", "main", "release/")
    repository.fetch()
    return repository


def test_a_commit_is_told_whole(remote, tmp_path):
    sha = remote.commit("staging", "fix: x\n\nbody\n\nTrailer: y", author="Ünï <ü@x>")
    told = fetched(remote, tmp_path).original(sha)
    assert (told.sha, len(told.parents), told.message) == (sha, 1, "fix: x\n\nbody\n\nTrailer: y")
    assert (told.author.name, told.author.email) == ("Ünï", "ü@x")
    assert told.author.when.endswith(" +0000")


def test_the_first_commit_has_no_parent(remote, tmp_path):
    first = remote.git("rev-list", "--max-parents=0", "refs/heads/main")
    assert fetched(remote, tmp_path).original(first).parents == ()


def test_a_message_in_another_encoding_is_read(remote, tmp_path):
    content = remote.git("cat-file", "commit", "refs/heads/staging").encode()
    content = content.replace(b"\n\n", b"\nencoding ISO-8859-1\n\n", 1) + b" \xe9\n"
    sha = remote.git("hash-object", "-t", "commit", "-w", "--stdin", data=content)
    remote.set("refs/heads/staging", sha)
    assert fetched(remote, tmp_path).original(sha).message.endswith(" é\n")


def test_twins_are_known_by_their_patch_whatever_they_are_called(remote, tmp_path):
    base = remote.sha("refs/heads/main")
    one = remote.commit("staging", "fix: one", files={"one": "1\n"})
    two = remote.commit("staging", "fix: two", files={"two": "2\n"})
    remote.branch("rel", base)
    tip = remote.commit("rel", "another name", files={"one": "1\n"})
    repository = fetched(remote, tmp_path)
    repository.branch_tip("rel")
    assert repository.has_twin(tip, one, repository.original(one).parents[0])
    assert not repository.has_twin(tip, two, one)


def planned(remote, repository):
    one = remote.commit("staging", "fix: one", files={"one": "1\n"})
    repository.fetch()
    original, tip = repository.original(one), remote.sha("refs/heads/main")
    picked = repository.pick(repository.tree_of(tip), one, original.parents[0])
    return plan_pick(original, tip, picked.tree, NOW)


def test_a_picked_commit_comes_out_as_planned(remote, tmp_path):
    repository = fetched(remote, tmp_path)
    plan = planned(remote, repository)
    repository.prepare(plan_picks(Tip("rel", plan.parents[0]), (plan,), NOW))
    assert repository.commit(plan.sha).author_name == "Ada Lovelace"
    assert repository.commit(plan.sha).parents == plan.parents


def test_a_picked_commit_with_any_other_tree_is_not_made(remote, tmp_path):
    repository = fetched(remote, tmp_path)
    plan = planned(remote, repository)
    for wrong in (
        replace(plan, tree=repository.tree_of(plan.parents[0])),
        replace(plan, picked_from=plan.parents[0]),
        replace(plan, author=Author("Mallory", "m@x", "1 +0000")),
    ):
        with pytest.raises(BotError) as error:
            repository.prepare(plan_picks(Tip("rel", plan.parents[0]), (wrong,), NOW))
        assert error.value.reason is Reason.MERGE_INEXACT


def test_what_a_merge_changed_is_nobodys_pick(remote, tmp_path):
    remote.commit("side", "feat: side", files={"side": "x\n"})
    merge = remote.commit("staging", "merge", merge=[remote.sha("refs/heads/side")])
    repository = fetched(remote, tmp_path)
    tip = remote.sha("refs/heads/main")
    plan = plan_commit(tree=repository.tree_of(tip), parents=(tip,), at=0, message="x\n", picked_from=merge)
    with pytest.raises(BotError, match="2 parents"):
        repository.prepare(plan_picks(Tip("rel", tip), (plan,), NOW))
