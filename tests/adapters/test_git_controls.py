"""Freezes and quarantines beside the notes of the ledger: git's own commands read, grow and merge it as before."""

import itertools
import os
import subprocess

import pytest
from support.gitrepos import clean_environment, make_remote
from support.promotions import open_repository, plan_for
from support.stopping import freeze, quarantine, told, unfreeze

from bot.adapters.lock import FileLock
from bot.core.promotion import PushOutcome
from bot.errors import BotError, Reason

NOTES = "refs/notes/promotions"


@pytest.fixture
def remote(tmp_path):
    return make_remote(tmp_path / "remote.git")


@pytest.fixture
def both(remote, tmp_path):
    """A ledger with a freeze, a promotion, and a quarantine after it."""
    freeze(tmp_path / "bob", remote)
    promote(remote, tmp_path)
    quarantine(tmp_path / "bob", remote, "staging")
    return remote


def promote(remote, folder):
    """A promotion as a bot sends it; a freeze is not asked for here."""
    repository = open_repository(remote, folder)
    repository.fetch()
    with FileLock(folder / "lock").hold() as lock:
        report = repository.push(repository.prepare(plan_for(repository)), lock)
    assert report.outcome is PushOutcome.LANDED


@pytest.fixture
def clone(both, tmp_path):
    """A person's clone that has fetched the ledger."""
    path = tmp_path / "clone"
    environment = clean_environment(HOME=str(tmp_path))

    def git(*arguments, data=b""):
        where = path if path.exists() else None
        done = subprocess.run(
            ["git", *arguments], cwd=where, env=environment, input=data, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    git("clone", "--quiet", both.url, os.fspath(path))
    git("fetch", "--quiet", "origin", "refs/notes/*:refs/notes/*")
    return git


def test_the_entry_shows_under_the_promoted_commit_and_the_events_nowhere(both, clone):
    shown = clone("log", "-1", "--notes=promotions", "origin/main")
    assert '"kind": "promotion"' in shown
    assert "freeze" not in shown
    assert clone("notes", "--ref=promotions", "list").split()[1] == both.sha("refs/heads/main")
    assert len(clone("notes", "--ref=promotions", "list").splitlines()) == 1


def test_every_event_shows_in_the_history_of_their_file(clone):
    assert '"kind": "freeze"' in clone("log", "-p", NOTES, "--", "control.ndjson")


@pytest.mark.parametrize("command", ["add", "append"])
def test_what_people_note_with_git_leaves_the_events_where_they_are(both, clone, tmp_path, command):
    before = told(both)
    commit = clone("rev-parse", "origin/main~1" if command == "add" else "origin/main")
    clone("notes", "--ref=promotions", command, "-m", "\n", "--allow-empty", commit)
    clone("push", "--quiet", "origin", f"{NOTES}:{NOTES}")
    assert told(both) == before
    repository = open_repository(both, tmp_path / "other")
    repository.fetch()
    assert len(repository.ledger()) == 1
    assert repository.controls() == before


def test_a_ledger_that_people_merged_with_git_keeps_its_own_events(both, clone, tmp_path):
    """`git notes merge` knows only notes: the events of the side that is merged into stay, byte for byte."""
    clone("update-ref", "refs/notes/theirs", NOTES + "~1")
    clone("notes", "--ref=theirs", "append", "-m", "\n", clone("rev-parse", "origin/main"))
    before = told(both)
    clone("notes", "--ref=promotions", "merge", "--quiet", "--strategy=cat_sort_uniq", "refs/notes/theirs")
    clone("push", "--quiet", "origin", f"{NOTES}:{NOTES}")
    assert told(both) == before
    unfreeze(tmp_path / "bob", both)
    assert told(both)[:-1] == before


def test_many_notes_around_them_move_no_event(both, clone):
    """git fans notes out into folders by their number, and writes the whole tree anew for that."""
    before, noted = told(both), clone("rev-parse", "origin/main")
    head = "committer A <a@example.com> 1700000000 +0000\ndata 0\n"
    stream = "".join(f"commit refs/heads/many\nmark :{number}\n{head}\n" for number in range(1, 501))
    clone("fast-import", "--quiet", data=stream.encode())
    pairs = "".join(f"{noted} {commit}\n" for commit in clone("rev-list", "many").splitlines())
    clone("notes", "--ref=promotions", "copy", "--stdin", data=pairs.encode())
    assert "040000 tree" in clone("ls-tree", NOTES)
    clone("push", "--quiet", "origin", f"{NOTES}:{NOTES}")
    assert told(both) == before


def test_the_ledger_grows_by_one_commit_an_event_and_every_tree_keeps_what_was_there(both):
    commits = both.git("rev-list", "--reverse", NOTES).splitlines()
    contents = [both.git("show", f"{commit}:control.ndjson") for commit in commits]
    assert len(commits) == 3
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(contents))
    assert both.git("log", "--reverse", "--format=%s", NOTES).splitlines()[::2] == [
        "Freeze promotions",
        f"Quarantine {both.sha('refs/heads/staging')[:12]}",
    ]


def test_a_promotion_planned_before_a_freeze_is_kept_out_by_the_lease_and_leaves_nothing(remote, tmp_path):
    repository = open_repository(remote, tmp_path)
    repository.fetch()
    prepared = repository.prepare(plan_for(repository))
    freeze(tmp_path / "bob", remote)
    before = remote.refs()
    with FileLock(tmp_path / "lock").hold() as lock:
        assert repository.push(prepared, lock).outcome is PushOutcome.LEDGER_MOVED
    assert remote.refs() == before


def test_a_repository_with_sha256_ids_keeps_them_too(tmp_path):
    remote = make_remote(tmp_path / "remote.git", object_format="sha256")
    quarantine(tmp_path / "bob", remote, "staging")
    assert [len(event.sha) for event in told(remote)] == [64]


def test_a_file_that_holds_no_events_is_a_broken_ledger(remote, tmp_path):
    freeze(tmp_path / "bob", remote)
    blob = remote.git("hash-object", "-w", "--stdin", data=b"freeze!\n")
    tree = remote.git("mktree", data=f"100644 blob {blob}\tcontrol.ndjson\n".encode())
    remote.set(NOTES, remote.git("commit-tree", tree, "-p", remote.sha(NOTES), "-m", "by hand"))
    repository = open_repository(remote, tmp_path)
    repository.fetch()
    with pytest.raises(BotError, match=r"line 1 of control\.ndjson is no event") as caught:
        repository.controls()
    assert caught.value.reason is Reason.LEDGER_BROKEN
    assert repository.ledger() == ()
