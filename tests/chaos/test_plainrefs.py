"""Refs read from files are what git says of them, or git is asked."""

import pytest
from support.gitrepos import Repo, empty_repo, make_remote
from support.plainrefs import NotPlainError, plain_refs

ODD_NAMES = ["refs/heads/grün", "refs/heads/@", "refs/tags/a,b", "refs/heads/refs/heads/x!"]


def asked(repo):
    """What git says, in its order."""
    lines = repo.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    return [tuple(line.split(" ", 1)) for line in lines]


@pytest.fixture(params=["sha1", "sha256"])
def remote(tmp_path, request):
    """Tags, notes, branches with folders in their names."""
    made = make_remote(tmp_path / "remote.git", object_format=request.param)
    for name in ("heads/feat/a", "heads/feat/b", "heads/feat-1", "notes/promotions", "remote/x", "heads/-x"):
        made.set(f"refs/{name}", made.sha("refs/heads/main"))
    made.tag("release/20261121-020000", made.sha("refs/heads/main"))
    return made


@pytest.mark.parametrize("change", ["none", "pack", "pack, then move", "pack, then delete", "pack all but heads"])
def test_loose_and_packed_refs_are_what_git_says(remote, change):
    if change.startswith("pack"):
        remote.git("pack-refs", *([] if change.endswith("heads") else ["--all"]))
    if change.endswith("move"):
        remote.commit("main")
    if change.endswith("delete"):
        remote.delete("refs/heads/feat/a")

    assert [*plain_refs(remote.path).items()] == asked(remote)
    assert len(asked(remote)) > 6


def test_a_repository_without_a_ref_has_none(tmp_path):
    assert plain_refs(empty_repo(tmp_path / "empty.git").path) == {}


@pytest.mark.parametrize("name", ODD_NAMES)
@pytest.mark.parametrize("is_packed", [False, True])
def test_of_odd_names_git_is_asked(remote, name, is_packed):
    remote.set(name, remote.sha("refs/heads/main"))
    if is_packed:
        remote.git("pack-refs", "--all")

    with pytest.raises(NotPlainError):
        plain_refs(remote.path)
    assert [*remote.refs().items()] == asked(remote)
    assert name in remote.refs()


def torn(remote):
    (remote.path / "refs/heads/main").write_text("0123")


def locked(remote):
    (remote.path / "refs/heads/main.lock").touch()


def null(remote):
    (remote.path / "refs/heads/main").write_text("0" * 40 + "\n")


def symbolic(remote):
    remote.git("symbolic-ref", "refs/heads/alias", "refs/heads/main")


def linked(remote):
    (remote.path / "refs/heads/link").symlink_to("main")


def packed_badly(remote):
    remote.git("pack-refs", "--all")
    with (remote.path / "packed-refs").open("a") as file:
        file.write("hello\n")


@pytest.mark.parametrize("damage", [torn, locked, null, symbolic, linked, packed_badly])
def test_of_what_is_not_beyond_doubt_git_is_asked(remote, damage):
    damage(remote)

    with pytest.raises(NotPlainError):
        plain_refs(remote.path)


def test_a_folder_that_is_no_repository_is_for_git(tmp_path):
    with pytest.raises(NotPlainError):
        plain_refs(tmp_path)
    with pytest.raises(AssertionError, match="not a git repository"):
        Repo(tmp_path).refs()


def test_remotes_that_are_made_alike_are_alike_and_none_is_the_other(tmp_path):
    one, two = (make_remote(tmp_path / name, ahead=2) for name in ("one.git", "two.git"))
    assert one.refs() == two.refs()
    assert one.commit("main") == two.commit("main")
    three = make_remote(tmp_path / "three.git", ahead=2)
    assert three.refs() != one.refs()
    assert three.git("fsck", "--strict", "--no-dangling") == ""
