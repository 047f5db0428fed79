"""The remotes that seeds make: all unlike, all sound, and the same one for the same seed."""

from operator import attrgetter

import pytest
from support.remotes import remote_of
from support.stories import STORIES, Silence, new_shop
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


# Of all kinds the one whose other branches and tags are called like the bot's own.
@pytest.mark.parametrize("story", STORIES.values(), ids=attrgetter("name"))
def test_what_a_flow_has_done_is_seen_among_branches_and_tags_of_others(tmp_path, story):
    shop = new_shop(tmp_path, seed=42)
    story.arrange(shop)
    story.run(shop, Silence())
    assert story.is_done(shop.remote)
