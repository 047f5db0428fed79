"""Playing a case: whatever goes wrong with it, there is an outcome, and it is never `right`."""

from dataclasses import replace

import pytest

import bot.selftest.drill
from bot.cli.wiring_selftest import equip
from bot.core.verdict import Result
from bot.errors import BotError, Reason
from bot.selftest.case import Case, Must
from bot.selftest.drill import play
from bot.selftest.outcome import Mark
from bot.selftest.scene import OTHER_SHA

STALE = Case(
    "stale", "another commit", Must(Result.INVALID, "deployment", "said before the load"), service={"sha": OTHER_SHA}
)


def never(_scene):
    raise BotError(Reason.BUG, "no worker was there")


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (replace(STALE, scenario={"rate": -1}), 'The configuration of the case is wrong: scenario "drill".rate'),
        (replace(STALE, service={"sha": "x"}), "HTTPError"),
        (replace(STALE, later=never), "no worker was there"),
    ],
    ids=["configuration", "service", "injection"],
)
def test_a_case_that_cannot_be_played_is_broken_and_says_why(case, words, tmp_path):
    found = play(case, tmp_path / "case", equip)
    assert (found.mark, found.got) == (Mark.BROKEN, None)
    assert words in found.sentence


def test_a_fault_that_could_not_be_injected_is_no_fault(tmp_path):
    quick = {"rate": 5, "duration": "1s", "warmup": "0s", "slo": {"error_rate": "<= 100%"}}
    case = Case("quick", "", Must(Result.FAIL, "error_rate", ""), scenario=quick, during=never)
    found = play(case, tmp_path / "case", equip)
    assert (found.mark, found.sentence) == (Mark.BROKEN, "The fault could not be injected: no worker was there")


def test_a_verdict_that_cannot_be_repeated_is_wrong(monkeypatch, tmp_path):
    real = bot.selftest.drill.rejudge

    def another(*args):
        record, verdict = real(*args)
        return record, replace(verdict, objectives_sha256="another")

    assert play(STALE, tmp_path / "first", equip).mark is Mark.RIGHT
    monkeypatch.setattr(bot.selftest.drill, "rejudge", another)
    found = play(STALE, tmp_path / "second", equip)
    assert found.mark is Mark.WRONG
    assert "judged again it came to another verdict" in found.sentence


def test_a_load_that_reaches_what_it_must_not_is_wrong_whatever_the_verdict(tmp_path):
    def visited(scene):
        scene.facts["visits"] = 1

    found = play(replace(STALE, later=visited), tmp_path / "case", equip)
    assert found.mark is Mark.WRONG
    assert "reached an address that is not allowed" in found.sentence
