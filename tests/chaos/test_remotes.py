"""The remotes that seeds make: all unlike, all sound, and the same one for the same seed."""

import pytest
from support.remotes import remote_of
from support.worldcopies import state_of

SEEDS = 100


def test_a_hundred_seeds_make_a_hundred_remotes_that_are_all_unlike(tmp_path):
    states = {state_of(remote_of(seed, tmp_path / str(seed)).path) for seed in range(SEEDS)}
    assert len(states) == SEEDS


@pytest.mark.parametrize("seed", [0, 21, 42, 63, 84])
def test_every_kind_is_sound_and_staging_is_ahead_of_main(tmp_path, seed):
    remote = remote_of(seed, tmp_path / "remote.git")
    remote.git("fsck", "--strict")
    assert int(remote.git("rev-list", "--count", "refs/heads/main..refs/heads/staging")) > 2
    assert remote.git("rev-list", "--count", "refs/heads/staging..refs/heads/main") == "0"


def test_the_same_seed_makes_the_same_remote(tmp_path):
    first, second = (remote_of(41, tmp_path / name) for name in ("first", "second"))
    assert first.refs() == second.refs()
