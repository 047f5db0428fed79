import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import toml

CHARACTERS = st.characters(exclude_categories=["Cs"])
WORDS = st.text(CHARACTERS, max_size=8)
SCALARS = st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | WORDS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=8
)


@given(st.dictionaries(WORDS, VALUES, max_size=5))
def test_what_is_written_is_read_back(document):
    assert tomllib.loads(toml.dumps(document)) == document


@given(st.dictionaries(WORDS, VALUES, max_size=5))
def test_nothing_unseen_gets_out(document):
    assert all(char.isprintable() or char == "\n" for char in toml.dumps(document))


def test_an_unknown_type_is_a_bug():
    with pytest.raises(TypeError, match="bytes"):
        toml.inline(b"x")
