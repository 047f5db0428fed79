"""Tag messages: our trailers are ours alone, whatever the notes say."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.tagtext import TagText, tag_message

TRAILERS = (("Promoted-Commit", "a" * 40), ("Run-Id", "run-1"), ("Evidence-SHA256", "e" * 64), ("Attempts", "2"))
HOSTILE = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.sampled_from(
            [
                "Run-Id: mine",
                "promoted-commit : x",
                "ATTEMPTS: 1",
                "---",
                "--- a",
                "-----BEGIN PGP SIGNATURE-----",
                "",
                "\x1b[31m",
                "a\rRun-Id: b",
            ]
        ),
    ),
    max_size=12,
).map("\n".join)


@given(HOSTILE, HOSTILE)
def test_nothing_in_title_or_notes_looks_like_one_of_our_trailers(title, notes):
    message = tag_message(TagText(title, notes), TRAILERS)

    lines = [
        line
        for line in message.split("\n")
        if re.match(r"\s*(promoted-commit|run-id|evidence-sha256|attempts)\s*:", line, re.IGNORECASE)
    ]
    assert lines == [f"{name}: {value}" for name, value in TRAILERS]


@given(HOSTILE, HOSTILE)
def test_the_trailers_are_the_last_paragraph(title, notes):
    paragraphs = tag_message(TagText(title, notes), TRAILERS).removesuffix("\n").split("\n\n")

    assert paragraphs[-1] == "\n".join(f"{name}: {value}" for name, value in TRAILERS)


@given(HOSTILE, HOSTILE)
def test_no_control_character_and_no_sign_that_git_misreads_gets_into_the_message(title, notes):
    message = tag_message(TagText(title, notes), TRAILERS)

    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", message)
    assert not re.search(r"^(-----BEGIN |---(\s|$))", message, re.MULTILINE)


def test_title_and_notes_are_kept_as_they_are_where_they_do_no_harm():
    message = tag_message(TagText("Nightly Release: 2026-11-21", "### Fixes\n\n- über\tall 👩‍🚀\n"), (("Run-Id", "r"),))

    assert message == "Nightly Release: 2026-11-21\n\n### Fixes\n\n- über\tall 👩‍🚀\n\nRun-Id: r\n"


@pytest.mark.parametrize("notes", ["", "\n\n", " "])
def test_without_notes_title_and_trailers_remain(notes):
    assert tag_message(TagText("", notes), (("Run-Id", "r"),)) == "Release\n\nRun-Id: r\n"
