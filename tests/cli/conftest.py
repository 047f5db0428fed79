import pytest
from support.commands import copy_of
from support.night import world


@pytest.fixture(scope="session")
def promoted(tmp_path_factory):
    """A world in which one night really promoted; made once for many tests, which only read it."""
    with world(tmp_path_factory.mktemp("night")) as (night, _):
        ended = night.promote("--now")
        assert ended.code == 0, ended.stderr
        yield night


@pytest.fixture
def copied(promoted, tmp_path):
    """The configuration of a copy of that world's state, for a test that alters what is stored."""
    return copy_of(promoted, tmp_path)
