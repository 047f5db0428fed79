import pytest
from support.fakes import Shop


@pytest.fixture
def shop(tmp_path):
    made = Shop(tmp_path)
    yield made
    made.history.close()
