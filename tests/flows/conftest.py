from contextlib import ExitStack
from functools import cache

import pytest
from support.keptshops import again, copied, keep, only_open


@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    """What a story leaves in a shop of its own, told once."""
    return cache(lambda story: keep(tmp_path_factory.mktemp("kept") / "shop", story))


@pytest.fixture
def shop(kept, tmp_path):
    made = copied(kept(only_open), tmp_path)
    yield made
    made.history.close()


@pytest.fixture
def shop_after(kept, tmp_path):
    """The shop that a story leaves, which is told once for all tests."""
    with ExitStack() as open_shops:
        yield lambda story: open_shops.enter_context(again(kept(story), tmp_path))
