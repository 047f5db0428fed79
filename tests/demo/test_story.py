"""How the demo ends where a night of it ends otherwise than it must."""

import sys
from io import StringIO

import pytest
from rich.console import Console

from bot.core.reasons import Exit
from bot.demo import story
from bot.demo.stage import Stage
from bot.demo.story import NIGHTS, ending

AS_THEY_MUST = (3, 3, 0)


@pytest.mark.parametrize(
    ("codes", "ends"),
    [
        (AS_THEY_MUST, Exit.OK),
        ((5, 3, 0), Exit.INVALID),
        ((3, 4, 0), Exit.INCONCLUSIVE),
        ((3, 3, 3), Exit.BLOCKED),
        ((3, 1, 1), Exit.OPERATIONAL),
        ((70, 3, 0), Exit.BUG),
        ((-9, 3, 0), Exit.OPERATIONAL),
    ],
    ids=str,
)
def test_the_demo_ends_as_the_first_night_that_ended_otherwise_than_it_must(codes, ends):
    assert ending(codes) is ends


@pytest.mark.parametrize("codes", [(0, 3, 0), (5, 0, 0)], ids=str)
def test_a_bad_build_that_was_promoted_is_what_the_demo_ends_with(codes):
    assert len(codes) == len(NIGHTS)
    assert ending(codes) is Exit.BLOCKED


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        (Exit.OK, ""),
        (Exit.INVALID, "play it again while nothing else runs here"),
        (Exit.INCONCLUSIVE, "play it again while nothing else runs here"),
        (Exit.BLOCKED, "the demo found a fault"),
    ],
)
def test_a_night_that_could_not_be_measured_is_no_fault_but_a_busy_machine(ends, words):
    said = StringIO()
    Stage(Console(file=said, width=200)).ending(ends)
    assert words in said.getvalue()
    assert bool(said.getvalue()) is bool(words)


@pytest.mark.parametrize("on_stderr", [True, False])
def test_what_a_night_prints_stands_among_the_words_of_the_demo(tmp_path, monkeypatch, capfd, on_stderr):
    command = tmp_path / "command"
    command.write_text("#!/bin/sh\necho its report\nexit 3\n")
    command.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(command))
    assert story._promote(tmp_path / "promotion.toml", tmp_path, Stage(Console(stderr=on_stderr))) == 3
    out, err = capfd.readouterr()
    assert ("its report" in out, "its report" in err) == (not on_stderr, on_stderr)
