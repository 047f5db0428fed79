"""The one work tree: made whole or not at all, never running anything of what is in it, never in anybody's way."""

import stat
from datetime import UTC, datetime

import pytest
from support.backports import MAIN, STAGING, Person
from support.gitrepos import make_remote
from support.httpgit import TOKEN, http_git

from bot.adapters.git import GitRepository
from bot.adapters.git_access import Access
from bot.adapters.git_cache import CacheKind
from bot.adapters.lock import FileLock
from bot.adapters.probes.bearer import Bearer
from bot.adapters.worktree import WorkTree
from bot.core.backport import BackMerge, Begun, Tip, plan_resolution
from bot.core.promotion import PushOutcome
from bot.errors import BotError, Reason


@pytest.fixture(params=["sha1", "sha256"])
def remote(request, tmp_path):
    made = make_remote(tmp_path / "remote.git", object_format=request.param)
    made.commit("main", "fix: hot", files={"count.txt": "hot\n"})
    return made


@pytest.fixture
def plain_remote(tmp_path):
    made = make_remote(tmp_path / "remote.git")
    made.commit("main", "fix: hot", files={"count.txt": "hot\n"})
    return made


def bench_of(remote, tmp_path):
    return WorkTree(remote.url, tmp_path / "state/backport", tmp_path / "state/cache.git")


def begun_of(remote, run_id="20261121-020000-0001"):
    merge = BackMerge(Tip("staging", remote.sha(STAGING)), Tip("main", remote.sha(MAIN)))
    return Begun(run_id, "2026-11-21T02:00:00Z", merge)


def made(remote, tmp_path):
    bench, begun = bench_of(remote, tmp_path), begun_of(remote)
    bench.begin(begun, "Merge main into staging")
    return bench, begun


def test_it_remembers_what_it_is_for(remote, tmp_path):
    bench, begun = made(remote, tmp_path)
    assert bench_of(remote, tmp_path).begun() == begun
    assert Person(bench.path).git("branch", "--show-current") == begun.branch


def test_a_resolution_is_read_and_handed_in(remote, tmp_path):
    bench, _ = made(remote, tmp_path)
    repository = GitRepository(remote.url, tmp_path / "state/cache.git", "staging", "main", "release/")
    repository.fetch()
    open_one = bench.resolution()
    assert (open_one.is_merging, open_one.unmerged, open_one.head) == (True, ("count.txt",), remote.sha(STAGING))

    head = Person(bench.path).resolve()
    bench.hand_in(head)

    assert (bench.resolution().head, bench.resolution().is_merging, bench.resolution().unmerged) == (head, False, ())
    assert repository.commit(head).parents == (remote.sha(STAGING), remote.sha(MAIN))


def test_markers_are_found_only_in_the_files_that_are_asked_for(plain_remote, tmp_path):
    bench, _ = made(plain_remote, tmp_path)
    person = Person(bench.path)
    for name in ("count.txt", "guide -- on <<<<<<< git.txt", "fine.txt"):
        person.write(name, "a\n>>>>>>> main\n" if name != "fine.txt" else "a <<<<<<< b\n")
    head = person.resolve(content="<<<<<<< HEAD\n")
    assert bench.marked(head, ["count.txt", "fine.txt", "gone.txt"]) == ("count.txt",)
    assert bench.marked(head, ["guide -- on <<<<<<< git.txt"]) == ("guide -- on <<<<<<< git.txt",)
    assert bench.marked(head, ["*.txt"]) == ()
    assert bench.marked(head, []) == ()


def test_nothing_that_the_tree_brings_is_run(plain_remote, tmp_path):
    witness = tmp_path / "witness"
    attributes = "* filter=evil merge=evil diff=evil textconv=evil\n"
    config = (
        f'[filter "evil"]\n\tsmudge = touch {witness}\n\tclean = touch {witness}\n\trequired\n'
        f'[merge "evil"]\n\tdriver = touch {witness}\n[core]\n\tfsmonitor = touch {witness}\n\thooksPath = hooks\n'
    )
    for branch in ("main", "staging"):
        plain_remote.commit(
            branch, "feat: evil", files={".gitattributes": attributes, ".gitconfig": config, ".gitmodules": config}
        )
    hook = f"#!/bin/sh\ntouch {witness}\n"
    plain_remote.commit("staging", "feat: hooks", files={"hooks/post-checkout": hook, "hooks/pre-merge-commit": hook})

    bench, _ = made(plain_remote, tmp_path)
    Person(bench.path).git("config", "core.fsmonitor", f"touch {witness}.person")
    bench.resolution()

    assert not witness.exists()
    assert not witness.with_name("witness.person").exists()
    assert (bench.path / "hooks/post-checkout").exists()


def test_a_link_in_the_tree_leads_nobody_out_of_it(plain_remote, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept\n")
    link = plain_remote.git("hash-object", "-w", "--stdin", data=str(outside).encode())
    tree = plain_remote.git("mktree", data=f"120000 blob {link}\tout\n".encode())
    base = plain_remote.git("commit-tree", tree, "-p", STAGING, "-m", "feat: link")
    plain_remote.set(STAGING, base)
    plain_remote.commit("main", "fix: below", files={"out/kept": "overwritten\n"})

    bench, _ = made(plain_remote, tmp_path)
    assert (outside / "kept").read_text() == "kept\n"
    assert bench.remove()
    assert (outside / "kept").read_text() == "kept\n"


def test_what_cannot_be_made_leaves_nothing(plain_remote, tmp_path):
    bench = bench_of(plain_remote, tmp_path)
    begun = begun_of(plain_remote)
    plain_remote.set(STAGING, plain_remote.sha(MAIN))
    with pytest.raises(BotError) as error:
        bench.begin(begun, "Merge")
    assert error.value.reason is Reason.SOURCE_MOVED
    assert bench.begun() is None
    assert list((tmp_path / "state").iterdir()) == []


def test_a_tip_that_moved_on_meanwhile_is_still_the_one_that_is_checked_out(plain_remote, tmp_path):
    begun = begun_of(plain_remote)
    plain_remote.commit("staging", "feat: more", files={"more": "more\n"})
    bench = bench_of(plain_remote, tmp_path)
    bench.begin(begun, "Merge")
    assert bench.resolution().head == begun.merge.into.sha


def test_only_its_owner_can_look_into_it(plain_remote, tmp_path):
    bench, _ = made(plain_remote, tmp_path)
    assert stat.S_IMODE(bench.path.parent.stat().st_mode) == 0o700


def test_a_work_tree_that_is_no_repository_any_more_is_named(plain_remote, tmp_path):
    bench, _ = made(plain_remote, tmp_path)
    (bench.path / ".git/HEAD").unlink()
    with pytest.raises(BotError) as error:
        bench.resolution()
    assert error.value.reason is Reason.STATE_UNUSABLE
    assert "--abort" in error.value.action
    assert bench.remove()
    assert bench.begun() is None
    assert not bench.remove()


def test_the_environment_of_whoever_starts_it_steers_nothing(plain_remote, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    bench, _ = made(plain_remote, tmp_path)
    monkeypatch.undo()
    assert Person(bench.path).git("status", "--porcelain") == "UU count.txt"
    assert not (tmp_path / "index").exists()


def test_it_is_handed_in_also_to_a_cache_without_contents(plain_remote, tmp_path):
    plain_remote.commit("staging", "feat: big", files={f"file-{number}": f"{number}\n" * 50 for number in range(20)})
    cache = tmp_path / "state/cache.git"
    repository = GitRepository(plain_remote.url, cache, "staging", "main", "release/", kind=CacheKind.BLOBLESS)
    plain_remote.config("uploadpack.allowFilter", "true")
    repository.fetch()
    bench, begun = made(plain_remote, tmp_path)
    head = Person(bench.path).resolve()

    bench.hand_in(head)

    assert repository.commit(head).parents == (begun.merge.into.sha, begun.merge.merged.sha)
    plan = plan_resolution(begun.merge, head, datetime(2026, 11, 21, 2, tzinfo=UTC))
    with FileLock(tmp_path / "lock").hold() as lock:
        report = repository.push(repository.prepare(plan), lock)
    assert report.outcome is PushOutcome.LANDED
    assert plain_remote.git("fsck", "--connectivity-only") == ""
    assert plain_remote.sha(STAGING) == head


def test_over_http_the_token_gets_neither_into_the_work_tree_nor_to_a_git_that_needs_none(tmp_path, monkeypatch):
    monkeypatch.setenv("PROMOTION_TEST_TOKEN", TOKEN)
    (tmp_path / "served").mkdir()
    with http_git(tmp_path / "served") as server:
        remote = server.served(make_remote(server.root / "shop.git"))
        remote.commit("main", "fix: hot", files={"count.txt": "hot\n"})
        access = Access(Bearer("PROMOTION_TEST_TOKEN"), hidden=("PROMOTION_TEST_TOKEN",))
        bench = WorkTree(remote.url, tmp_path / "state/backport", tmp_path / "state/cache.git", access=access)
        bench.begin(begun_of(remote), "Merge main into staging")
        assert server.unauthorized == 1
        assert Person(bench.path).git("remote", "get-url", "origin") == remote.url
    files = [path for path in bench.path.parent.rglob("*") if path.is_file()]
    assert not [path for path in files if TOKEN.encode() in path.read_bytes()]
    assert bench._at(bench.path).environment["PROMOTION_TEST_TOKEN"] == ""
