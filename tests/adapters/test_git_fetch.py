"""Fetching: what can be wrong with a remote or a cache, and what the next fetch does about it."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from support.aftermath import all_gone
from support.gitrepos import empty_repo, make_remote
from support.promotions import open_repository

import bot
from bot.adapters.git_cache import Cache
from bot.errors import BotError, Reason


@pytest.fixture
def remote(tmp_path):
    return make_remote(tmp_path / "remote.git")


def refused(repository):
    with pytest.raises(BotError) as caught:
        repository.fetch()
    assert caught.value.sentence.isprintable()
    return caught.value


def test_the_cache_holds_what_a_run_needs_in_names_of_its_own(remote, tmp_path):
    remote.tag("release/20260101-020000", remote.sha("refs/heads/main"))
    remote.tag("staging", remote.sha("refs/heads/main"))
    remote.branch("feat/x", remote.sha("refs/heads/main"))
    repository = open_repository(remote, tmp_path)

    repository.fetch()

    assert sorted(repository._held()) == [
        "refs/remote/source",
        "refs/remote/tags/release/20260101-020000",
        "refs/remote/target",
    ]
    assert not (tmp_path / "cache.git/FETCH_HEAD").exists()


def test_a_tag_that_was_taken_away_is_forgotten(remote, tmp_path):
    remote.tag("release/20260101-020000", remote.sha("refs/heads/main"))
    repository = open_repository(remote, tmp_path)
    repository.fetch()
    remote.delete("refs/tags/release/20260101-020000")

    repository.fetch()

    assert repository.release_tags() == ()


@pytest.mark.parametrize("missing", ["staging", "main"])
@pytest.mark.parametrize("when", ["at first", "later"])
def test_a_missing_branch_is_named_with_those_that_there_are(remote, tmp_path, missing, when):
    remote.branch("develop", remote.sha("refs/heads/main"))
    repository = open_repository(remote, tmp_path)
    if when == "later":
        repository.fetch()
    remote.delete(f"refs/heads/{missing}")

    error = refused(repository)

    assert error.reason is Reason.BRANCH_MISSING
    assert f"no branch '{missing}'; it has develop, " in error.sentence


def test_an_empty_repository_is_called_empty(tmp_path):
    error = refused(open_repository(empty_repo(tmp_path / "remote.git"), tmp_path))

    assert error.reason is Reason.EMPTY_REPOSITORY


@pytest.mark.parametrize("there", ["nothing", "an empty folder"])
def test_a_path_without_a_repository_is_unreachable(remote, tmp_path, there):
    repository = open_repository(remote, tmp_path)
    shutil.rmtree(remote.path)
    if there == "an empty folder":
        remote.path.mkdir()

    error = refused(repository)

    assert error.reason is Reason.REMOTE_UNREACHABLE
    assert str(remote.path) in error.sentence
    assert not (tmp_path / "cache.git").exists()


@pytest.mark.parametrize("when", ["at first", "later"])
def test_a_shallow_remote_is_refused_and_no_stale_ref_is_taken_for_a_new_one(remote, tmp_path, when):
    repository = open_repository(remote, tmp_path)
    if when == "later":
        repository.fetch()
    remote.commits("staging", ["feat: one", "feat: two"])
    (remote.path / "shallow").write_text(remote.git("rev-parse", "staging^") + "\n")

    error = refused(repository)

    assert error.reason is Reason.HISTORY_INCOMPLETE


class Answer(BaseHTTPRequestHandler):
    code = 401

    def do_GET(self):
        self.send_response(self.code)
        self.send_header("WWW-Authenticate", 'Basic realm="x"')
        self.send_header("Location", "http://127.0.0.1:1/elsewhere.git")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (401, Reason.BAD_CREDENTIALS),
        (403, Reason.BAD_CREDENTIALS),
        (404, Reason.REMOTE_UNREACHABLE),
        (500, Reason.REMOTE_UNREACHABLE),
        (302, Reason.REMOTE_UNREACHABLE),
    ],
)
def test_a_web_server_that_does_not_let_us_in_is_told_apart(remote, tmp_path, code, reason):
    server = HTTPServer(("127.0.0.1", 0), type("Answering", (Answer,), {"code": code}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    remote = type("Web", (), {"url": f"http://127.0.0.1:{server.server_port}/shop.git"})

    error = refused(open_repository(remote, tmp_path, deadline=20.0))

    server.shutdown()
    thread.join()
    server.server_close()
    assert error.reason is reason


def test_a_port_where_nobody_listens_is_unreachable(tmp_path):
    remote = type("Web", (), {"url": "http://127.0.0.1:1/shop.git"})

    assert refused(open_repository(remote, tmp_path)).reason is Reason.REMOTE_UNREACHABLE


def ssh_stub(folder, monkeypatch, script):
    """Put an `ssh` of our own in front of the PATH."""
    folder.mkdir()
    (folder / "ssh").write_text("#!/bin/sh\n" + script)
    (folder / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return type("Ssh", (), {"url": "git@forge.example:acme/shop.git"})


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("git@forge.example: Permission denied (publickey).", Reason.BAD_CREDENTIALS),
        ("ssh: connect to host forge.example port 22: Connection refused", Reason.REMOTE_UNREACHABLE),
        ("ssh: Could not resolve hostname forge.example: Name or service not known", Reason.REMOTE_UNREACHABLE),
        ("Host key verification failed.", Reason.REMOTE_UNREACHABLE),
    ],
)
def test_what_ssh_says_is_what_people_read(tmp_path, monkeypatch, words, reason):
    remote = ssh_stub(tmp_path / "bin", monkeypatch, f'echo "{words}" >&2; exit 255\n')

    error = refused(open_repository(remote, tmp_path))

    assert error.reason is reason
    assert words in error.sentence


def test_a_transport_that_hangs_ends_at_the_deadline_with_all_its_children(tmp_path, monkeypatch):
    pids = tmp_path / "pids"
    remote = ssh_stub(tmp_path / "bin", monkeypatch, f"sleep 300 & echo $$ $! > {pids}; wait\n")

    error = refused(open_repository(remote, tmp_path, deadline=1.0))

    assert error.reason is Reason.DEADLINE_EXCEEDED
    assert all_gone(pids)


FETCHING = """
import sys
from pathlib import Path
from bot.adapters.git import GitRepository
GitRepository(sys.argv[1], Path(sys.argv[2]), "staging", "main", "release/").fetch()
"""


def test_while_the_git_of_a_killed_run_still_lives_nobody_else_writes_into_the_cache(tmp_path, monkeypatch):
    pid = tmp_path / "pid"
    remote = ssh_stub(tmp_path / "bin", monkeypatch, f"echo $$ > {pid}; exec sleep 300\n")
    cache = tmp_path / "cache.git"
    make_remote(cache, ahead=1)
    environment = os.environ | {"PYTHONPATH": str(Path(bot.__file__).parent.parent)}
    with subprocess.Popen([sys.executable, "-c", FETCHING, remote.url, str(cache)], env=environment) as child:
        assert any((pid.exists() and pid.read_text()) or time.sleep(0.05) for _ in range(400))
        child.kill()
    repository = open_repository(remote, tmp_path, deadline=0.3)

    try:
        assert "Another process has been fetching" in refused(repository).sentence
    finally:
        os.kill(int(pid.read_text()), signal.SIGKILL)
    with Cache(cache).writing(20.0):
        pass


LOCKS = ["refs/remote/source.lock", "packed-refs.lock", "packed-refs.new", "config.lock", "shallow.lock", "HEAD.lock"]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_that_a_killed_run_left_does_not_block_the_next(remote, tmp_path, name):
    repository = open_repository(remote, tmp_path)
    repository.fetch()
    (tmp_path / "cache.git" / name).touch()
    (tmp_path / "cache.git/objects/pack/tmp_pack_x").touch()
    tip = remote.commit("staging", "feat: more")

    repository.fetch()

    assert repository.branch_facts().source_sha == tip
    assert not (tmp_path / "cache.git" / name).exists()
    assert not (tmp_path / "cache.git/objects/pack/tmp_pack_x").exists()


def emptied(cache):
    shutil.rmtree(cache)
    cache.mkdir()


def half_made(cache):
    (cache / "HEAD").unlink()


def bad_config(cache):
    (cache / "config").write_text("[core\n")


def empty_ref(cache):
    (cache / "refs/remote/source").write_text("")


def no_objects(cache):
    shutil.rmtree(cache / "objects")
    (cache / "objects").mkdir()


def a_file(cache):
    shutil.rmtree(cache)
    cache.write_text("not a folder")


@pytest.mark.parametrize("damage", [emptied, half_made, bad_config, empty_ref, no_objects, a_file])
def test_a_damaged_cache_is_made_anew(remote, tmp_path, damage):
    repository = open_repository(remote, tmp_path)
    repository.fetch()
    damage(tmp_path / "cache.git")

    repository.fetch()

    assert repository.branch_facts().target_is_ancestor
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache.git", "cache.git.lock", "remote.git"]


def test_objects_that_were_lost_after_the_fetch_are_noticed_and_had_anew(remote, tmp_path):
    repository = open_repository(remote, tmp_path)
    repository.fetch()
    shutil.rmtree(tmp_path / "cache.git/objects")
    (tmp_path / "cache.git/objects").mkdir()

    facts = repository.branch_facts()

    assert facts.target_is_ancestor
    assert len(repository.commits(facts.target_sha, facts.source_sha)) == 3


def test_what_a_killed_rebuild_left_is_cleared_away(remote, tmp_path):
    (tmp_path / "cache.git.new").mkdir()
    (tmp_path / "cache.git.old").mkdir()

    open_repository(remote, tmp_path).fetch()

    assert not list(tmp_path.glob("cache.git.[no]*"))


def test_a_cache_that_another_process_writes_is_waited_for_until_the_deadline(remote, tmp_path):
    with Cache(tmp_path / "cache.git").writing(1.0):
        error = refused(open_repository(remote, tmp_path, deadline=0.2))

    assert error.reason is Reason.DEADLINE_EXCEEDED


def test_a_place_that_cannot_be_written_is_said_so(remote, tmp_path):
    (tmp_path / "state").write_text("a file")

    assert refused(open_repository(remote, tmp_path / "state")).reason is Reason.STATE_UNUSABLE


def test_another_remote_with_other_hashes_takes_over_the_cache(remote, tmp_path):
    open_repository(remote, tmp_path).fetch()
    other = make_remote(tmp_path / "other.git", object_format="sha256")
    repository = open_repository(other, tmp_path)

    repository.fetch()

    assert repository.branch_facts().source_sha == other.sha("refs/heads/staging")


@pytest.mark.parametrize("name", ["", "a b", "a..b", "-x\x1b", "a.lock", "x^{commit}", "../x", "a:b", "@{-1}", "*"])
def test_a_branch_name_that_git_would_read_otherwise_is_refused_before_anything(remote, tmp_path, name):
    with pytest.raises(BotError) as caught:
        open_repository(remote, tmp_path, source=name)

    assert caught.value.reason is Reason.BAD_CONFIGURATION
    assert caught.value.sentence.isprintable()
