import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import jsondoc

DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_document_or_a_value_error(body):
    try:
        jsondoc.load(body)
    except ValueError as error:
        assert "\n" not in str(error)  # noqa: PT017 - both ends are fine, this one has a form


@given(DOCUMENTS, st.text(max_size=10))
def test_any_path_picks_something_or_says_that_there_is_nothing(document, path):
    try:
        jsondoc.number(document, path)
    except ValueError as error:
        assert path in str(error)  # noqa: PT017


@given(DOCUMENTS)
def test_every_leaf_is_found_by_the_path_to_it(document):
    def walk(value, path):
        if path and all("." not in step for step in path):
            assert jsondoc.pick(document, ".".join(path)) == value
        pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for step, inner in pairs:
            walk(inner, [*path, str(step)])

    walk(document, [])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>", "not JSON"),
        (b"", "not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 60_000, "nested too deeply"),
        (b'{"a":' * 60_000, "nested too deeply"),
        (b'{"sha": "a", "sha": "b"}', "a key twice"),
        (b'{"rss": NaN}', "not a number"),
        (b"1" * 10_000, "absurd length"),
    ],
)
def test_hostile_documents_are_refused(body, words):
    with pytest.raises(ValueError, match=words):
        jsondoc.load(body)


@pytest.mark.parametrize("value", [True, None, "12", [], {}, -1, 1e300, 10**40])
def test_only_sensible_numbers_are_numbers(value):
    with pytest.raises(ValueError, match=r"rss"):
        jsondoc.number({"rss": value}, "rss")


def test_lists_are_indexed_from_zero():
    document = json.loads('{"workers": [{"rss": 1}, {"rss": 2}]}')
    assert jsondoc.number(document, "workers.1.rss") == 2.0
    for path in ("workers.2.rss", "workers.-1.rss", "workers.²", "workers." + "9" * 5000):
        with pytest.raises(ValueError, match="nothing at"):
            jsondoc.number(document, path)
