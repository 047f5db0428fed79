import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.limits import Comparison, Limit, Unit
from bot.core.units import (
    exact_share,
    format_duration,
    format_share,
    format_size,
    format_value,
    parse_duration,
    parse_limit,
    parse_share,
    parse_size,
)

WEIRD = [
    "",
    " ",
    "5",
    "-5s",
    "+5s",
    "1e3s",
    "1_0s",
    "٣s",
    "nan s",
    "inf",
    "s",
    "1m1h",
    "1s1s",
    "1h 30m",
    "5 s",
    "5S",
    "5s\n",
]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("15m", 900),
        ("1h30m", 5400),
        ("250ms", 0.25),
        ("0s", 0),
        ("1d", 86400),
        ("1m1.5s", 61.5),
        ("85us", 85e-6),
    ],
)
def test_durations_are_read_as_people_write_them(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", WEIRD)
def test_what_is_no_duration_is_refused_with_what_is_allowed(text):
    with pytest.raises(ValueError, match=r"a duration such as"):
        parse_duration(text)


@given(st.integers(0, 10**13))
def test_a_duration_in_whole_microseconds_survives_printing_and_reading(micros):
    assert round(parse_duration(format_duration(micros / 1e6)) * 1e6) == micros


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (90, "1m30s"),
        (900, "15m"),
        (5400, "1h30m"),
        (0.25, "250ms"),
        (0.0123456, "12.346ms"),
        (-61.5, "-1m1.5s"),
        (85e-6, "85us"),
        (math.nan, "no data"),
        (math.inf, "no data"),
        (59.9999999, "1m"),
    ],
)
def test_durations_print_compactly(seconds, text):
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("text", "count"),
    [("1KiB", 1024), ("64KiB", 65536), ("512B", 512), ("1.5kB", 1500), ("1MB", 10**6), ("2GiB", 2**31)],
)
def test_sizes_are_read_in_both_systems(text, count):
    assert parse_size(text) == count


@pytest.mark.parametrize(("text", "share"), [("50%", 0.5), ("99.5%", 0.995), ("0%", 0), ("150%", 1.5)])
def test_shares_are_read_and_written_to_the_last_digit(text, share):
    assert parse_share(text) == share
    assert exact_share(share) == text


@pytest.mark.parametrize("text", ["", "50", "0.5", "-1%", "50 %", "50%%", "1e2%", "< 5%", ".5%"])
def test_what_is_no_share_is_refused(text):
    with pytest.raises(ValueError, match="a percentage such as"):
        parse_share(text)


@given(st.integers(0, 10**6))
def test_a_share_survives_writing_and_reading(thousandths):
    share = parse_share(f"{thousandths / 1000:.3f}%")
    assert parse_share(exact_share(share)) == share


@pytest.mark.parametrize("text", ["", "1", "1K", "1kb", "KiB", "-1B", "0.3B", "1 KiB", "1e3B"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValueError, match="a size such as"):
        parse_size(text)


@given(st.integers(0, 1023), st.sampled_from(["B", "KiB", "MiB", "GiB", "TiB"]))
def test_a_whole_size_survives_printing_and_reading(count, unit):
    text = f"{count}{unit}"
    assert parse_size(format_size(parse_size(text))) == parse_size(text)


@given(st.floats(0, 2**50))
def test_a_printed_size_is_within_a_thousandth(count):
    text = format_size(count)
    number, unit = float(text.rstrip("BiKMGT")), text.lstrip("0123456789.")
    assert number * parse_size(f"1{unit}") == pytest.approx(count, rel=1e-3, abs=0.001)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("< 2%", Limit(Comparison.BELOW, 0.02, Unit.SHARE, "< 2%")),
        ("<= 250ms", Limit(Comparison.AT_MOST, 0.25, Unit.SECONDS, "<= 250ms")),
        (" >=99.9% ", Limit(Comparison.AT_LEAST, 0.999, Unit.SHARE, ">=99.9%")),
        ("< 1.5s", Limit(Comparison.BELOW, 1.5, Unit.SECONDS, "< 1.5s")),
    ],
)
def test_limits_are_read_in_base_units_and_keep_their_words(text, limit):
    assert parse_limit(text) == limit


@pytest.mark.parametrize(
    "text", ["", "2%", "< 2", "< 2 %", "= 2%", "< -2%", "<> 2%", "< nan%", "< 2% and more", "≤ 2%", "< 5MB"]
)
def test_what_is_no_limit_is_refused(text):
    with pytest.raises(ValueError, match="a comparison and a number with its unit"):
        parse_limit(text)


@given(st.text(max_size=30))
def test_no_text_makes_a_parser_fail_otherwise(text):
    for parse in (parse_duration, parse_size, parse_limit):
        try:
            parse(text)
        except ValueError as error:
            assert "such as" in str(error)  # noqa: PT017 - most texts raise, a few may not


@given(st.integers(0, 10**5), st.sampled_from(list(Comparison)))
def test_a_share_survives_printing_and_reading_in_a_limit(hundredths, comparison):
    share = hundredths / 10_000
    assert parse_limit(f"{comparison} {format_share(share)}").value == pytest.approx(share, abs=1e-12)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0%"),
        (1, "100%"),
        (0.0199, "1.99%"),
        (0.123456, "12.35%"),
        (0.99999, "99.999%"),
        (1 - 1e-10, "99.9999%"),
        (1e-9, "0.0001%"),
        (-0.032, "-3.2%"),
        (0.342, "34.2%"),
        (math.nan, "no data"),
    ],
)
def test_shares_print_as_percentages(share, text):
    assert format_share(share) == text


@given(st.floats(0, 1))
def test_a_share_never_rounds_to_all_or_nothing(share):
    assert (format_share(share) in ("0%", "100%")) == (share in (0.0, 1.0))


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("p95", 0.0123456, "12.35ms"),
        ("p99.9", 1.4996, "1.5s"),
        ("p99_9", 72.345, "72.34s"),
        ("error_rate", 0.0199, "1.99%"),
        ("cpu", 0.387, "38.7%"),
        ("rate", 0.99999, "99.999%"),
        ("memory_growth", -0.032, "-3.2%"),
        ("restarts", 2.0, "2"),
        ("p95", None, "no data"),
        ("cpu", math.nan, "no data"),
        ("memory_growth", math.inf, "unbounded"),
        ("p50", 0.00085, "0.85ms"),
    ],
)
def test_values_print_in_the_unit_of_their_objective(key, value, text):
    assert format_value(key, value) == text


@given(st.sampled_from(["p50", "cpu", "other"]), st.none() | st.floats())
def test_any_value_can_be_printed(key, value):
    assert format_value(key, value)
