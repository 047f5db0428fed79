import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.evidence import at_most, below

from bot.core.bounds import Bounds, exactly
from bot.core.limits import Unit
from bot.core.verdict import Result
from bot.core.wording import compared, counted, faithful, listed, needed, percent, seconds, sentence


@pytest.mark.parametrize(
    ("number", "words"),
    [(2.314, "2.31 s"), (0.0123, "12.3 ms"), (0.9999, "1 s"), (0.0, "0 ms"), (3600.0, "3,600 s"), (2e-6, "0.002 ms")],
)
def test_seconds_read_well(number, words):
    assert seconds(number) == words


@pytest.mark.parametrize(("number", "words"), [(0.0012, "0.12 %"), (1.0, "100 %"), (0.0, "0 %"), (-0.005, "-0.5 %")])
def test_shares_read_well(number, words):
    assert percent(number) == words


def test_a_number_is_never_rounded_across_its_limit():
    assert faithful(below(1.5), 1.4999) == "1.4999 s"
    assert faithful(at_most(1.5), 1.50001) == "1.50001 s"
    assert faithful(below(0.02, Unit.SHARE), 0.019999) == "1.9999 %"


@given(st.floats(), st.floats())
def test_any_number_can_be_said(number, limit):
    assert faithful(below(limit), number)
    assert seconds(number)
    assert percent(number)


def test_the_sentence_names_everything():
    words = compared("p95", below(1.5), Bounds(2.31, 2.28, 2.34, 120_000), Result.FAIL, counted(120_000, "request"))
    assert sentence("load-1k", "POST /echo", words) == (
        "load-1k, POST /echo: p95 2.31 s exceeds < 1.5s (95 % bounds 2.28 s to 2.34 s, 120,000 requests)."
    )


def test_what_is_a_sentence_already_gets_no_second_period():
    assert sentence("load", None, "its tasks are PayloadUser.send.") == "load: its tasks are PayloadUser.send."
    assert sentence("load", None, "no data") == "load: no data."


def test_missing_bounds_are_said_to_be_missing():
    words = compared("p99", below(1.5), Bounds(1.2, -math.inf, math.inf, 9), Result.INCONCLUSIVE, "9 requests")
    assert words == "p99 1.2 s cannot be told from < 1.5s (95 % bounds no lower bound to no upper bound, 9 requests)"


def test_an_exact_number_has_no_bounds_to_tell():
    assert compared("cpu", below(0.7, Unit.SHARE), exactly(0.4, 3), Result.PASS, "3 readings") == (
        "cpu 40 % keeps < 70% (3 readings)"
    )


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "about 1 request would settle it"),
        (8_123, "about 8,200 requests would settle it"),
        (1_234_567, "about 1,300,000 requests would settle it"),
        (math.inf, "more requests would settle it, and these are too few to tell how many"),
        (None, "it lies so close to the limit that no practical number of requests would settle it"),
    ],
)
def test_what_would_settle_it_is_rounded_up(number, words):
    assert needed(number, "request") == words


def test_hostile_names_cannot_leave_their_line():
    said = sentence("load\x1b[1m", "GET /\r\n@everyone" + "x" * 500, "fine")
    assert "\x1b" not in said
    assert "\n" not in said
    assert len(said) < 200
    assert listed(["a\n", "b", "c", "d", "e"]) == "a, b, c and 2 more"


def test_an_absurd_count_is_not_spelt_out():
    assert counted(10**5000, "request") == "absurdly many requests"
