"""The long run of crashes and races by name: rows are chosen, counted meanwhile, and shown when it is cut off."""

import sys
from pathlib import Path
from threading import Event

import pytest
from support.chaos import Crashes


@pytest.fixture
def long_run(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "scripts"))
    from benchmarks import chaos  # noqa: PLC0415 - found only now

    yield chaos
    for name in [each for each in sys.modules if each.partition(".")[0] == "benchmarks"]:
        del sys.modules[name]


def case(**facts):
    return {"story": "promote", "point": "before push", "fault": "SIGKILL", "restarts": 1, "violations": ()} | facts


def piece(long_run, *cases, wait=None, error=None):
    """One piece of the row `SIGKILL at every point` that comes to those cases, or ends as that error does."""

    def play():
        if wait:
            assert wait.wait(60)
        if error:
            raise error
        return Crashes(("before push",), cases)

    return long_run.Piece("promote in world 0", play, {"SIGKILL": "SIGKILL at every point"})


def test_rows_are_chosen_by_their_name_or_by_how_it_begins(long_run):
    assert long_run.chosen([]) == long_run.NAMES
    assert long_run.chosen(["SIGKILL at any moment"]) == ("SIGKILL at any moment",)
    assert long_run.chosen(["race over", "two"]) == ("two crashes", "race over HTTP")
    assert len(long_run.chosen(["SIGKILL"])) == 3
    with pytest.raises(ValueError, match="no 'rice'"):
        long_run.chosen(["race", "rice"])


def test_it_may_be_done_in_parts_by_flow_and_by_world(long_run):
    stories = long_run.chosen(["rew", "hotfix"], tuple(long_run.STORIES))
    extent = long_run.Extent(0.02, begin=40, stories=stories)
    pieces = [piece.name for piece in long_run._pieces(["disk full at every point"], extent)]
    assert pieces == ["hotfix in world 40", "rewind in world 40", "hotfix in world 41", "rewind in world 41"]
    drawn = [piece.name for piece in long_run._pieces(["two crashes"], extent)]
    assert drawn == ["hotfix, draw 40", "rewind, draw 41"]


def test_every_case_counts_in_the_row_of_its_fault_and_a_violation_misses_the_promise(long_run, monkeypatch, capsys):
    pieces = [piece(long_run, case(), case(restarts=2)), piece(long_run, case(violations=("two tags",)))]
    monkeypatch.setattr(long_run, "_pieces", lambda *_: pieces)
    (row,) = long_run.rows(only=["SIGKILL at every point"])
    assert (row.what, row.measured, row.promise) == ("SIGKILL at every point", "3 cases", "0 violations: 1")
    assert row.kept is False
    assert "two tags" in row.beside
    assert "at most 2 restarts" in row.beside
    assert "2 of 2 pieces, 3 cases, 1 violations" in capsys.readouterr().err


def test_a_piece_that_cannot_be_played_is_a_violation_and_the_others_count(long_run, monkeypatch):
    pieces = [piece(long_run, case()), piece(long_run, error=AssertionError("it died"))]
    monkeypatch.setattr(long_run, "_pieces", lambda *_: pieces)
    (row,) = long_run.rows(only=["SIGKILL at every point"])
    assert (row.kept, row.promise) == (False, "0 violations: 1")
    assert "it died" in row.beside


def test_an_interrupt_shows_what_was_counted_and_claims_nothing(long_run, monkeypatch):
    counted = Event()
    told = long_run.Tally.end_piece
    monkeypatch.setattr(long_run.Tally, "end_piece", lambda tally, name: (told(tally, name), counted.set()))
    pieces = [piece(long_run, case()), piece(long_run, wait=counted, error=KeyboardInterrupt())]
    monkeypatch.setattr(long_run, "_pieces", lambda *_: pieces)
    (row,) = long_run.rows(only=["SIGKILL at every point"])
    assert (row.measured, row.kept) == ("1 cases", None)
    assert "cut off: 1 of 2 pieces" in row.beside
