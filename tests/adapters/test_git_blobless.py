"""A cache without the contents of files: what is fetched when, that promotions and merges work, and what is sent."""

import os
import subprocess

import pytest
from support.gitrepos import clean_environment, make_remote
from support.httpgit import http_git
from support.promotions import open_repository, plan_for, pushed

from bot.adapters import git_commands as commands
from bot.adapters.git_cache import Cache, CacheKind
from bot.adapters.lock import FileLock
from bot.core.objects import plan_commit
from bot.core.promotion import Move, Promotion, PushPlan
from bot.errors import BotError, Reason

SECRET = "the contents of a file that nobody changed\n"


@pytest.fixture
def remote(tmp_path):
    """A remote whose server leaves out what it is asked to leave out."""
    made = make_remote(tmp_path / "remote.git", ahead=0)
    made.config("uploadpack.allowFilter", "true")
    made.config("uploadpack.allowAnySHA1InWant", "true")
    base = "".join(f"line {number}\n" for number in range(30))
    tip = made.commit("main", "feat: files", files={"shared.txt": base, "still.txt": SECRET, "moved.txt": base * 3})
    made.branch("staging", tip)
    made.commit("staging", "feat: above", files={"shared.txt": "new first line\n" + base, "more.txt": "more\n"})
    return made


@pytest.fixture(params=["file", "http"])
def reached(request, remote):
    """The same remote by path and by HTTP."""
    if request.param == "file":
        yield remote
    else:
        with http_git(remote.path.parent, token=None) as server:
            yield server.served(remote)


@pytest.fixture
def lock(tmp_path):
    with FileLock(tmp_path / "lock").hold() as proof:
        yield proof


def blobless(remote, folder, **more):
    return open_repository(remote, folder, kind=CacheKind.BLOBLESS, deadline=30.0, **more)


def missing(folder, *tips):
    """The objects that the cache lacks, without asking anybody for them."""
    ended = subprocess.run(
        ["git", "--git-dir", str(folder / "cache.git"), "rev-list", "--objects", "--missing=print", *tips],
        env=clean_environment(),
        capture_output=True,
        check=True,
        timeout=30,
    )
    return [line[1:] for line in ended.stdout.decode().splitlines() if line.startswith("?")]


def end_of(repository, prepared, lock):
    return pushed(repository, prepared, lock)[1]


def test_what_nobody_reads_is_not_fetched_and_a_promotion_needs_none_of_it(reached, tmp_path, lock):
    repository = blobless(reached, tmp_path)
    repository.fetch()
    tip = reached.sha("refs/heads/staging")
    assert len(missing(tmp_path, tip)) > 3

    before = missing(tmp_path, tip)
    facts, commits = repository.branch_facts(), repository.commits(reached.sha("refs/heads/main"), tip)
    prepared = repository.prepare(plan_for(repository))

    assert (facts.target_is_ancestor, len(commits)) == (True, 1)
    assert isinstance(end_of(repository, prepared, lock), Promotion)
    assert missing(tmp_path, tip) == before
    assert reached.git("fsck", "--full", "--strict") == ""


def test_the_ledger_is_whole_in_the_cache_and_read_without_asking(reached, tmp_path, lock):
    repository = blobless(reached, tmp_path / "one")
    for number in range(3):
        repository.fetch()
        reached.commit("staging", f"feat: step {number}")
        repository.fetch()
        assert isinstance(
            end_of(repository, repository.prepare(plan_for(repository, run_id=f"r{number}")), lock), Promotion
        )
    other = blobless(reached, tmp_path / "two")

    other.fetch()

    assert missing(tmp_path / "two", reached.sha("refs/notes/promotions")) == []
    reached.path.rename(tmp_path / "away.git")
    assert [entry.run_id for entry in other.ledger()] == ["r0", "r1", "r2"]
    assert len(other.release_tags()) == 3


def merged_plan(repository, ours, theirs):
    """What a back-merge pushes: one commit and one branch."""
    tree = repository.merge(ours, theirs).tree
    commit = plan_commit(tree=tree, parents=(ours, theirs), at=1_700_000_000, message="Merge main into staging\n")
    move = Move("refs/heads/staging", ours, commit.sha)
    return PushPlan((move,), None, None, None, 1_700_000_000, "Merge", commits=(commit,))


def test_a_merge_fetches_the_contents_that_it_needs_and_no_others(reached, tmp_path, lock):
    theirs = reached.commit(
        "main", "fix: below", files={"shared.txt": "".join(f"line {n}\n" for n in range(30)) + "end\n"}
    )
    ours = reached.sha("refs/heads/staging")
    still = reached.git("rev-parse", f"{ours}:still.txt")
    repository = blobless(reached, tmp_path)
    repository.fetch()

    end = end_of(repository, repository.prepare(merged_plan(repository, ours, theirs)), lock)

    assert isinstance(end, Promotion)
    assert reached.git("show", "staging:shared.txt").startswith("new first line\nline 0")
    assert reached.git("show", "staging:shared.txt").endswith("end")
    assert still in missing(tmp_path, ours)
    assert reached.git("fsck", "--full", "--strict") == ""


def test_a_conflict_is_found_as_in_a_full_cache(reached, tmp_path):
    theirs = reached.commit("main", "fix: the same line", files={"shared.txt": "another first line\n"})
    full = open_repository(reached, tmp_path / "full")
    full.fetch()
    repository = blobless(reached, tmp_path / "blobless")
    repository.fetch()
    ours = reached.sha("refs/heads/staging")

    assert repository.merge(ours, theirs) == full.merge(ours, theirs)
    assert repository.merge(ours, theirs).conflicts == ("shared.txt",)
    assert repository.touched(["shared.txt"], theirs, ours) == full.touched(["shared.txt"], theirs, ours)


def test_the_old_tree_comes_back_without_its_contents_being_sent(remote, tmp_path, lock):
    """A roll back: a new commit with a tree that the remote has had all along."""
    with http_git(remote.path.parent, token=None) as server:
        served = server.served(remote)
        good = remote.sha("refs/heads/main")
        big = {f"big{number}.txt": f"{number}\n" + "x y z\n" * 4000 for number in range(30)}
        bad = remote.commit("main", "feat: bad", files=big | {"still.txt": "ruined\n"})
        repository = blobless(served, tmp_path)
        repository.fetch()
        tree = repository.tree_of(good)
        commit = plan_commit(tree=tree, parents=(bad,), at=1_700_000_000, message="Roll back\n", copied_from=good)
        plan = PushPlan((Move("refs/heads/main", bad, commit.sha),), None, None, None, 0, "", commits=(commit,))
        prepared = repository.prepare(plan)
        received, sent = server.received, server.sent

        assert isinstance(end_of(repository, prepared, lock), Promotion)

        assert server.received - received < 3000
        assert server.sent - sent < 5000
        assert remote.git("rev-parse", "main^{tree}") == tree


@pytest.mark.parametrize("kind", CacheKind)
@pytest.mark.parametrize("meanwhile", ["nothing", "more on staging"])
def test_a_promotion_sends_no_commit_that_the_remote_has(remote, tmp_path, lock, kind, meanwhile):
    remote.commits("staging", [f"feat: {number}\n\n{os.urandom(2000).hex()}" for number in range(30)])
    with http_git(remote.path.parent, token=None) as server:
        repository = open_repository(server.served(remote), tmp_path, kind=kind)
        repository.fetch()
        prepared = repository.prepare(plan_for(repository))
        if meanwhile != "nothing":
            remote.commit("staging", "feat: later")
        # As a run does before it pushes.
        assert repository.meanwhile("staging", prepared.plan.moves[0].after).has_candidate
        received = server.received

        assert isinstance(end_of(repository, prepared, lock), Promotion)

        assert server.received - received < 3000


def test_a_server_that_cannot_leave_anything_out_gives_all_of_it(tmp_path, lock):
    remote = make_remote(tmp_path / "remote.git")
    remote.config("uploadpack.allowFilter", "false")
    repository = blobless(remote, tmp_path)

    repository.fetch()

    assert missing(tmp_path, remote.sha("refs/heads/staging")) == []
    assert isinstance(end_of(repository, repository.prepare(plan_for(repository)), lock), Promotion)


def test_a_full_cache_stays_full_and_a_blobless_one_stays_as_it_is(remote, tmp_path):
    open_repository(remote, tmp_path).fetch()
    tip = remote.commit("staging", "feat: more")

    blobless(remote, tmp_path).fetch()

    assert missing(tmp_path, tip) == []
    blobless(remote, tmp_path / "other").fetch()
    last = remote.commit("staging", "feat: last")
    open_repository(remote, tmp_path / "other").fetch()
    assert missing(tmp_path / "other", last)


def test_a_remote_that_has_moved_house_is_asked_at_its_new_address(remote, tmp_path):
    repository = blobless(remote, tmp_path)
    repository.fetch()
    theirs = remote.commit("main", "fix: below", files={"shared.txt": "short\n"})
    remote.path.rename(tmp_path / "moved.git")
    remote.path = tmp_path / "moved.git"
    there = blobless(remote, tmp_path)
    there.fetch()

    assert there.merge(remote.sha("refs/heads/staging"), theirs).conflicts == ("shared.txt",)
    assert str(tmp_path / "remote.git") not in (tmp_path / "cache.git/config").read_text()


def test_a_merge_while_the_remote_is_away_says_so_and_leaves_the_cache_trusted(remote, tmp_path):
    theirs = remote.commit("main", "fix: the same line", files={"shared.txt": "another first line\n"})
    ours = remote.sha("refs/heads/staging")
    repository = blobless(remote, tmp_path)
    repository.fetch()
    remote.path.rename(tmp_path / "away.git")

    with pytest.raises(BotError) as caught:
        repository.merge(ours, theirs)

    assert caught.value.reason is Reason.REMOTE_UNREACHABLE
    (tmp_path / "away.git").rename(remote.path)
    assert Cache(tmp_path / "cache.git").is_usable()
    assert repository.merge(ours, theirs).conflicts == ("shared.txt",)


def test_nothing_but_a_merge_can_reach_the_remote_unseen(remote, tmp_path):
    repository = blobless(remote, tmp_path)
    repository.fetch()
    blob = remote.git("rev-parse", "staging:still.txt")

    said = repository._runner.check(commands.READ_OBJECTS, f"{blob}\n".encode()).decode()

    assert said == f"{blob} missing\n"


def test_modules_and_other_special_files_pass_the_strict_checks(remote, tmp_path):
    files = {
        ".gitmodules": '[submodule "x"]\n\tpath = x\n\turl = https://forge.example/x.git\n',
        ".gitattributes": "* text\n",
    }
    tip = remote.commit("staging", "feat: a module", files=files)
    repository = blobless(remote, tmp_path)

    repository.fetch()

    assert repository.branch_facts().source_sha == tip


@pytest.mark.parametrize("object_format", ["sha256"])
def test_the_other_hash_works_as_well(tmp_path, object_format, lock):
    remote = make_remote(tmp_path / "remote.git", object_format=object_format)
    remote.config("uploadpack.allowFilter", "true")
    repository = blobless(remote, tmp_path)
    repository.fetch()

    assert missing(tmp_path, remote.sha("refs/heads/staging"))
    assert isinstance(end_of(repository, repository.prepare(plan_for(repository)), lock), Promotion)
