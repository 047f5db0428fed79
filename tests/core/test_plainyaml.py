"""YAML from a repository: plain data, or one sentence; never code, never more than was written."""

import sys

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core import plainyaml
from bot.core.plainyaml import LARGEST, Other, read_yaml


def test_texts_lists_and_tables_come_as_they_are():
    read = read_yaml(b"\xef\xbb\xbfa: text\nb: ['1', \"two\"]\nc:\n  - d: |\n      long\n    e:\n")

    assert read == {"a": "text", "b": ["1", "two"], "c": [{"d": "long\n", "e": None}]}


def test_what_is_no_text_is_not_made_one():
    assert all(isinstance(each, Other) for each in read_yaml(b"[1, 2.5, true, on, 2026-11-21, 0x1f]"))
    assert read_yaml(b"") is None
    assert read_yaml(b"~") is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"!!python/object/apply:os.system ['true']", "a tag of its own (line 1)"),
        (b"a: !!str 5", "a tag of its own"),
        (b"a: 1\nb: &x [1]\nc: *x", "an anchor or an alias (line 2)"),
        (b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", "an anchor or an alias"),
        (b"[" * 11 + b"]" * 11, "deeper than 10 levels"),
        (b"[" * (LARGEST - 1), "deeper than 10 levels"),
        (b"a: 1\na: 2", "a key twice"),
        (b"? [a]\n: b", "no text"),
        (b"a: b: c", "not YAML (line 1)"),
        (b"a: 1\n---\nb: 2", "not YAML"),
        (b"a: '\x00'", "not YAML"),
        (b"a: \xff", "not UTF-8"),
        (b"#" * (LARGEST + 1), "larger than 64 KiB"),
    ],
)
@pytest.mark.parametrize("loader", [plainyaml._LOADER, yaml.SafeLoader])
def test_whatever_could_do_harm_is_refused_in_words(monkeypatch, loader, content, words):
    monkeypatch.setattr(plainyaml, "_LOADER", loader)

    with pytest.raises(ValueError, match="it ") as caught:
        read_yaml(content)

    assert words in str(caught.value)


def test_ten_levels_are_enough_for_anybody():
    assert read_yaml(b"[" * 10 + b"]" * 10) == [[[[[[[[[[]]]]]]]]]]


@given(st.binary(max_size=200) | st.text("[]{}:,-&*!|>'\"#% \nab1~<=?", max_size=60).map(str.encode))
@example(b"<<: 1")
@example(b"a: =")
@example(b"a: " + b"9" * 5000)
@example(b"a: 2026-99-99")
def test_any_bytes_are_plain_data_or_one_sentence(content):
    depth = sys.getrecursionlimit()
    try:
        waiting = [read_yaml(content)]
    except ValueError as error:
        assert str(error).startswith("it ")  # noqa: PT017 - there may be none
    else:
        while waiting:
            one = waiting.pop()
            assert isinstance(one, dict | list | str | Other | None)
            waiting += [*one.values(), *one] if isinstance(one, dict) else one if isinstance(one, list) else []
    assert sys.getrecursionlimit() == depth
