"""How the demo ends where a night of it ends otherwise than it must."""

from io import StringIO

import pytest
from rich.console import Console

from bot.core.reasons import Exit
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
