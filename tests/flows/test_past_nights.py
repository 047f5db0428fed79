"""Nights beside each other: what earlier ones showed is part of the evidence, and judged again it says the same."""

import json
from dataclasses import replace
from functools import partial

import pytest
from support.evidence import endpoint, load, slow
from support.fakes import Instead, PlainReports, at_length, broken
from support.histories import P95

from bot.core.record import Outcome, RunKind
from bot.core.verdict import Result
from bot.errors import Reason
from bot.flows.rejudge import Judging, rejudge
from bot.settings.whatif import parse_objectives

LEAST = 2


@pytest.fixture
def shop(shop):
    return at_length(shop)


@pytest.fixture
def relative(shop):
    """A shop whose first scenario must not be slower than 1.2x its baseline, which two nights make."""
    first, second = shop.plan.scenarios
    rule = replace(shop.plan.baseline, least=LEAST)
    shop.plan = replace(shop.plan, scenarios=(replace(first, relative=(P95,)), second), baseline=rule)
    return shop


def slower(by):
    return partial(load, endpoints=(endpoint(median=0.020 * by),))


def gates(shop, count=LEAST):
    """So many passed gates, each of a commit of its own: only the latest run of a commit counts as a night."""
    return [_gate_of_more(shop) for _ in range(count)]


def _gate_of_more(shop):
    record = shop.run(kind=RunKind.GATE)
    shop.remote.commits("staging", ["feat: more"])
    return record


def again(shop, run_id, change=lambda plan: plan):
    return rejudge(Judging(shop.runs, shop.load, shop.digests), run_id, change)[1]


def baselines(record):
    return [check.result for check in record.verdict.checks if "baseline" in check.limit]


def test_the_first_nights_pass_and_say_that_there_is_no_baseline(relative):
    for nights, record in enumerate(gates(relative)):
        assert record.outcome is Outcome.PASSED
        assert [notice.code for notice in record.verdict.notices] == ["no-baseline"]
        assert f"{nights} of at least 2 nights" in record.verdict.notices[0].words
    assert baselines(relative.run()) == [Result.PASS]


def test_a_night_that_is_slower_than_those_before_it_is_blocked_and_never_becomes_one_of_them(relative):
    gates(relative)
    relative.load.make = slower(1.3)
    for _ in range(2):
        record = relative.run()
        assert record.outcome is Outcome.BLOCKED
        assert "1.2x baseline" in record.reason
        assert len(record.evidence.past[0].nights) == LEAST


def test_judged_again_it_is_the_very_same_verdict_whatever_the_history_has_become(relative):
    gates(relative)
    relative.load.make = slower(1.15)
    record = relative.run(kind=RunKind.GATE)
    relative.history.rebuild([])
    assert again(relative, record.run_id) == record.verdict
    assert record.verdict.result is Result.PASS


def test_a_history_that_cannot_be_read_is_no_success_and_no_missing_baseline(relative):
    gates(relative)
    record = relative.run(history=Instead(relative.history, past=broken(Reason.STATE_UNUSABLE)))
    assert record.outcome is Outcome.INVALID
    assert baselines(record) == [Result.INVALID]
    assert record.verdict.notices == ()
    assert ("warning", f"It broke. {Reason.STATE_UNUSABLE.action}") in relative.watcher.steps


def test_without_limits_relative_to_it_a_history_that_cannot_be_read_changes_nothing(shop):
    record = shop.run(history=Instead(shop.history, past=broken(Reason.STATE_UNUSABLE)))
    assert record.outcome is Outcome.PROMOTED


def test_what_if_there_had_been_a_limit_relative_to_history(shop):
    gates(shop, 5)
    shop.load.make = slower(1.3)
    record = shop.run(kind=RunKind.GATE)
    assert record.verdict.result is Result.PASS
    wanted = parse_objectives({"p95": ["< 1.5s", "< 1.2x baseline"]}, "--set")
    assert again(shop, record.run_id, wanted.on).result is Result.FAIL
    generous = parse_objectives({"p95": "< 2x baseline"}, "--set")
    found = again(shop, record.run_id, generous.on)
    assert [check.limit[:13] for check in found.checks if check.objective == "p95"] == ["< 2x baseline"] * 2


def test_a_run_of_an_older_version_is_not_called_altered(shop):
    record = shop.run(kind=RunKind.GATE)
    path = shop.runs.folder(record.run_id).path / "run.json"
    whole = json.loads(path.read_text())
    del whole["evidence"]["schema"], whole["evidence"]["past"]
    path.write_text(json.dumps(whole))
    found = again(shop, record.run_id)
    assert found.result is Result.INVALID
    assert "judged by an older version (evidence 1, this one reads 2)" in found.checks[0].reason
    assert "not the evidence" not in found.checks[0].reason


def nights_of(record):
    (found,) = (each for each in record.nights if (each.scenario, each.objective) == ("load-1k", "p95"))
    return [each.outcome for each in found.points]


def test_the_record_shows_the_nights_before_it_blocked_ones_too_and_one_a_date(shop):
    a_day = 24 * 3600
    shop.run(kind=RunKind.GATE)
    shop.clock.pass_time(a_day)
    shop.load.make = slow
    shop.run()
    shop.clock.pass_time(a_day)
    earlier_tonight = shop.run()
    record = shop.run()
    for one in (earlier_tonight, record, shop.runs.load(record.run_id)):
        assert nights_of(one) == [Outcome.PASSED, Outcome.BLOCKED]


def test_nights_that_cannot_be_read_are_told_and_decide_nothing(shop):
    record = shop.run(history=Instead(shop.history, nights=broken(Reason.STATE_UNUSABLE)))
    assert record.outcome is Outcome.PROMOTED
    assert record.nights is None
    assert shop.runs.load(record.run_id).nights is None
    assert any(text.startswith("Earlier nights cannot be shown: It broke.") for _, text in shop.watcher.steps)


def test_a_run_of_a_version_without_nights_is_still_read(shop):
    record = shop.run(kind=RunKind.GATE)
    path = shop.runs.folder(record.run_id).path / "run.json"
    whole = json.loads(path.read_text())
    del whole["nights"]
    path.write_text(json.dumps(whole))
    assert shop.runs.load(record.run_id).nights == ()


def test_reports_are_prepared_before_the_load_and_failing_at_it_changes_nothing(shop):
    ran_before = []
    shop.run(
        kind=RunKind.GATE, reporter=Instead(PlainReports(), prepare=lambda: ran_before.append(list(shop.load.ran)))
    )
    assert ran_before == [[]]
    record = shop.run(reporter=Instead(PlainReports(), prepare=broken(Reason.DISK_FULL)))
    assert record.outcome is Outcome.PROMOTED
