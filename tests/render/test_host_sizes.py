"""What is said on a host at its largest: no place gets more than it takes, and what is left out is counted."""

import dataclasses
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.extremes import crowded
from support.heralds import NOTES, everything, judge, sizes
from support.measured import SHA, check, nightly_scenarios, scenario_plan, verdict
from support.records import blocked_slow, promoted, trouble

from bot.core.hosting import Blocked, CheckState, Mark, Publication, SeenCheck
from bot.core.verdict import Notice, Result
from bot.render.host_notes import RELEASE_BODY, length, release_body
from bot.render.host_text import bare, clipped, described

crowded, promoted, blocked_slow = map(cache, (crowded, promoted, blocked_slow))

# A sign that grows most when it is made inert, one of four bytes, and ordinary words.
GROWING = ("$" * 5000, "\U0001f525" * 5000, "@a #1 " * 900, "word " * 1000)


def said(record, notes=NOTES):
    return {type(each): each for each in everything(record, notes=notes)}


def with_checks(count, text=""):
    checks = [
        check(
            f"scenario-{n}",
            "p95",
            2.0,
            Result.FAIL if n < 5 else Result.PASS,
            reason=text or "slow",
            endpoint=f"{text}{n}",
        )
        for n in range(count)
    ]
    plan = dataclasses.replace(blocked_slow().plan, scenarios=(*nightly_scenarios(), scenario_plan(text or "x")))
    return dataclasses.replace(
        blocked_slow(), evidence=None, plan=plan, verdict=verdict(*checks), trouble=trouble(nights=400, count=10_000)
    )


def test_five_hundred_checks_are_cut_at_a_row_and_the_rest_is_counted():
    page = said(with_checks(2000))[Mark].page

    rows = [row for row in page.splitlines() if row.startswith("| ")]
    hidden = 2000 - (len(rows) - 2)
    assert f"The gravest checks stand first; {hidden} more, for which this page has no room, are in the report." in page
    assert 500 < len(rows) < 2000
    assert 65_000 < len(page.encode()) <= 65_535
    assert all(row.endswith(" |") for row in rows)
    judge(said(with_checks(500))[Mark])


def test_ten_thousand_commits_are_counted_and_a_few_of_them_named():
    body = said(with_checks(500))[Blocked].body

    assert "10,000 commits came in since then" in body
    assert body.count("\n- [`") == 20
    assert "- and 9980 more" in body


@pytest.mark.parametrize("text", GROWING)
def test_texts_of_any_size_leave_room_for_the_gravest_check(text):
    record = with_checks(200, text)
    suspects = tuple(dataclasses.replace(one, author=text, subject=text) for one in record.trouble.suspects[:200])
    notices = tuple(Notice("x", None, "p95", "y", text) for _ in range(100))
    record = dataclasses.replace(
        record,
        reason=text,
        action=text,
        justification=text,
        actor=text,
        run_id=text,
        notes_title=text,
        repository=dataclasses.replace(record.repository, source=text, target=text),
        trouble=dataclasses.replace(record.trouble, suspects=suspects, since=text),
        verdict=dataclasses.replace(record.verdict, notices=notices),
        required_checks=tuple(SeenCheck(text, CheckState.PENDING, text, "", None) for _ in range(100)),
        plan=dataclasses.replace(record.plan, changed=(text,) * 100),
    )
    found = everything(record)
    for each in found:
        judge(each)
    last, issue = [each for each in found if isinstance(each, Mark)][-1], found[-1]
    assert "| **FAIL** | scenario-0: p95" in last.page
    assert "| **FAIL** | scenario-0: p95" in issue.body


def test_more_of_everything_than_any_page_has_room_for_still_fits():
    for each in everything(crowded()):
        sizes(each)


# --- one line


@given(st.text(), st.integers(min_value=20, max_value=200))
def test_a_line_is_never_longer_than_asked_for(text, limit):
    assert len(bare(text, limit)) <= limit
    assert len(clipped(" ".join(text.split()), limit)) <= limit


def test_a_line_is_cut_between_words():
    assert clipped("one two three four", 12) == "one two…"
    assert clipped("one two", 12) == "one two"
    assert clipped("x" * 40, 12) == f"{'x' * 11}…"


@given(st.text())
def test_what_a_description_ends_with_is_never_cut(text):
    line = described(text, ending=" (3 of 14 checks failed)")

    assert len(line) <= 140
    assert line.endswith(" (3 of 14 checks failed)")
    assert max(line) <= "\uffff"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("git fetch from https://github.com/acme/shop.git failed", "git fetch from github.com/acme/shop.git failed"),
        ("fixes #12, @ada: see www.x.y", "fixes # 12, @ ada: see www .x.y"),
        ("frozen since 2026-11-21T02:00:00Z", "frozen since 2026-11-21 02:00 UTC"),
        ("done :tada: GH-12 !13", "done : tada: GH- 12 ! 13"),
        ("x:a:////y", "x: a: ////y"),
        ("`code` \x1b[31mred", "'code' red"),
    ],
)
def test_a_line_is_readable_and_nothing_in_it_acts(text, shown):
    assert bare(text, 140) == shown


# --- notes


def notes_of(*sections, entry="an entry"):
    parts = ["# Title\n\nsummary\n"]
    for name, count in sections:
        parts.append(f"\n## {name}\n\n" + "".join(f"- {entry} {name} {n}\n" for n in range(count)))
    table = "| Scenario | p95 |\n| --- | ---: |\n" + "".join(f"| s{n} | {n} |\n" for n in range(30))
    return f"{''.join(parts)}\n## Evidence\n\n{table}\n\n[All changes](https://github.com/acme/shop/compare/a...b)\n"


def test_notes_that_fit_are_kept_as_they_are():
    notes = notes_of(("Features", 3), ("Fixes", 2))

    assert release_body(notes, "the end") == notes.removeprefix("# Title\n\n") + "\nthe end\n"


def test_notes_that_do_not_fit_lose_entries_of_the_longest_section_and_say_so():
    notes = notes_of(("Features", 20_000), ("Fixes", 12))
    body = release_body(notes, "the end")

    assert RELEASE_BODY - 200 < length(body) <= RELEASE_BODY
    kept = body.count("an entry Features")
    assert f"an entry Features {kept - 1}\n- … and {20_000 - kept:,} more\n\n## Fixes\n\n" in body
    assert body.count("an entry Fixes") == 12
    assert body.count("\n| s") == 30
    assert body.endswith("\nThe list was cut to fit; the asset `notes.md` has all of it.\n\nthe end\n")
    assert "[All changes](https://github.com/acme/shop/compare/a...b)\n" in body


def test_an_entry_of_several_lines_is_kept_or_left_out_whole():
    entry = "an entry\n  - that breaks this\n  - and that in"
    body = release_body(notes_of(("Breaking", 9000), entry=entry), "the end")

    assert body.count("that breaks this") == body.count("- an entry") == body.count("  - and that in Breaking")


def test_the_rows_of_a_table_are_cut_below_its_head():
    rows = "".join(f"| scenario {n} | {n} |\n" for n in range(20_000))
    body = release_body(f"# T\n\n## Evidence\n\n| S | p95 |\n| --- | --- |\n{rows}\nend\n", "the end")

    assert "## Evidence\n\n| S | p95 |\n| --- | --- |\n| scenario 0 | 0 |\n" in body
    assert "\n\n… and " in body
    assert length(body) <= RELEASE_BODY


def test_notes_without_any_entry_are_left_to_their_file():
    assert release_body("word " * 50_000, "the end") == (
        "The notes are longer than a release may be; the asset `notes.md` has them.\n\nthe end\n"
    )


@given(
    st.lists(
        st.sampled_from(["# x\n", "## y\n", "- z\n", "  - w\n", "| a |\n", "| - |\n", "\n", "text\n", "🔥"]),
        max_size=60,
    ),
    st.integers(min_value=200, max_value=400),
)
def test_notes_of_any_form_fit(parts, limit):
    body = release_body("".join(parts), "the end", limit)

    assert length(body) <= limit
    assert body.endswith("\nthe end\n")


def test_signs_that_count_twice_are_counted_twice():
    body = said(promoted(), notes_of(("Features", 40_000), entry="🔥🔥🔥"))[Publication]

    sizes(body)
    assert body.sha == SHA
