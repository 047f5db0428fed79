"""`--dry-run` of every command that writes: the exact ref updates are shown, and the remote's reflog shows none."""

import shutil

import pytest
from support.commands import here
from support.night import World, git

COMMANDS = {
    "hotfix": ("hotfix", "hotfix/next", "--skip-tests", "--reason", "orders are lost"),
    "backport": ("backport",),
    "rollback": ("rollback", "--reason", "it was worse", "--main-only"),
    "rewind": ("rollback", "--reason", "it was worse", "--rewind"),
    "freeze": ("freeze", "--reason", "release weekend"),
    "unfreeze": ("unfreeze",),
    "quarantine": ("quarantine", "add", "main", "--reason", "it leaks"),
}
MOVED = {
    "hotfix": ("refs/heads/main", "refs/heads/staging", "refs/tags/release/", "refs/notes/promotions"),
    "backport": ("refs/heads/staging",),
    "rollback": ("refs/heads/main", "refs/tags/release/", "refs/notes/promotions"),
    "rewind": ("refs/heads/main", "refs/notes/promotions"),
    "freeze": ("refs/notes/promotions",),
    "unfreeze": ("refs/notes/promotions",),
    "quarantine": ("refs/notes/promotions",),
}


def cut(world, name, path):
    """A branch off main with one commit on it, pushed."""
    git("fetch", "--quiet", world.remote, "main", cwd=world.work)
    git("checkout", "--quiet", "-B", name, "FETCH_HEAD", cwd=world.work)
    (world.work / path).write_text(f"{name}\n")
    git("add", path, cwd=world.work)
    git("commit", "--quiet", "-m", "fix: mend it", cwd=world.work)
    world.push(name)


def logged(world):
    """Every change of every ref that the remote has ever seen."""
    return {
        path.relative_to(world.remote): path.read_text()
        for path in (world.remote / "logs").rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two hotfixes went to main, the second to main alone; a further one waits. And a copy of all that."""
    folder = tmp_path_factory.mktemp("shipped")
    (folder / "world").mkdir()
    world = World(folder / "world", "http://127.0.0.1:9", proof=False)
    git("config", "core.logAllRefUpdates", "always", cwd=world.remote)
    for number, more in ((1, ()), (2, ("--main-only",))):
        cut(world, f"hotfix/{number}", f"{number}.txt")
        ended = here(world, "hotfix", f"hotfix/{number}", "--skip-tests", "--reason", "urgent", *more)
        assert ended.code == 0, ended.stdout + ended.stderr
    cut(world, "hotfix/next", "next.txt")
    shutil.copytree(world.folder, folder / "copy", symlinks=True)
    return world, folder / "copy"


@pytest.fixture
def shipped(made):
    """That world as it was made: at the same place, since the state directory knows where its remote is."""
    world, copy = made
    shutil.rmtree(world.folder)
    shutil.copytree(copy, world.folder, symlinks=True)
    return world


@pytest.mark.parametrize("name", COMMANDS)
def test_a_dry_run_shows_every_ref_and_leaves_no_line_in_the_remotes_reflog(shipped, name):
    if name == "unfreeze":
        assert here(shipped, "freeze", "--reason", "release weekend").code == 0
    before = logged(shipped)

    ended = here(shipped, *COMMANDS[name], "--dry-run")

    assert ended.code == 0, ended.stdout + ended.stderr
    assert all(ref in ended.stdout for ref in MOVED[name]), ended.stdout
    assert logged(shipped) == before
    assert here(shipped, *COMMANDS[name]).code == 0
    assert logged(shipped) != before
