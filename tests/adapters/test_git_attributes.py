"""Merges obey `.gitattributes` as in a clone with `ours` checked out, and no other file of it is written (I29)."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.gitrepos import EPOCH, clean_environment, make_remote
from support.promotions import open_repository

import bot
from bot.adapters import git_attributes
from bot.adapters.git_cache import CacheKind
from bot.adapters.git_objects import parse_sizes
from bot.core.objects import plan_commit
from bot.core.promotion import Move, PushPlan
from bot.errors import BotError, Reason

MAIN, STAGING = "refs/heads/main", "refs/heads/staging"
FILE, EXECUTABLE, SYMLINK = "100644", "100755", "120000"
LINES = [b"line %d\n" % number for number in range(40)]
BASE, AT_THE_TOP, AT_THE_END = (
    b"".join(lines) for lines in (LINES, [b"ours\n", *LINES[1:]], [*LINES[:-1], b"theirs\n"])
)
ALSO_AT_THE_TOP = b"".join([b"theirs\n", *LINES[1:]])


@pytest.fixture
def remote(tmp_path):
    return make_remote(tmp_path / "remote.git")


def store(remote, branch, files, *, mode=FILE):
    """Commit files whose names and contents are any bytes."""
    ref = f"refs/heads/{branch}"
    who = f"Ada Lovelace <ada@example.com> {EPOCH} +0000"
    stream = f"commit {ref}\nauthor {who}\ncommitter {who}\ndata 1\nx\nfrom {remote.sha(ref)}\n".encode()
    for path, content in files.items():
        quoted = "".join(f"\\{byte:03o}" for byte in path)
        stream += f'M {mode} inline "{quoted}"\ndata {len(content)}\n'.encode() + content + b"\n"
    remote.git("fast-import", "--quiet", "--date-format=raw", data=stream)
    return remote.sha(ref)


def apart(remote, path, ours=AT_THE_TOP, theirs=AT_THE_END):
    """Staging and main, each with another change of one file that both have."""
    store(remote, "main", {path: BASE})
    remote.set(STAGING, remote.sha(MAIN))
    return store(remote, "staging", {path: ours}), store(remote, "main", {path: theirs})


def opened(remote, folder, **more):
    repository = open_repository(remote, folder, **more)
    repository.fetch()
    return repository


def by_git(remote, folder, ours, theirs):
    """What a person's `git merge` in a clone comes to: the tree, and the files in conflict."""
    work = folder / "work"

    def git(*words):
        command = ["git", "-C", str(work), *words]
        return subprocess.run(command, env=clean_environment(), capture_output=True, timeout=60, check=False)

    work.mkdir()
    for words in (["clone", "--quiet", "--no-checkout", remote.url, "."], ["checkout", "--quiet", "--detach", ours]):
        assert git(*words).returncode == 0
    if git("merge", "--quiet", "--no-edit", theirs).returncode == 0:
        return git("rev-parse", "HEAD^{tree}").stdout.decode().strip(), ()
    listed = git("diff", "--name-only", "--diff-filter=U", "-z").stdout.split(b"\0")[:-1]
    return "", tuple(map(os.fsdecode, listed))


CONFLICT, CLEAN = True, False
NESTED = b"deep/er/file"
TABLE = {
    "none": ({}, b"file", CLEAN),
    "no merge": ({b".gitattributes": b"file -merge\n"}, b"file", CONFLICT),
    "another file": ({b".gitattributes": b"other -merge\n"}, b"file", CLEAN),
    "binary": ({b".gitattributes": b"*.lock binary\n"}, b"a.lock", CONFLICT),
    "a macro": ({b".gitattributes": b"[attr]locked -merge\nfile locked\n"}, b"file", CONFLICT),
    "carriage returns": ({b".gitattributes": b"file -merge\r\n"}, b"file", CONFLICT),
    "in a folder": ({b"deep/.gitattributes": b"file -merge\n"}, NESTED, CONFLICT),
    "of another folder": ({b"other/.gitattributes": b"* -merge\n"}, NESTED, CLEAN),
    "the nearer wins": ({b".gitattributes": b"* -merge\n", b"deep/er/.gitattributes": b"* merge\n"}, NESTED, CLEAN),
    "a newline": ({b"a\nb/.gitattributes": b"* -merge\n"}, b"a\nb/file", CONFLICT),
    "no utf-8": ({b"caf\xe9/.gitattributes": b"* -merge\n"}, b"caf\xe9/file", CONFLICT),
    "a name that only ends so": ({b"x.gitattributes": b"* -merge\n"}, b"file", CLEAN),
    "a driver that nobody has": ({b".gitattributes": b"* merge=evil filter=evil diff=evil\n"}, b"file", CLEAN),
    "nothing that git understands": ({b".gitattributes": b"!x -merge\n\0\xff" + b"y" * 5000}, b"file", CLEAN),
}


@pytest.mark.parametrize("name", TABLE)
def test_a_merge_comes_to_what_git_makes_of_it_in_a_clone(remote, tmp_path, name):
    attributes, path, is_conflict = TABLE[name]
    if attributes:
        store(remote, "main", attributes)
    ours, theirs = apart(remote, path)

    merged = opened(remote, tmp_path).merge(ours, theirs)

    assert (merged.tree, merged.conflicts) == by_git(remote, tmp_path, ours, theirs)
    assert bool(merged.conflicts) is is_conflict


@pytest.mark.parametrize("attributes", [b"", b"CHANGES merge=union\n"])
def test_a_file_that_is_merged_as_a_union_keeps_the_lines_of_both(remote, tmp_path, attributes):
    store(remote, "main", {b".gitattributes": attributes})
    ours, theirs = apart(remote, b"CHANGES", theirs=ALSO_AT_THE_TOP)

    merged = opened(remote, tmp_path).merge(ours, theirs)

    assert (merged.tree, merged.conflicts) == by_git(remote, tmp_path, ours, theirs)
    assert merged.is_clean is bool(attributes)


@pytest.mark.parametrize(("mode", "is_conflict"), [(FILE, True), (EXECUTABLE, True), (SYMLINK, False)])
def test_a_symlink_of_that_name_is_as_nothing(remote, tmp_path, mode, is_conflict):
    store(remote, "main", {b"rules": b"* -merge\n"})
    content = b"rules" if mode == SYMLINK else b"* -merge\n"
    store(remote, "main", {b".gitattributes": content}, mode=mode)
    ours, theirs = apart(remote, b"file")

    merged = opened(remote, tmp_path).merge(ours, theirs)

    assert (merged.tree, merged.conflicts) == by_git(remote, tmp_path, ours, theirs)
    assert bool(merged.conflicts) is is_conflict


@pytest.mark.parametrize("side", ["staging", "main"])
def test_only_what_ours_says_counts(remote, tmp_path, side):
    apart(remote, b"file")
    store(remote, side, {b".gitattributes": b"file -merge\n"})
    ours, theirs = remote.sha(STAGING), remote.sha(MAIN)

    merged = opened(remote, tmp_path).merge(ours, theirs)

    assert (merged.tree, merged.conflicts) == by_git(remote, tmp_path, ours, theirs)
    assert merged.is_clean is (side == "main")


def test_a_pick_obeys_what_it_is_picked_onto(remote, tmp_path):
    ours, theirs = apart(remote, b"file")
    locked = store(remote, "staging", {b".gitattributes": b"file -merge\n"})
    repository = opened(remote, tmp_path)
    parent = remote.git("rev-parse", f"{theirs}~1")

    assert repository.pick(repository.tree_of(ours), theirs, parent).is_clean
    assert repository.pick(repository.tree_of(locked), theirs, parent).conflicts == ("file",)


def test_a_planned_merge_that_git_calls_a_conflict_is_never_made(remote, tmp_path):
    store(remote, "main", {b".gitattributes": b"file -merge\n"})
    ours, theirs = apart(remote, b"file")
    repository = opened(remote, tmp_path)
    in_a_bare_repository = remote.git("merge-tree", "--write-tree", ours, theirs)
    planned = plan_commit(tree=in_a_bare_repository, parents=(ours, theirs), at=EPOCH, message="Merge\n")

    with pytest.raises(BotError) as caught:
        repository.prepare(PushPlan((Move(STAGING, ours, planned.sha),), None, None, None, EPOCH, "x", (planned,)))

    assert caught.value.reason is Reason.MERGE_INEXACT


def test_no_program_is_run_whatever_attributes_name_and_whoever_sets_it_up(remote, tmp_path, monkeypatch):
    home, ran = tmp_path / "home", tmp_path / "ran"
    home.mkdir()
    evil = {"merge": "driver", "filter": "clean", "diff": "textconv"}
    config = "".join(f'[{what} "evil"]\n{key} = touch {ran}\n' for what, key in evil.items())
    (home / ".gitconfig").write_text(config)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", " ".join(f"'{w}.evil.{key}=touch {ran}'" for w, key in evil.items()))
    rules = b"* merge=evil filter=evil diff=evil\n"
    hostile = {b".gitattributes": rules, b".gitconfig": config.encode(), b"config": config.encode()}
    store(remote, "main", hostile)
    ours, theirs = apart(remote, b"file")

    assert opened(remote, tmp_path).merge(ours, theirs).is_clean
    assert not ran.exists()


def test_files_of_attributes_alone_are_written_and_none_stays(remote, tmp_path, monkeypatch):
    written = []
    real = Path.write_bytes
    monkeypatch.setattr(Path, "write_bytes", lambda path, content: (written.append(path.name), real(path, content))[1])
    store(remote, "main", {b".gitattributes": b"x -merge\n", b"deep/.gitattributes": b"\n", b"deep/file": b"secret\n"})
    ours, theirs = apart(remote, b"file")
    repository = opened(remote, tmp_path)

    repository.merge(ours, theirs)

    assert written == [".gitattributes", ".gitattributes"]
    assert list((tmp_path / "cache.git").glob("promotion-*")) == []


def test_more_attributes_than_anybody_has_are_refused_and_not_read(remote, tmp_path, monkeypatch):
    monkeypatch.setattr(git_attributes, "MOST_BYTES", 1 << 20)
    store(remote, "main", {b".gitattributes": b"# nothing\n" * 200_000})
    ours, theirs = apart(remote, b"file")
    repository = opened(remote, tmp_path)
    monkeypatch.setattr(git_attributes, "parse_blobs", None)

    with pytest.raises(BotError) as caught:
        repository.merge(ours, theirs)

    assert caught.value.reason is Reason.MERGE_INEXACT
    assert caught.value.sentence == f"The .gitattributes of {ours[:12]} take more than 1 MiB."
    assert not (tmp_path / "cache.git/promotion-suspect").exists()


def test_very_many_small_ones_count_for_the_room_that_they_take(remote, tmp_path, monkeypatch):
    monkeypatch.setattr(git_attributes, "MOST_BYTES", 3 * 4096)
    store(remote, "main", {b"%d/.gitattributes" % number: b"\n" for number in range(4)})
    ours, theirs = apart(remote, b"file")

    with pytest.raises(BotError) as caught:
        opened(remote, tmp_path).merge(ours, theirs)

    assert caught.value.reason is Reason.MERGE_INEXACT


@pytest.mark.parametrize("name", ["..", ".", ".git"])
def test_a_path_that_leads_out_of_the_folder_is_refused(remote, tmp_path, name):
    repository = opened(remote, tmp_path)
    cache = type(remote)(tmp_path / "cache.git")
    blob = cache.git("hash-object", "-w", "--stdin", data=b"* -merge\n")
    inner = cache.git("mktree", data=f"100644 blob {blob}\t.gitattributes\n".encode())
    raw = f"40000 {name}\0".encode() + bytes.fromhex(inner)
    tree = cache.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", data=raw)
    ours, theirs = (cache.git("commit-tree", "-p", remote.sha(MAIN), "-m", text, tree) for text in ("a", "b"))
    before = sorted(tmp_path.rglob(".gitattributes"))

    with pytest.raises(BotError) as caught:
        repository.merge(ours, theirs)

    assert caught.value.reason is Reason.MERGE_INEXACT
    assert sorted(tmp_path.rglob(".gitattributes")) == before == []


def test_a_path_of_more_folders_than_anybody_has_is_refused(remote, tmp_path):
    store(remote, "main", {b"d/" * 1500 + b".gitattributes": b"* -merge\n"})
    ours, theirs = apart(remote, b"file")

    with pytest.raises(BotError) as caught:
        opened(remote, tmp_path).merge(ours, theirs)

    assert caught.value.reason is Reason.MERGE_INEXACT


def test_a_blob_that_the_cache_has_lost_is_a_named_failure():
    assert parse_sizes(b"%s blob 7\n" % (b"a" * 40)) == {"a" * 40: 7}
    with pytest.raises(BotError, match="The cache lacks object aaaaaaaaaaaa") as caught:
        parse_sizes(b"%s missing\n" % (b"a" * 40))
    assert caught.value.reason is Reason.GIT_FAILED


@pytest.mark.parametrize(
    "attributes", [{}, {b".gitattributes": b"file -merge\n", b"deep/.gitattributes": b"x -merge\n"}]
)
def test_a_cache_without_contents_fetches_attributes_and_what_is_merged(remote, tmp_path, attributes):
    remote.config("uploadpack.allowFilter", "true")
    remote.config("uploadpack.allowAnySHA1InWant", "true")
    if attributes:
        store(remote, "main", attributes)
    ours, theirs = apart(remote, b"file")
    repository = opened(remote, tmp_path, kind=CacheKind.BLOBLESS)

    merged = repository.merge(ours, theirs)

    assert (merged.tree, merged.conflicts) == by_git(remote, tmp_path, ours, theirs)
    assert merged.is_clean is not attributes


def test_attributes_that_cannot_be_fetched_say_so_and_leave_the_cache_trusted(remote, tmp_path):
    remote.config("uploadpack.allowFilter", "true")
    store(remote, "main", {b".gitattributes": b"file -merge\n"})
    ours, theirs = apart(remote, b"file")
    repository = opened(remote, tmp_path, kind=CacheKind.BLOBLESS)
    remote.path.rename(tmp_path / "away.git")

    with pytest.raises(BotError) as caught:
        repository.merge(ours, theirs)

    assert caught.value.reason is Reason.REMOTE_UNREACHABLE
    assert not (tmp_path / "cache.git/promotion-suspect").exists()


KILLED = """
import sys
import time
from pathlib import Path
from bot.adapters import git_merge
from support.gitrepos import Repo
from support.promotions import open_repository

def stuck(*_arguments):
    Path(sys.argv[3]).touch()
    time.sleep(60)

remote, folder, _, ours, theirs = sys.argv[1:]
repository = open_repository(Repo(Path(remote)), Path(folder))
repository.fetch()
git_merge.commands.merge_tree = stuck
repository.merge(ours, theirs)
"""


def test_what_a_killed_merge_leaves_is_swept_by_the_next_run(remote, tmp_path):
    store(remote, "main", {b".gitattributes": b"file -merge\n", b"caf\xe9/.gitattributes": b"\n"})
    ours, theirs = apart(remote, b"file")
    paths = f"{Path(bot.__file__).parents[1]}:{Path(__file__).parents[1]}"
    words = [remote.url, str(tmp_path), str(tmp_path / "there"), ours, theirs]
    child = subprocess.Popen([sys.executable, "-c", KILLED, *words], env=clean_environment(PYTHONPATH=paths))
    until = time.monotonic() + 30
    while not (tmp_path / "there").exists() and time.monotonic() < until:
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait(10)
    left = list((tmp_path / "cache.git").glob("promotion-attributes-*"))
    assert len(left) == 1

    opened(remote, tmp_path)

    assert not left[0].exists()
