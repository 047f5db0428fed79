"""The ledger's lines."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.ledger import format_entry, grown_note, in_order, of_prefix, parse_entry, parse_note
from bot.core.promotion import LedgerEntry

SHA = "a" * 40
ENTRY = LedgerEntry(
    schema=1,
    kind="promotion",
    run_id="run-1",
    sha=SHA,
    base="b" * 40,
    tag="release/20261121-020000",
    verdict="pass",
    evidence="e" * 64,
    actor="ada",
    at="2026-11-21T02:00:00Z",
)
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


@given(TEXT, TEXT)
def test_an_entry_is_read_back_as_it_was_written_on_one_line_of_plain_ascii(actor, run_id):
    entry = replace(ENTRY, actor=actor, run_id=run_id)

    line = format_entry(entry)

    assert parse_entry(line.encode()) == entry
    assert line.isascii()
    assert line.isprintable()


def test_the_keys_are_those_of_the_contract_in_their_order():
    keys = "schema kind run_id sha base tag verdict evidence actor at"

    assert list(json.loads(format_entry(ENTRY))) == keys.split()


def test_keys_of_a_later_schema_are_ignored():
    line = json.dumps(json.loads(format_entry(ENTRY)) | {"schema": 2, "colour": "green"})

    assert parse_entry(line.encode()) == replace(ENTRY, schema=2)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"schema": True}, "schema"),
        ({"schema": "1"}, "schema"),
        ({"schema": 0}, "schema"),
        ({"schema": 1.0}, "schema"),
        ({"actor": None}, "actor must be text"),
        ({"tag": 5}, "tag must be text"),
        ({"sha": "a" * 12}, "sha must be a full object id"),
        ({"base": "HEAD"}, "base must be a full object id"),
        ({"actor": "\ud800"}, "actor is not valid Unicode"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_by_name(change, wrong):
    line = json.dumps(json.loads(format_entry(ENTRY)) | change)

    with pytest.raises(ValueError, match=wrong):
        parse_entry(line.encode())


@pytest.mark.parametrize(
    "line", [b"", b"[]", b"{}", b"reviewed by me", b"\xff", b'{"a":1,"a":2}', b"[" * 100_000, b"NaN"]
)
def test_a_line_that_is_no_entry_is_a_value_error(line):
    with pytest.raises(ValueError, match=r".+"):
        parse_entry(line)


@given(st.binary(max_size=200), st.integers(1, 4))
def test_a_note_only_ever_grows(existing, times):
    note = existing
    for number in range(times):
        grown = grown_note(note, replace(ENTRY, run_id=f"run-{number}"))
        assert grown.startswith(note)
        assert len(grown) > len(note)
        note = grown

    tail = note[len(existing) :].strip().split(b"\n")
    assert [parse_entry(line).run_id for line in tail] == [f"run-{number}" for number in range(times)]


def test_a_note_gives_its_entries_oldest_first_and_blank_lines_do_not_matter():
    second = replace(ENTRY, kind="rollback", run_id="run-2")
    note = b"\n" + grown_note(grown_note(b"", ENTRY) + b"\n", second)

    assert parse_note(SHA, note) == (ENTRY, second)


def test_a_foreign_line_in_a_note_is_named_never_skipped():
    with pytest.raises(ValueError, match=f"line 2 of the note under {SHA[:12]} is not an entry"):
        parse_note(SHA, grown_note(b"", ENTRY) + b"looks good to me\n")


def test_an_entry_under_another_commit_is_named():
    with pytest.raises(ValueError, match="speaks of commit aaaaaaaaaaaa"):
        parse_note("c" * 40, grown_note(b"", ENTRY))


@given(st.permutations(range(6)))
def test_entries_are_ordered_by_the_tags_that_always_increase_not_by_clocks(order):
    made = [replace(ENTRY, tag=f"release/20261121-02000{n}", at=f"2026-11-21T02:00:0{9 - n}Z") for n in range(6)]

    assert in_order(made[n] for n in order) == tuple(made)


def test_the_entries_of_a_prefix_are_its_releases_and_the_rewinds_to_them():
    name = "20261121-020000"
    ours, theirs = ENTRY, replace(ENTRY, tag=f"qa/{name}")
    longer = replace(ENTRY, tag=f"release/qa-{name}")
    rewinds = [replace(ENTRY, kind="rollback", tag="", restores=one.tag) for one in (ours, theirs, longer)]
    unnamed = replace(ENTRY, tag="")

    found = of_prefix("release/", [theirs, ours, longer, *rewinds, unnamed])

    assert found == (ours, rewinds[0], unnamed)
