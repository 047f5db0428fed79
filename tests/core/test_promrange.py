import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.promrange import MOST_SERIES, Range, read_matrix, replica_of


def answer(*series, **more):
    return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": series}} | more).encode()


def series(*values, **labels):
    return {"metric": labels, "values": list(values)}


def test_series_are_read_with_their_labels_and_times():
    told = read_matrix(answer(series([10, "1.5"], [10.5, "2e3"], instance="a:1", job="shop"), series([10, "7"])))
    assert told == (
        Range((("instance", "a:1"), ("job", "shop")), ((10.0, 1.5), (10.5, 2000.0))),
        Range((), ((10.0, 7.0),)),
    )
    assert read_matrix(answer()) == ()


@pytest.mark.parametrize("text", ["NaN", "+Inf", "-Inf", "-3", "1e300", "1e999"])
def test_what_is_no_amount_is_unknown_and_not_nothing(text):
    assert read_matrix(answer(series([10, text])))[0].points == ((10.0, None),)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>", "not JSON"),
        (b"[]", "not one of Prometheus"),
        (b'{"status": 1}', "not one of Prometheus"),
        (
            b'{"status": "error", "errorType": "bad_data", "error": "\\u001b[31m<b>@all</b>"}',
            "refused the query (bad_data",
        ),
        (b'{"status": "error"}', "without a reason"),
        (answer(warnings=["one store did not answer"]), "may lack something (one store did not answer)"),
        (answer(warnings={"a": 1}), "may lack something"),
        (b'{"status": "success"}', "not a matrix"),
        (b'{"status": "success", "data": {"resultType": "vector", "result": []}}', "a vector, not a matrix"),
        (b'{"status": "success", "data": {"resultType": "matrix", "result": {}}}', "no list of series"),
        (answer(3), "no list of values"),
        (answer({"metric": {}, "histograms": []}), "no list of values"),
        (answer({"metric": {"a": 1}, "values": []}), "malformed labels"),
        (answer(series([10, 5])), "not a pair of time and text"),
        (answer(series([10, "5", 1])), "not a pair"),
        (answer(series(["10", "5"])), "impossible time"),
        (answer(series([True, "5"])), "impossible time"),
        (answer(series([1e300, "5"])), "impossible time"),
        (answer(series([10, "five"])), "not a number"),
        (answer(series([10, "0x10"])), "not a number"),
        (answer(series([10, "5"], [10, "6"])), "not in order"),
        (answer(series([10, "5"], [9, "6"])), "not in order"),
        (answer(*[series([1, "1"])] * (MOST_SERIES + 1)), "101 series"),
        (b'{"status": "success", "status": "success"}', "a key twice"),
    ],
)
def test_anything_else_is_refused_in_harmless_words(body, words):
    with pytest.raises(ValueError, match=re.escape(words)) as caught:
        read_matrix(body)
    assert not set(str(caught.value)) & set("\x1b<@")


@given(
    st.binary()
    | st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists).map(lambda x: json.dumps(x).encode())
)
def test_whatever_a_server_says_there_is_a_value_or_a_sentence(body):
    assert isinstance(_outcome(body), tuple) or _outcome(body).isprintable()


def _outcome(body):
    try:
        return read_matrix(body)
    except ValueError as error:
        return str(error)


def test_a_series_is_named_by_the_label_or_by_all_of_them():
    labels = (("__name__", "up"), ("instance", "a:1"), ("job", "shop"))
    assert replica_of(labels, "instance") == "a:1"
    assert replica_of(labels, "pod") == "instance=a:1, job=shop"
    assert replica_of((("__name__", "up"),), "pod") == ""
