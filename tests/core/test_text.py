import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from bot.core.text import plain


@given(st.text(st.characters()))
def test_hostile_text_becomes_one_printable_line(text):
    line = plain(text)
    assert len(line) <= 120
    assert not any(unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for sign in line)
    line.encode("utf-8")


def test_a_terminal_sequence_loses_its_escape():
    assert plain("GET /\x1b[2J\x07cart\r\n\u202eevil") == "GET /cart evil"


def test_a_long_name_is_cut_with_an_ellipsis():
    assert plain("x" * 500) == "x" * 119 + "…"
    assert plain("4f2a9c1d0b8e7f", 12) == "4f2a9c1d0b8…"
