"""Full disks, disks that cannot be written, locks that the dead left, on either side: a reason, and nothing half."""

import os

import pytest
from support.disks import disk, fill, read_only, reason_against
from support.gitrepos import make_remote
from support.promotions import open_repository, plan_for, prepared_on, pushed

from bot.adapters.lock import FileLock
from bot.core.gate import Refusal
from bot.core.promotion import Promotion, PushOutcome
from bot.core.settle import Unsettled
from bot.errors import BotError, Reason

mounting = pytest.mark.skipif(reason_against() is not None, reason=str(reason_against()))


@pytest.fixture
def remote(tmp_path):
    return make_remote(tmp_path / "remote.git")


@pytest.fixture
def lock(tmp_path):
    with FileLock(tmp_path / "lock").hold() as proof:
        yield proof


def reason_of(act):
    with pytest.raises(BotError) as caught:
        act()
    assert caught.value.sentence.isprintable()
    return caught.value.reason


@mounting
def test_a_cache_that_does_not_fit_on_its_disk_says_so_and_leaves_nothing(remote, tmp_path):
    remote.commits("staging", [os.urandom(3000).hex() for _ in range(200)])
    with disk(tmp_path / "disk", "600k") as small:
        repository = open_repository(remote, small)

        assert reason_of(repository.fetch) is Reason.DISK_FULL

        assert not (small / "cache.git").exists()
        assert not (small / "cache.git.new").exists()


@mounting
def test_a_disk_that_fills_up_later_costs_neither_the_cache_nor_the_next_night(remote, tmp_path, lock):
    with disk(tmp_path / "disk", "2m") as small:
        repository, prepared = prepared_on(remote, small)
        held = repository.branch_facts()
        tip = remote.commits("staging", [os.urandom(3000).hex() for _ in range(40)])[-1]
        filler = fill(small)

        assert reason_of(repository.fetch) is Reason.DISK_FULL
        assert repository.branch_facts() == held
        assert reason_of(lambda: repository.prepare(plan_for(repository, run_id="another"))) is Reason.DISK_FULL

        filler.unlink()
        repository.fetch()
        assert repository.branch_facts().source_sha == tip
        assert isinstance(pushed(repository, prepared, lock)[1], Promotion)


@mounting
def test_a_cache_on_a_disk_that_cannot_be_written_is_the_machines_own_trouble(remote, tmp_path):
    repository = open_repository(remote, tmp_path / "state")
    repository.fetch()
    with read_only(tmp_path / "state"):
        assert reason_of(repository.fetch) is Reason.STATE_UNUSABLE


@mounting
def test_a_server_whose_disk_is_full_takes_nothing_and_is_named(tmp_path, lock):
    with disk(tmp_path / "disk", "1m") as small:
        remote = make_remote(small / "remote.git")
        repository, prepared = prepared_on(remote, tmp_path)
        before, filler = remote.refs(), fill(small)

        report, end = pushed(repository, prepared, lock)

        assert report.outcome in (PushOutcome.SERVER_FAILED, PushOutcome.UNKNOWN)
        assert isinstance(end, Refusal | Unsettled)
        assert "No space left on device" in end.sentence
        assert remote.refs() == before
        filler.unlink()
        assert isinstance(pushed(repository, prepared, lock)[1], Promotion)


@mounting
def test_a_server_that_cannot_write_takes_nothing_and_is_named(remote, tmp_path, lock):
    repository, prepared = prepared_on(remote, tmp_path)
    before = remote.refs()
    with read_only(remote.path):
        report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.SERVER_FAILED
    assert isinstance(end, Refusal)
    assert end.reason is Reason.REMOTE_FAILED
    assert remote.refs() == before
    assert isinstance(pushed(repository, prepared, lock)[1], Promotion)


SERVER_LOCKS = [
    "refs/heads/main.lock",
    "refs/tags/release/20261121-020000.lock",
    "refs/notes/promotions.lock",
    "packed-refs.lock",
    "HEAD.lock",
    "config.lock",
    "shallow.lock",
    "index.lock",
    "objects/info/commit-graph.lock",
]


@pytest.mark.parametrize("name", SERVER_LOCKS)
def test_no_stale_lock_on_the_server_makes_a_half_promotion(remote, tmp_path, lock, name):
    repository, prepared = prepared_on(remote, tmp_path)
    before = remote.refs()
    stale = remote.path / name
    stale.parent.mkdir(parents=True, exist_ok=True)
    stale.touch()

    report, end = pushed(repository, prepared, lock)

    if not isinstance(end, Promotion):
        assert report.outcome is PushOutcome.LOCKED
        assert isinstance(end, Unsettled)
        assert end.reason is Reason.REMOTE_FAILED
        assert name in end.sentence
        assert remote.refs() == before
        stale.unlink()
        assert isinstance(pushed(repository, prepared, lock)[1], Promotion)


def test_a_leftover_object_of_a_dead_push_on_the_server_is_in_nobodys_way(remote, tmp_path, lock):
    repository, prepared = prepared_on(remote, tmp_path)
    folder = remote.path / "objects" / prepared.tag_oid[:2]
    folder.mkdir(exist_ok=True)
    (folder / "tmp_obj_dead").touch()
    (remote.path / "objects/tmp_objdir-incoming-dead").mkdir()

    assert isinstance(pushed(repository, prepared, lock)[1], Promotion)
