"""Years of nights in one cache: it is packed anew now and then, loses nothing by it, and no failure of it matters."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from support.gitrepos import clean_environment, make_remote
from support.promotions import open_repository, plan_for

import bot
from bot.adapters import git_tidy
from bot.adapters.git_cache import Cache, CacheKind
from bot.adapters.git_tidy import MOST_LOOSE_TAGS, MOST_PACKS

NIGHTS = MOST_PACKS + 2
FEW = 4


@pytest.fixture
def remote(tmp_path):
    made = make_remote(tmp_path / "remote.git")
    made.config("uploadpack.allowFilter", "true")
    made.config("uploadpack.allowAnySHA1InWant", "true")
    return made


def git(folder, *arguments):
    # As `git_environment` has it for a partial clone, so that what was left out is not taken for lost.
    promised = ("-c", "remote.promisor.promisor=true", "-c", "remote.promisor.url=/nonexistent")
    command = ["git", "--git-dir", str(folder / "cache.git"), *promised, *arguments]
    return subprocess.run(
        command, env=clean_environment(), capture_output=True, check=True, timeout=60, text=True
    ).stdout


def packs(folder, pattern="*.pack"):
    return sorted((folder / "cache.git/objects/pack").glob(pattern))


def objects(folder):
    return set(git(folder, "cat-file", "--batch-all-objects", "--batch-check").splitlines())


def nights(remote, folder, kind, count):
    """Small fetches, each of which leaves a pack, as nightly ones of more than a hundred objects do."""
    repository = open_repository(remote, folder, kind=kind)
    repository.fetch()
    git(folder, "config", "fetch.unpackLimit", "1")
    for number in range(count - len(packs(folder))):
        remote.commit("staging", f"feat: night {number}", files={f"{number}.txt": f"{number}\n"})
        repository.fetch()
    return repository


@pytest.mark.parametrize("kind", CacheKind)
def test_after_many_nights_the_packs_are_few_again_and_not_an_object_is_lost(remote, tmp_path, kind):
    repository = nights(remote, tmp_path, kind, MOST_PACKS - 1)
    remote.set("refs/notes/promotions", remote.commit("aside", "a ledger that somebody takes away again"))
    repository.fetch()
    remote.delete("refs/notes/promotions")
    repository.fetch()
    assert len(packs(tmp_path)) == MOST_PACKS
    # What nobody refers to any more may be what an unfinished run is about.
    remote.set("refs/heads/staging", remote.sha("refs/heads/main"))
    remote.commit("staging", "feat: rewritten", files={"again.txt": "again\n"})
    prepared = repository.prepare(plan_for(repository))
    before = objects(tmp_path)

    repository.fetch()

    assert len(packs(tmp_path)) <= 6
    assert objects(tmp_path) >= before
    assert {prepared.tag_oid, prepared.ledger_oid} <= {line.split()[0] for line in objects(tmp_path)}
    assert "missing" not in git(tmp_path, "fsck", "--connectivity-only", "--no-dangling")
    assert repository.branch_facts().source_sha == remote.sha("refs/heads/staging")


def test_what_the_remote_promised_stays_in_packs_of_its_kind(remote, tmp_path):
    repository = nights(remote, tmp_path, CacheKind.BLOBLESS, NIGHTS)
    assert len(packs(tmp_path)) <= 4
    promised = [str(path.with_suffix(".idx")) for path in packs(tmp_path, "*.promisor")]
    listed = git(tmp_path, "verify-pack", "-v", *promised)
    for commit in remote.git("rev-list", "refs/heads/staging").splitlines():
        assert commit in listed
    # What it leaves out is still asked for, and never taken for broken.
    remote.commit("main", "fix: aside", files={"count.txt": "aside\n"})
    repository.fetch()
    facts = repository.branch_facts()
    assert repository.merge(facts.source_sha, facts.target_sha).conflicts == ("count.txt",)
    assert not (tmp_path / "cache.git/promotion-suspect").exists()


def test_loose_objects_are_packed_as_well(remote, tmp_path, monkeypatch):
    monkeypatch.setattr(git_tidy, "_MOST_IN_SAMPLE", 0)
    repository = open_repository(remote, tmp_path)
    repository.fetch()
    data = next(f"{number}\n" for number in range(99999) if _blob_id(f"{number}\n").startswith("17"))
    made = remote.git("hash-object", "-w", "--stdin", data=data.encode())
    remote.commit("staging", "feat: it", files={"it.txt": data})
    repository.fetch()
    assert git(tmp_path, "cat-file", "-p", made) == data
    assert git(tmp_path, "count-objects").startswith("0 objects")


def _blob_id(text):
    import hashlib  # noqa: PLC0415 - only this needs it

    return hashlib.sha1(f"blob {len(text)}\0{text}".encode()).hexdigest()


def test_a_cache_with_few_packs_is_left_as_it_is(remote, tmp_path):
    repository = nights(remote, tmp_path, CacheKind.FULL, 5)
    before = packs(tmp_path)
    repository.fetch()
    assert packs(tmp_path) == before


def tag_many(remote, numbers):
    target = remote.sha("refs/heads/main")
    lines = "".join(f"create refs/tags/release/2026-{number:04} {target}\n" for number in numbers)
    remote.git("update-ref", "--stdin", data=lines.encode())


def loose_tags(folder):
    return [path for path in (folder / "cache.git/refs/remote/tags").rglob("*") if path.is_file()]


def test_release_tags_become_one_file_once_there_are_many_and_still_come_and_go(remote, tmp_path):
    tag_many(remote, range(MOST_LOOSE_TAGS))
    repository = open_repository(remote, tmp_path)
    repository.fetch()
    assert len(loose_tags(tmp_path)) == MOST_LOOSE_TAGS
    tag_many(remote, [8000])
    repository.fetch()
    assert loose_tags(tmp_path) == []

    remote.delete("refs/tags/release/2026-0007")
    tag_many(remote, [9000])
    repository.fetch()

    expected = {f"release/2026-{number:04}" for number in (*range(MOST_LOOSE_TAGS), 8000, 9000)} - {"release/2026-0007"}
    assert {*repository._held()} >= {f"refs/remote/tags/{name}" for name in expected}
    assert sum(ref.startswith("refs/remote/tags/") for ref in repository._held()) == len(expected)
    assert len(loose_tags(tmp_path)) == 1
    assert repository.branch_facts().source_sha == remote.sha("refs/heads/staging")


def test_tags_that_cannot_be_packed_stay_as_they_are(remote, tmp_path, monkeypatch):
    tag_many(remote, range(MOST_LOOSE_TAGS + 1))
    path = stand_in(tmp_path / "bin", f"touch {tmp_path}/cache.git/packed-refs.new; kill -9 $$", "pack-refs")
    monkeypatch.setenv("PATH", path)
    repository = open_repository(remote, tmp_path)
    repository.fetch()
    repository.fetch()
    assert len(loose_tags(tmp_path)) == MOST_LOOSE_TAGS + 1
    assert repository.branch_facts().source_sha == remote.sha("refs/heads/staging")


def stand_in(folder, script, instead_of="repack"):
    """A PATH with a git that does something else than that one command."""
    folder.mkdir()
    path = folder / "git"
    path.write_text(f'#!/bin/sh\ncase " $* " in *" {instead_of} "*) {script};; esac\nexec {shutil.which("git")} "$@"\n')
    path.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


@pytest.mark.parametrize("trouble", ["exit 1", "echo no space left on device >&2; exit 128", "sleep 60", "kill -9 $$"])
def test_a_failure_of_it_harms_no_night_and_is_not_repeated_each_night(remote, tmp_path, monkeypatch, trouble):
    monkeypatch.setattr(git_tidy, "MOST_PACKS", FEW)
    nights(remote, tmp_path, CacheKind.FULL, FEW)
    tries = tmp_path / "tries"
    monkeypatch.setenv("PATH", stand_in(tmp_path / "bin", f"echo >> {tries}; {trouble}"))
    repository = open_repository(remote, tmp_path, deadline=4.0)
    for number in range(3):
        remote.commit("staging", f"feat: then {number}", files={f"then-{number}.txt": f"{number}\n"})
        repository.fetch()
    assert repository.branch_facts().source_sha == remote.sha("refs/heads/staging")
    assert tries.read_text().count("\n") == 1
    assert len(packs(tmp_path)) > FEW


def test_what_could_not_be_packed_is_tried_again_when_there_is_twice_as_much(tmp_path):
    cache = Cache(tmp_path)
    (tmp_path / "objects/pack").mkdir(parents=True)
    (tmp_path / "promotion-put-off").write_text(f"{2 * NIGHTS} 0\n")

    def due_with(count):
        for number in range(count):
            (tmp_path / f"objects/pack/{number}.pack").touch()
        return git_tidy._is_due(cache)

    assert not due_with(2 * NIGHTS)
    assert due_with(2 * NIGHTS + 1)


FETCH = """
import sys
from pathlib import Path
from bot.adapters.git import GitRepository
GitRepository(sys.argv[1], Path(sys.argv[2]), "staging", "main", "release/", deadline=float(sys.argv[3])).fetch()
"""


def test_a_bot_killed_meanwhile_leaves_a_cache_that_the_next_night_uses_and_sweeps(remote, tmp_path):
    nights(remote, tmp_path, CacheKind.FULL, MOST_PACKS)
    remote.commit("staging", "feat: last", files={"last.txt": "last\n"})
    half = tmp_path / "cache.git/objects/pack/.tmp-1-pack-half.pack"
    # It outlives the bot, and would for a minute; the next run's patience is shorter.
    path = stand_in(tmp_path / "bin", f"touch {half}; sleep 60")
    child = subprocess.Popen(
        [sys.executable, "-c", FETCH, remote.url, str(tmp_path / "cache.git"), "6"],
        env=os.environ | {"PATH": path, "PYTHONPATH": str(Path(bot.__file__).parent.parent)},
    )
    _wait_for(half.exists)
    child.send_signal(signal.SIGKILL)
    child.wait(10)

    repository = open_repository(remote, tmp_path, deadline=30.0)
    repository.fetch()

    assert not half.exists()
    assert len(packs(tmp_path)) <= 3
    assert repository.branch_facts().source_sha == remote.sha("refs/heads/staging")


def _wait_for(condition):
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it never came to that")


def test_objects_in_the_making_are_never_taken_for_leftovers(remote, tmp_path):
    """Whoever sweeps waits until nobody makes objects."""
    mine, other = open_repository(remote, tmp_path), open_repository(remote, tmp_path)
    mine.fetch()
    other.fetch()
    seen = []

    def part(name):
        """At each effect somebody else fetches, and an object of ours is half written."""
        half = tmp_path / "cache.git/objects/17/tmp_obj_half"
        half.parent.mkdir(exist_ok=True)
        half.touch()
        fetching = threading.Thread(target=other.fetch)
        fetching.start()
        fetching.join(0.3)
        seen.append((name, half.exists()))
        threads.append(fetching)
        return threading.Lock()

    threads = []
    mine.prepare(plan_for(mine), part)
    for thread in threads:
        thread.join(30)
    assert seen == [("make tag", True), ("make ledger entry", True)]
    assert not (tmp_path / "cache.git/objects/17/tmp_obj_half").exists()


def test_the_index_of_a_run_that_was_killed_is_swept_by_the_next_one(remote, tmp_path):
    repository = open_repository(remote, tmp_path)
    repository.fetch()
    path = stand_in(tmp_path / "bin", "kill -9 $PPID; exit 1", "write-tree")
    code = "import sys; from support.promotions import *; from support.gitrepos import Repo\n"
    code += "r = open_repository(Repo(Path(sys.argv[1])), Path(sys.argv[2])); r.fetch(); r.prepare(plan_for(r))"
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    tests = Path(__file__).parent.parent
    child = subprocess.run(
        [sys.executable, "-c", code, str(remote.path), str(tmp_path)],
        env=os.environ
        | {
            "PATH": path,
            "PYTHONPATH": f"{Path(bot.__file__).parent.parent}:{tests}",
            "TMPDIR": str(temporary),
        },
        check=False,
        timeout=60,
    )
    assert child.returncode == -signal.SIGKILL
    assert list(temporary.iterdir()) == []
    assert len(list((tmp_path / "cache.git").glob("promotion-index-*"))) == 1

    repository.fetch()

    assert list((tmp_path / "cache.git").glob("promotion-index-*")) == []
