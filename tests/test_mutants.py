"""The table of mutants: each still applies to the source, and its tests are there. `scripts/mutants` runs them."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from mutation.table import mutants  # noqa: E402 - it lies beside the scripts

MUTANTS = {mutant.name: mutant for mutant in mutants()}


def test_there_are_at_least_forty():
    assert len(MUTANTS) >= 40


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_still_applies_to_the_source_and_stays_python(name):
    mutant = MUTANTS[name]

    broken = mutant.applied_to((ROOT / mutant.file).read_text("utf-8"))

    compile(broken, mutant.file, "exec")
    assert all((ROOT / test.partition("::")[0]).exists() for test in mutant.tests)
