"""The ledger's history, read step by step: whatever only grows adds up, and whatever does not is lost by somebody."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.core.control import CONTROL_PATH, Control, ControlKind, grown_controls
from bot.core.ledger import grown_note
from bot.core.ledgerlog import is_continued, read_steps
from bot.core.promotion import LedgerEntry
from bot.core.trail import LedgerChange, LedgerStep

LINES = st.lists(st.binary(min_size=1, max_size=4).filter(lambda line: b"\n" not in line), max_size=4)


def entry(number, sha="a" * 40):
    tag = f"release/20261121-0200{number:02}"
    return LedgerEntry(1, "promotion", f"run-{number}", sha, "b" * 40, tag, "pass", "e" * 64, "ada", "2026-11-21")


def step(number, *changes, parents=("p" * 40,)):
    return LedgerStep(f"{number:040x}", parents, "ada", tuple(LedgerChange(*change) for change in changes))


def joined(lines):
    return b"".join(line + b"\n" for line in lines)


@given(LINES, LINES)
def test_lines_after_the_old_ones_continue_them(old, new):
    assert is_continued(joined(old), joined(old + new))
    assert is_continued(joined(old).removesuffix(b"\n"), joined(old + new))


@given(LINES, LINES)
def test_nothing_that_lacks_an_old_line_continues_it(old, new):
    kept = [line for line in old if line in new]
    if kept != old:
        assert not is_continued(joined(old), joined(new))


def test_a_line_that_was_made_longer_is_changed():
    assert not is_continued(b"abc", b"abcd\n")
    assert is_continued(b"abc", b"abc\nd\n")


@given(st.lists(st.sampled_from(["a" * 40, "c" * 40, "d" * 64]), max_size=8))
def test_a_ledger_that_only_grew_gives_its_entries_in_the_order_of_its_commits(shas):
    notes, steps, written = {}, [], []
    for number, sha in enumerate(shas):
        before = notes.get(sha)
        written.append(entry(number, sha))
        notes[sha] = grown_note(before or b"", written[-1])
        steps.append(step(number, (f"{sha[:2]}/{sha[2:]}", before, notes[sha])))

    reading = read_steps(steps)

    assert reading.entries == tuple(written)
    assert (reading.losses, reading.faults) == ((), ())


def test_notes_that_moved_to_another_folder_lost_nothing():
    note = grown_note(b"", entry(1))
    moved = step(2, ("aa/" + "a" * 38, note, None), ("a" * 40, None, note))

    reading = read_steps([step(1, ("aa/" + "a" * 38, None, note)), moved])

    assert (len(reading.entries), reading.losses) == (1, ())


FAN, FLAT = "aa/" + "a" * 38, "a" * 40


def test_a_second_file_of_a_note_hides_nothing_of_the_first_and_is_a_fault():
    note, forged = grown_note(b"", entry(1)), grown_note(b"", replace(entry(1), actor="eve"))

    for first, second in ((FAN, FLAT), (FLAT, FAN)):
        reading = read_steps([step(1, (first, None, note)), step(2, (second, None, forged))])
        assert [each.actor for each in reading.entries] == ["ada", "eve"]
        assert reading.faults == (f"the note under {'a' * 12} has several files: {FAN} and {FLAT}",)


def test_a_second_file_that_says_the_same_is_a_fault_too():
    note = grown_note(b"", entry(1))

    reading = read_steps([step(1, (FAN, None, note)), step(2, (FLAT, None, note))])

    assert (len(reading.entries), len(reading.faults)) == (1, 1)


def test_a_second_file_put_where_the_first_was_taken_away_later_is_a_loss():
    note, forged = grown_note(b"", entry(1)), grown_note(b"", replace(entry(1), actor="eve"))

    steps = [step(1, (FAN, None, note)), step(2, (FLAT, None, forged)), step(3, (FAN, note, None))]
    reading = read_steps(steps)

    assert [each.actor for each in reading.entries] == ["eve"]
    assert [loss.commit for loss in reading.losses] == [f"{3:040x}"]
    assert reading.faults == ()


def test_a_note_that_was_taken_away_is_lost_with_its_entry():
    note = grown_note(b"", entry(1))

    reading = read_steps([step(1, ("a" * 40, None, note)), step(2, ("a" * 40, note, None))])

    assert reading.entries == ()
    assert [(loss.commit, loss.path) for loss in reading.losses] == [(f"{2:040x}", "a" * 40)]


def test_an_entry_put_in_place_of_another_stands_and_the_loss_too():
    first, forged = grown_note(b"", entry(1)), grown_note(b"", replace(entry(1), actor="eve"))

    reading = read_steps([step(1, ("a" * 40, None, first)), step(2, ("a" * 40, first, forged))])

    assert [each.actor for each in reading.entries] == ["eve"]
    assert len(reading.losses) == 1


def test_what_was_taken_away_and_put_back_stands_and_the_loss_too():
    note = grown_note(b"", entry(1))
    taken = step(2, ("a" * 40, note, None))

    reading = read_steps([step(1, ("a" * 40, None, note)), taken, step(3, ("a" * 40, None, note))])

    assert len(reading.entries) == len(reading.losses) == 1


def test_freezes_are_no_entries_and_what_is_neither_is_a_fault():
    freeze = grown_controls(b"", [Control(ControlKind.FREEZE, "2026-11-21T02:00:00Z", "ada", "why")])

    good = read_steps([step(1, (CONTROL_PATH, None, freeze))])
    bad = read_steps(
        [step(1, (CONTROL_PATH, None, b"stop!\n"), ("notes.txt", None, b"x"), ("a" * 40, None, b"lgtm\n"))]
    )

    assert (good.entries, good.faults, good.losses) == ((), (), ())
    assert len(bad.faults) == 3


def test_an_entry_under_another_commit_is_a_fault():
    reading = read_steps([step(1, ("c" * 40, None, grown_note(b"", entry(1))))])

    assert reading.entries == ()
    assert "speaks of commit" in reading.faults[0]
