"""Freezes and quarantines as the ledger keeps them: what is written can be read, and what cannot be read stops."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.control import (
    Control,
    ControlKind,
    Standing,
    format_control,
    grown_controls,
    parse_controls,
    standing,
)
from bot.core.moments import iso

NOW = "2026-11-21T12:00:00Z"
SHA, OTHER = "a" * 40, "b" * 64

FREEZE = Control(ControlKind.FREEZE, "2026-11-21T02:00:00Z", "ada", "release weekend")
UNFREEZE = Control(ControlKind.UNFREEZE, "2026-11-21T03:00:00Z", "bob", "")
QUARANTINE = Control(ControlKind.QUARANTINE, "2026-11-21T04:00:00Z", "ada", "it leaks", sha=SHA)
CLEAR = Control(ControlKind.CLEAR, "2026-11-21T05:00:00Z", "bob", "it was the probe", sha=SHA)
EACH = (FREEZE, UNFREEZE, QUARANTINE, CLEAR)

words = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)
moments = st.datetimes(datetime(1000, 1, 1), timezones=st.just(UTC)).map(iso)  # noqa: DTZ001 - the bound is given naive
ids = st.sampled_from([SHA, OTHER, "0123456789abcdef" * 4, "c" * 40])
common = {"at": moments, "actor": words, "reason": words}
freezes = st.builds(Control, st.just(ControlKind.FREEZE), **common, until=st.none() | moments)
unfreezes = st.builds(Control, st.just(ControlKind.UNFREEZE), **common)
about_commits = st.sampled_from([ControlKind.QUARANTINE, ControlKind.CLEAR])
quarantines = st.builds(Control, about_commits, **common, sha=ids, base=st.none() | ids)
events = freezes | unfreezes | quarantines


def line(event=FREEZE, **changes):
    """The line of an event, altered; a key set to None is left out."""
    told = json.loads(format_control(event)) | changes
    return json.dumps({key: value for key, value in told.items() if value is not None}).encode()


@given(events)
def test_an_event_is_one_line_of_printable_ascii_and_is_read_back_as_it_was(event):
    written = format_control(event)
    assert written.isascii()
    assert written.isprintable()
    assert parse_controls(written.encode()) == (event,)


@given(st.lists(events, max_size=6), st.lists(events, max_size=6))
def test_the_file_only_grows_and_tells_all_events_in_their_order(before, after):
    first = grown_controls(b"", before)
    second = grown_controls(first, after)
    assert second.startswith(first)
    assert parse_controls(second) == (*before, *after)


def test_a_file_whose_last_line_has_no_end_is_continued_on_a_line_of_its_own():
    assert parse_controls(grown_controls(line(), [UNFREEZE])) == (FREEZE, UNFREEZE)


def test_blank_lines_tell_nothing():
    assert parse_controls(b"") == ()
    assert parse_controls(b"\n \n" + line() + b"\n\n") == (FREEZE,)


@pytest.mark.parametrize("event", EACH, ids=lambda event: event.kind)
def test_a_key_that_this_schema_does_not_know_is_passed_over(event):
    assert parse_controls(line(event, colour="green")) == (event,)


@pytest.mark.parametrize("schema", [2, 0, -1, "1", 1.0, True, [1], None])
def test_another_schema_is_understood_by_nobody_here(schema):
    with pytest.raises(ValueError, match=r"line 1 of control\.ndjson is no event: its schema is not 1"):
        parse_controls(line(schema=schema))


@pytest.mark.parametrize(
    ("event", "changes", "wrong"),
    [
        (FREEZE, {"kind": "thaw"}, "thaw"),
        (FREEZE, {"kind": None}, "kind must be text"),
        (FREEZE, {"kind": 5}, "kind must be text"),
        (FREEZE, {"actor": None}, "actor must be text"),
        (FREEZE, {"reason": ["a"]}, "reason must be text"),
        (FREEZE, {"reason": "\ud800"}, "reason is not valid Unicode"),
        (FREEZE, {"until": 5}, "until must be text"),
        (FREEZE, {"sha": SHA}, "freeze knows no sha"),
        (FREEZE, {"base": SHA}, "freeze knows no base"),
        (UNFREEZE, {"until": NOW}, "unfreeze knows no until"),
        (UNFREEZE, {"sha": SHA}, "unfreeze knows no sha"),
        (QUARANTINE, {"until": NOW}, "quarantine knows no until"),
        (QUARANTINE, {"sha": None}, "it names no commit"),
        (QUARANTINE, {"sha": SHA[:12]}, "sha must be a full object id"),
        (QUARANTINE, {"sha": SHA.upper()}, "sha must be a full object id"),
        (QUARANTINE, {"sha": SHA + "\n"}, "sha must be a full object id"),
        (QUARANTINE, {"base": "refs/heads/main"}, "base must be a full object id"),
        (CLEAR, {"until": NOW}, "clear knows no until"),
        (CLEAR, {"sha": None, "base": SHA}, "it names no commit"),
    ],
)
def test_a_line_that_cannot_be_understood_makes_the_file_unreadable(event, changes, wrong):
    content = line() + b"\n" + line(event, **changes) + b"\n"
    with pytest.raises(ValueError, match=r"line 2 of control\.ndjson is no event: ") as caught:
        parse_controls(content)
    assert wrong in str(caught.value)


@pytest.mark.parametrize(
    "moment",
    [
        "", "now", "2026-11-21", "2026-11-21T02:00:00", "2026-11-21T02:00:00+00:00", "2026-11-21 02:00:00Z",
        "2026-11-21T02:00:00.5Z", "2026-11-21T2:00:00Z", "2026-1-21T02:00:00Z", "2026-02-30T02:00:00Z",
        "2026-11-21T25:00:00Z", "2026-11-21t02:00:00z", " 2026-11-21T02:00:00Z", "2026-11-21T02:00:00Z\n",
        "٢٠٢٦-11-21T02:00:00Z", "0999-01-01T00:00:00Z", "12026-11-21T02:00:00Z",
    ],
)  # fmt: skip
@pytest.mark.parametrize("key", ["at", "until"])
def test_a_moment_that_does_not_compare_as_text_is_none(key, moment):
    with pytest.raises(ValueError, match=f"{key} must be a moment such as"):
        parse_controls(line(**{key: moment}))


@given(st.lists(moments, min_size=2, max_size=2))
def test_moments_that_are_read_compare_as_text(two):
    first, second = (parse_controls(line(at=each))[0].at for each in two)
    parsed = [datetime.fromisoformat(each) for each in (first, second)]
    assert (first <= second) == (parsed[0] <= parsed[1])


@pytest.mark.parametrize(
    "content",
    [
        b"freeze", b"[]", b'"freeze"', b"null", b"{}", b"{", line()[:-1], line() + line(), b"\xff" + line(),
        line().replace(b'"ada"', b"NaN"), line()[:-1] + b', "actor": "eve"}', b"[" * 100_000, line() + b"\0",
    ],
)  # fmt: skip
def test_hostile_lines_are_refused_with_their_number(content):
    with pytest.raises(ValueError, match=r"line 1 of control\.ndjson is no event"):
        parse_controls(content)


@given(st.binary(max_size=200))
def test_whatever_stands_in_the_file_only_a_value_error_comes_out(content):
    try:
        parse_controls(content)
    except ValueError as error:
        assert re.match(r"line \d+ of control.ndjson is no event", str(error))  # noqa: PT017 - either is right


@pytest.mark.parametrize(
    "event",
    [
        replace(FREEZE, at="2026-11-21"),
        replace(FREEZE, until="tomorrow"),
        replace(FREEZE, actor="\udcff"),
        replace(FREEZE, sha=SHA),
        replace(QUARANTINE, sha=None),
        replace(QUARANTINE, sha="staging"),
        replace(CLEAR, until=NOW),
    ],
)
def test_what_nobody_could_read_again_is_never_written(event):
    with pytest.raises(ValueError, match=r"."):
        format_control(event)


def test_the_last_word_on_the_line_holds():
    assert standing([FREEZE], NOW).freeze == FREEZE
    assert standing([FREEZE, UNFREEZE], NOW) == Standing()
    again = replace(FREEZE, reason="another")
    assert standing([FREEZE, UNFREEZE, again], NOW).freeze == again
    assert standing([FREEZE, again], NOW).freeze == again


@pytest.mark.parametrize(
    ("until", "stands"), [("2026-11-21T11:59:59Z", False), (NOW, False), ("2026-11-21T12:00:01Z", True), (None, True)]
)
def test_a_freeze_ends_by_itself_at_its_moment(until, stands):
    assert (standing([replace(FREEZE, until=until)], NOW).freeze is not None) is stands


def test_a_freeze_that_is_over_brings_none_before_it_back():
    assert standing([FREEZE, replace(FREEZE, until="2026-11-21T03:00:00Z")], NOW).freeze is None


def test_each_commit_is_quarantined_until_it_is_cleared():
    second = replace(QUARANTINE, sha=OTHER)
    assert standing([QUARANTINE, second], NOW).quarantined == (QUARANTINE, second)
    assert standing([QUARANTINE, second, CLEAR], NOW).quarantined == (second,)
    assert standing([QUARANTINE, CLEAR, QUARANTINE], NOW).quarantined == (QUARANTINE,)
    assert standing([CLEAR, UNFREEZE], NOW) == Standing()


@given(st.lists(events, max_size=12), moments)
def test_what_holds_is_what_a_slow_reading_of_all_events_says(told, now):
    found = standing(told, now)
    about_line = [event for event in told if event.kind in (ControlKind.FREEZE, ControlKind.UNFREEZE)]
    last = about_line[-1] if about_line else None
    frozen = last is not None and last.kind is ControlKind.FREEZE and (last.until is None or last.until > now)
    assert found.freeze == (last if frozen else None)
    for sha in {event.sha for event in told if event.sha}:
        latest = [event for event in told if event.sha == sha][-1]
        held = [event for event in found.quarantined if event.sha == sha]
        assert held == ([latest] if latest.kind is ControlKind.QUARANTINE else [])
