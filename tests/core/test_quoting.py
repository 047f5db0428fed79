import re

from hypothesis import given
from hypothesis import strategies as st

from bot.core.quoting import quote


@given(st.text(max_size=300), st.integers(min_value=3, max_value=100))
def test_nothing_harmful_survives_and_the_length_is_bounded(text, limit):
    quoted = quote(text, limit)
    assert len(quoted) <= limit
    assert re.fullmatch(r"[A-Za-z0-9 _.+?-]*", quoted)


def test_a_version_stays_readable_and_a_link_does_not_stay_a_link():
    assert quote("v1.2.3-rc1") == "v1.2.3-rc1"
    assert quote("www.evil.example @ops #7 <b>\x1b[31m") == "www?evil?example ?ops ?7 ?b???31m"
    assert quote("a" * 100, 10) == "aaaaaaa..."
