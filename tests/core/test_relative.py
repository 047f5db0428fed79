import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.limits import Comparison, Unit
from bot.core.loadplan import RelativeObjective
from bot.core.relative import is_relative, parse_relative


@pytest.mark.parametrize(
    ("text", "factor", "offset", "unit"),
    [
        ("< 1.2x baseline", 1.2, 0.0, None),
        ("<1.2xbaseline", 1.2, 0.0, None),
        ("< 2 x baseline", 2.0, 0.0, None),
        ("< baseline + 1%", 1.0, 0.01, Unit.SHARE),
        ("< baseline + 50ms", 1.0, 0.05, Unit.SECONDS),
        ("<= 1.1x baseline + 10ms", 1.1, 0.01, Unit.SECONDS),
        ("  < 1.5x baseline+1m30s ", 1.5, 90.0, Unit.SECONDS),
    ],
)
def test_limits_relative_to_history_are_read(text, factor, offset, unit):
    found = parse_relative(text)
    assert (found.factor, found.offset, found.unit) == (factor, pytest.approx(offset), unit)
    assert found.comparison is (Comparison.AT_MOST if "<=" in text else Comparison.BELOW)
    assert found.text == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "baseline",
        "> 1.2x baseline",
        "< 1.2 baseline",
        "< 120% baseline",
        "< -1x baseline",
        "< 1.2x baseline - 1%",
        "< 1.2x baseline + 5",
        "< 1.2x baseline + ",
        "< 1.2x Baseline",
        "< 1e3x baseline",
        "< 1.2x baseline < 2s",
        "",
    ],
)
def test_anything_else_is_none(text):
    with pytest.raises(ValueError, match="not a comparison with the baseline"):
        parse_relative(text)


@given(st.text(max_size=40))
def test_no_text_raises_anything_but_value_error(text):
    for words in (text, f"< 1.2x baseline + {text}", f"< {text}x baseline"):
        try:
            assert is_relative(words)
            parse_relative(words)
        except (ValueError, AssertionError):
            pass


def test_a_limit_becomes_the_objective_of_a_key():
    found = parse_relative("< 1.2x baseline").of("p95", Unit.SECONDS, "GET /")
    assert found == RelativeObjective("p95", Comparison.BELOW, 1.2, 0.0, Unit.SECONDS, "< 1.2x baseline", "GET /")


def test_a_limit_that_mentions_the_baseline_is_meant_relative_even_when_badly_written():
    assert is_relative("< 1.2x Baselines")
    assert not is_relative("< 1.5s")
