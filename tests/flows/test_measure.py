"""What is measured, and what is not any more once the night is decided."""

from functools import partial

import pytest
from support.evidence import load
from support.fakes import at_length

from bot.core.evidence import Abort, Ending
from bot.core.record import Outcome
from bot.core.verdict import Result

STOP = Abort(41.0, "error_rate", None, "sustained", "5,000 requests failed")


@pytest.fixture
def shop(shop):
    return at_length(shop)


def test_once_a_scenario_failed_for_certain_the_rest_is_not_measured(shop):
    shop.load.make = partial(load, ending=Ending.ABORTED, abort=STOP, measured=41.0)
    record = shop.run()
    assert record.outcome is Outcome.BLOCKED
    assert shop.load.ran == ["load-1k"]
    checks = {(check.scenario, check.objective): check for check in record.verdict.checks}
    assert checks["load-1k", "abort"].result is Result.FAIL
    assert checks["more", "completion"].result is Result.INVALID
    assert "not measured: load-1k could no longer pass" in checks["more", "completion"].reason
    assert "5,000 requests failed" in record.reason


@pytest.mark.parametrize(
    ("ending", "ran", "outcome"),
    [
        (
            Ending.COMPLETED,
            ["load-1k", "more"],
            Outcome.PROMOTED,
        ),  # the order came too late, and the whole was measured
        (Ending.DEADLINE, ["load-1k"], Outcome.BLOCKED),  # it did not obey, and the judge calls it failed all the same
    ],
)
def test_only_a_scenario_that_was_cut_short_ends_the_night(shop, ending, ran, outcome):
    shop.load.make = partial(load, ending=ending, abort=STOP)
    record = shop.run()
    assert (shop.load.ran, record.outcome) == (ran, outcome)


def test_the_manifest_says_what_was_stopped(shop):
    shop.load.make = partial(load, ending=Ending.ABORTED, abort=STOP, measured=41.0)
    record = shop.run()
    text = (shop.runs.folder(record.run_id).path / "manifest.json").read_text()
    assert '"aborted": "5,000 requests failed"' in text


def test_every_scenario_has_a_pilot_of_its_own(shop):
    pilots = []
    run = shop.load.run
    shop.load.run = lambda *args, pilot: (pilots.append(pilot), run(*args, pilot=pilot))
    shop.run()
    assert len(set(map(id, pilots))) == 2
