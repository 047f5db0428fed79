"""Tag objects read back: what the bot writes is what is read, whatever stands in between."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.objects import tag_bytes
from bot.core.promotion import TagPlan
from bot.core.tagobject import TagObject, is_armor, parse_tag_object, trailers
from bot.core.tagtext import TagText, tag_message

ARMOR = "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQ==\n-----END SSH SIGNATURE-----\n"
SAID = (("Promoted-Commit", "a" * 40), ("Run-Id", "run-1"), ("Evidence-SHA256", "e" * 64))


def plan(message="Title\n", signature=""):
    return TagPlan("release/20261121-020000", "a" * 40, "bot", "bot@localhost", 1, message, signature)


@given(st.text(max_size=200), st.text(max_size=400), st.sampled_from(["", ARMOR]))
def test_whatever_the_notes_say_the_trailers_are_those_that_were_written(title, notes, signature):
    message = tag_message(TagText(title, notes), SAID)

    read = parse_tag_object(tag_bytes(plan(message, signature)))

    assert (read.message, read.signature) == (message, signature)
    assert trailers(read.message) == SAID
    assert (read.target, read.kind, read.name) == ("a" * 40, "commit", "release/20261121-020000")


@given(st.binary(max_size=300))
def test_nothing_is_too_broken_to_be_read(content):
    assert isinstance(parse_tag_object(content), TagObject)


def test_a_header_that_is_there_twice_counts_once_as_git_reads_it():
    read = parse_tag_object(b"object 1\nobject 2\ntype commit\ntag x\n\nmessage\n")

    assert (read.target, read.message) == ("1", "message\n")


@pytest.mark.parametrize("last", ["Run-Id run-1", "Run-Id: a\nsome prose", "", ": x"])
def test_a_last_paragraph_that_is_not_all_trailers_has_none(last):
    assert trailers(f"Title\n\n{last}\n") == ()


def test_only_a_whole_signature_is_one():
    assert is_armor(ARMOR)
    assert is_armor(ARMOR.replace("SSH", "PGP"))
    for broken in ("", "Signed.\n", ARMOR * 2 + "x", ARMOR[:-1], ARMOR.replace("END SSH", "END PGP"), f"x\n{ARMOR}"):
        assert not is_armor(broken)


def test_a_signature_is_part_of_the_object_and_nothing_else_is_changed_by_it():
    assert tag_bytes(plan(signature=ARMOR)) == tag_bytes(plan()) + ARMOR.encode()
    assert tag_bytes(replace(plan(signature=ARMOR), signature="")) == tag_bytes(plan())
