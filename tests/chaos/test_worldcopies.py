"""A world that is copied is the same in every byte and shares only what nobody writes; what it holds is its state."""

import os

import pytest
from support.stories import Silence, new_shop, nightly, open_shop
from support.worldcopies import copy_world, state_of


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """One night's world; nobody may change it."""
    shop = new_shop(tmp_path_factory.mktemp("world"))
    assert nightly(shop, Silence()).outcome == "promoted"
    shop.history.close()
    (shop.folder / "link").symlink_to("nowhere")
    return shop.folder


def listed(world):
    """Every path with all that matters of it."""
    return {
        str(path.relative_to(world)): (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns if path.is_file() else 0,
            path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else None,
        )
        for path in world.rglob("*")
    }


def test_a_copy_has_all_of_it_and_shares_nothing_that_could_be_written(world, tmp_path):
    copy = copy_world(world, tmp_path / "copy")

    assert listed(copy) == listed(world)
    shared = {path for path in world.rglob("*") if path.is_file() and path.stat().st_nlink > 1}
    assert shared
    assert all("objects" in path.parts and not path.stat().st_mode & 0o222 for path in shared)


def test_a_night_in_a_copy_leaves_the_world_as_it_was(world, tmp_path):
    before = listed(world)
    shop = open_shop(copy_world(world, tmp_path / "copy"), number=2)
    shop.remote.commit("staging", "feat: only here")
    assert nightly(shop, Silence(), slot="next").outcome == "promoted"
    shop.remote.git("gc", "--quiet", "--prune=now")
    shop.history.close()

    assert listed(world) == before
    assert state_of(tmp_path / "copy") != state_of(world)


def test_the_state_is_every_byte_and_every_name(world, tmp_path):
    copy = copy_world(world, tmp_path / "copy")
    assert state_of(copy) == state_of(world)
    for path in sorted(path for path in copy.rglob("*") if path.is_file() and os.access(path, os.W_OK)):
        if path.name in ("lock", "journal.ndjson") or path.stat().st_nlink > 1:
            continue
        kept = path.read_bytes()
        path.write_bytes(kept + b"x")
        assert state_of(copy) != state_of(world), path
        path.write_bytes(kept)
    (copy / "empty").touch()
    assert state_of(copy) != state_of(world)


def test_who_holds_a_lock_and_when_a_step_was_is_no_state_and_what_was_found_is(world, tmp_path):
    copy = copy_world(world, tmp_path / "copy")
    (copy / "state" / "lock").write_text("somebody else")
    (journal,) = copy.glob("state/runs/*/journal.ndjson")
    with journal.open("a") as file:
        file.write('{"at": "2030-01-01T00:00:00Z", "event": "push", "detail": "x"}\n')
    assert state_of(copy) == state_of(world)
    with journal.open("a") as file:
        file.write('{"at": "2030-01-01T00:00:00Z", "event": "push", "tag_oid": "x"}\n')
    assert state_of(copy) != state_of(world)
