"""Hostile texts through every renderer: what comes out has no more structure than harmless words, and nothing acts."""

import itertools

import pytest
from support.hostile_texts import NAMED, fuzzed
from support.rendering import judge, judge_texts

SEED = 20261121
PARTS = 4
FUZZED = 1000


@pytest.mark.parametrize("name", NAMED)
def test_a_hostile_text_in_every_place_of_a_run_stays_text(name):
    assert judge(itertools.repeat(NAMED[name])) > 10


@pytest.mark.parametrize("part", range(PARTS))
def test_a_thousand_fuzzed_texts_stay_text(part):
    judge_texts(fuzzed(SEED + part), FUZZED // PARTS)


def test_there_are_more_than_sixty_of_them_and_the_fuzzed_ones_repeat_with_their_seed():
    assert len(set(NAMED.values())) > 60
    assert list(itertools.islice(fuzzed(1), 50)) == list(itertools.islice(fuzzed(1), 50))
    assert list(itertools.islice(fuzzed(1), 50)) != list(itertools.islice(fuzzed(2), 50))
