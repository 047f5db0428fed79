import pytest
from support.configurations import valid


@pytest.fixture
def locustfile(tmp_path):
    path = tmp_path / "load.py"
    path.write_text("# a locustfile\n")
    return path


@pytest.fixture
def document(locustfile):
    """A fresh document that loads."""
    return valid(locustfile)
