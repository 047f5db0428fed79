"""Measuring again where that is allowed: every attempt is kept whole, and a FAIL is the end."""

import itertools
import json
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.evidence import OTHER, empty, endpoint, failing, load, slow
from support.fakes import FakeStaging, Instead, Killed, at_length, broken, in_turn, raising

from bot.core.record import Outcome, RunKind
from bot.core.verdict import Result
from bot.errors import BotError, Reason
from bot.flows.rejudge import Judging, rejudge

SCENARIOS = 2


def close(plan=None, **changes):
    """As many failures as the limit of 2 %: nobody can tell on which side of it the service is."""
    return load(plan, **({"endpoints": (endpoint(failed=2_400),)} | changes))


MEASURED = {Result.PASS: load, Result.FAIL: slow, Result.INVALID: empty, Result.INCONCLUSIVE: close}


@pytest.fixture
def shop(shop):
    return at_length(shop)


@pytest.fixture
def patient(shop):
    """A shop that measures again, once."""
    shop.plan = replace(shop.plan, retry=1)
    return shop


def measures(shop, *attempts):
    """Each attempt measures what its maker makes; the last one stays."""
    per_read = [make for make in attempts for _ in range(SCENARIOS)]
    shop.load.make = in_turn(*per_read)


def results(record):
    return [(each.number, each.result) for each in record.attempts]


def folder(shop, record):
    return shop.runs.folder(record.run_id).path


def names(path):
    return {each.name for each in path.iterdir()}


def again(shop, record, attempt=None, change=lambda plan: plan):
    return rejudge(Judging(shop.runs, shop.load, shop.digests), record.run_id, change, attempt)


@pytest.mark.parametrize(("first", "result"), [(close, "inconclusive"), (empty, "invalid")])
def test_what_proved_nothing_is_measured_again_and_a_pass_promotes(patient, first, result):
    tested = patient.remote.sha("refs/heads/staging")
    measures(patient, first, load)

    record = patient.run()

    assert record.outcome is Outcome.PROMOTED
    assert results(record) == [(1, result), (2, "pass")]
    assert patient.load.ran == ["load-1k", "more"] * 2
    assert patient.remote.sha("refs/heads/main") == tested == record.candidate.sha


def test_every_attempt_keeps_its_reason_its_checks_and_its_digest(patient):
    measures(patient, close, load)
    record = patient.run()
    first, second = record.attempts
    assert first.reason == next(each.reason for each in first.checks if each.result is Result.INCONCLUSIVE)
    assert {each.scenario for each in first.checks} == {"load-1k", "more"}
    assert (second.reason, second.checks, second.folder) == ("", (), "")
    assert second.evidence_sha256 == record.verdict.evidence_sha256 != first.evidence_sha256
    assert first.started_at <= second.started_at
    assert patient.runs.load(record.run_id).attempts == record.attempts


@pytest.mark.parametrize("make", [slow, failing])
def test_a_failure_is_never_measured_again(patient, make):
    before = patient.remote.refs()
    measures(patient, make, load)
    record = patient.run()
    assert (record.outcome, record.reason_code) == (Outcome.BLOCKED, "slo-failed")
    assert results(record) == [(1, "fail")]
    assert patient.load.ran == ["load-1k", "more"]
    assert patient.remote.refs() == before


def test_a_failure_after_an_invalid_attempt_blocks(patient):
    measures(patient, empty, slow)
    record = patient.run()
    assert record.outcome is Outcome.BLOCKED
    assert results(record) == [(1, "invalid"), (2, "fail")]


def test_after_the_last_attempt_it_is_what_that_one_came_to(patient):
    before = patient.remote.refs()
    measures(patient, close, empty)
    record = patient.run()
    assert (record.outcome, record.reason_code) == (Outcome.INVALID, "measurement-invalid")
    assert results(record) == [(1, "inconclusive"), (2, "invalid")]
    assert patient.remote.refs() == before


def test_nothing_is_measured_again_unless_the_configuration_says_so(shop):
    measures(shop, close, load)
    record = shop.run()
    assert record.outcome is Outcome.INCONCLUSIVE
    assert results(record) == [(1, "inconclusive")]
    assert not list(folder(shop, record).glob("attempt-*"))


def test_a_gate_measures_again_as_well(patient):
    measures(patient, close, load)
    record = patient.run(kind=RunKind.GATE)
    assert (record.outcome, len(record.attempts)) == (Outcome.PASSED, 2)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(Result), min_size=4, max_size=4), st.integers(0, 3))
def test_whatever_is_measured_no_failure_is_repeated_and_no_more_attempts_are_made_than_declared(shop, wanted, retry):
    shop.plan = replace(shop.plan, retry=retry)
    measures(shop, *(MEASURED[each] for each in wanted))
    record = shop.run(kind=RunKind.GATE)
    seen = [each.result for each in record.attempts]
    assert seen == [each.value for each in wanted[: len(seen)]]
    assert len(seen) <= 1 + retry
    assert not {"fail", "pass"} & set(seen[:-1])
    assert (record.outcome is Outcome.PASSED) == (seen[-1] == "pass")


def test_the_files_of_an_attempt_move_aside_and_those_of_the_last_are_the_runs_own(patient):
    texts = itertools.count()

    def write():
        for path in (patient.runs.folder(patient.runs.run_ids()[-1]).path).glob("*.hlog"):
            path.write_text(f"histogram {next(texts)}")

    patient.load.during = write
    measures(patient, close, load)

    record = patient.run()

    own, aside = folder(patient, record), folder(patient, record) / "attempt-1"
    files = {"load-1k.hlog", "load-1k.ndjson", "more.hlog", "more.ndjson", "manifest.json"}
    assert names(aside) == files | {"run.json"}
    assert names(own) == files | {"run.json", "journal.ndjson", "notes.md", "report.md", "attempt-1"}
    assert (own / "more.hlog").read_text() != (aside / "more.hlog").read_text()
    assert json.loads((aside / "manifest.json").read_text())["files"].keys() == files - {"manifest.json"}


def test_the_journal_tells_each_attempt_and_where_its_files_are(patient):
    measures(patient, close, load)
    record = patient.run()
    lines = patient.runs.folder(record.run_id).journal_lines()
    told = [(each["attempt"], each["result"]) for each in lines if each["event"] == "judged"]
    assert told == [(1, "inconclusive"), (2, "pass")]
    (moved,) = [each for each in lines if each["event"] == "set-aside"]
    assert (moved["attempt"], moved["folder"]) == (1, "attempt-1")
    assert moved["evidence"] == record.attempts[0].evidence_sha256
    events = patient.events(record)
    assert events.index("judge") < events.index("attempt 2") < events.index("scenario load-1k (attempt 2)")
    assert len(dict(record.timings)) == len(record.timings)


def test_the_tag_says_how_often_it_was_measured_only_where_that_was_more_than_once(patient):
    measures(patient, close, load)
    first = patient.run()
    patient.remote.commits("staging", ["feat: more"])
    second = patient.run()
    first, second = (patient.remote.git("cat-file", "-p", each.promotion.tag) for each in (first, second))
    assert first.rstrip().endswith("\nAttempts: 2")
    assert "Attempts:" not in second


def test_the_deployment_is_proved_anew_for_each_attempt(patient):
    record = patient.run(staging=FakeStaging(OTHER))
    assert record.outcome is Outcome.PROMOTED
    assert results(record) == [(1, "invalid"), (2, "pass")]
    assert OTHER[:7] in record.attempts[0].reason
    assert names(folder(patient, record) / "attempt-1") == {"manifest.json", "run.json"}


def test_a_commit_that_arrives_between_attempts_is_not_tested(patient):
    tested = patient.remote.sha("refs/heads/staging")
    measures(patient, close, load)
    patient.load.during = partial(patient.remote.commit, "staging", "feat: pushed during the load")
    record = patient.run()
    assert {each.sha for each in record.evidence.scenarios[0].deployment} == {tested}
    assert patient.remote.sha("refs/heads/main") == tested


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt(), "interrupted"), (BotError(Reason.DISK_FULL, "It is full."), "disk-full")]
)
def test_a_measurement_that_is_cut_off_is_not_repeated(patient, error, code):
    patient.load.during = raising(error)
    record = patient.run()
    assert (record.outcome, record.reason_code) == (Outcome.ERROR, code)
    assert patient.load.ran == ["load-1k"]
    assert record.attempts == ()


def test_a_run_that_is_cut_off_in_its_second_attempt_still_has_the_first_and_no_verdict(patient):
    measures(patient, close, load)
    patient.load.during = in_turn(*[lambda: None] * SCENARIOS, raising(KeyboardInterrupt()))
    record = patient.run()
    assert (record.outcome, record.verdict, record.evidence) == (Outcome.ERROR, None, None)
    assert results(record) == [(1, "inconclusive")]
    assert patient.events(record)[-1] == "ended"
    patient.load.make = close
    assert again(patient, record, attempt=1)[1].result is Result.INCONCLUSIVE
    with pytest.raises(BotError, match="did not finish its last attempt"):
        again(patient, record)


def test_a_run_that_is_killed_in_its_second_attempt_is_settled_with_the_first_on_record(patient):
    measures(patient, close, load)
    patient.load.during = in_turn(*[lambda: None] * SCENARIOS, raising(Killed()))
    with pytest.raises(Killed):
        patient.run()
    (killed,) = patient.runs.run_ids()
    patient.load.during = lambda: None

    assert patient.run().outcome is Outcome.PROMOTED

    settled = patient.runs.load(killed)
    assert (settled.outcome, settled.verdict, results(settled)) == (Outcome.ERROR, None, [(1, "inconclusive")])


@pytest.mark.parametrize("where", ["set_aside", "save"])
def test_a_run_that_is_killed_between_attempts_loses_nothing_and_the_next_one_settles_it(patient, where):
    measures(patient, close, load)
    calls = {"set_aside": [raising(Killed())], "save": [patient.runs.save, raising(Killed())]}
    with pytest.raises(Killed):
        patient.run(runs=Instead(patient.runs, **{where: in_turn(*calls[where])}))
    (killed,) = patient.runs.run_ids()
    found = {each.name for each in patient.runs.folder(killed).path.rglob("*")}
    assert {"load-1k.hlog", "load-1k.ndjson", "more.hlog", "more.ndjson", "manifest.json"} <= found

    assert patient.run().outcome is Outcome.PROMOTED

    settled = patient.runs.load(killed)
    assert (settled.outcome, settled.reason_code) == (Outcome.ERROR, "interrupted")
    assert patient.events(killed)[-1] == "ended"


def test_a_disk_that_fails_between_attempts_is_said_and_leaves_no_verdict_without_its_files(patient):
    measures(patient, close, load)
    record = patient.run(runs=Instead(patient.runs, set_aside=broken(Reason.STATE_UNUSABLE)))
    assert (record.outcome, record.reason_code) == (Outcome.ERROR, "state-unusable")
    assert (record.verdict, results(record)) == (None, [(1, "inconclusive")])


def test_judged_again_each_attempt_comes_to_its_own_verdict(patient):
    measures(patient, close, load)
    record = patient.run()
    patient.load.make = in_turn(*[close] * SCENARIOS, *[load] * SCENARIOS, *[load] * SCENARIOS)
    first, second, last = (again(patient, record, attempt)[1] for attempt in (1, 2, None))
    assert first.checks == record.attempts[0].checks
    assert first.evidence_sha256 == record.attempts[0].evidence_sha256
    assert second == last == record.verdict


def test_an_attempt_that_was_spared_its_load_is_judged_again_from_its_record(patient):
    record = patient.run(staging=FakeStaging(OTHER))
    assert again(patient, record, attempt=1)[1].checks == record.attempts[0].checks


def test_an_attempt_that_was_altered_proves_nothing(patient):
    measures(patient, close, load)
    record = patient.run()
    patient.load.make = close
    (folder(patient, record) / "attempt-1" / "more.hlog").write_text("better")
    assert "more.hlog" in again(patient, record, attempt=1)[1].checks[0].reason


def test_an_attempt_whose_own_record_was_exchanged_proves_nothing(patient):
    measures(patient, close, load)
    record = patient.run()
    path = folder(patient, record) / "run.json"
    path.write_text(path.read_text().replace(record.attempts[0].evidence_sha256, "0" * 64))
    patient.load.make = close
    found = again(patient, record, attempt=1)[1]
    assert found.result is Result.INVALID
    assert "another digest for this attempt" in found.checks[0].reason


@pytest.mark.parametrize("number", [0, 3])
def test_an_attempt_that_never_was_is_not_found(patient, number):
    measures(patient, close, load)
    record = patient.run()
    with pytest.raises(BotError, match=f"has no attempt {number}; on record: 1, 2") as caught:
        again(patient, record, attempt=number)
    assert caught.value.reason is Reason.RUN_NOT_FOUND
