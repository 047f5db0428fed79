import pytest
from support.worlds import copied, keep, only_open


@pytest.fixture(scope="session")
def opened(tmp_path_factory):
    return keep(tmp_path_factory.mktemp("opened") / "shop", only_open)


@pytest.fixture
def shop(opened, tmp_path):
    made = copied(opened, tmp_path)
    yield made
    made.history.close()
