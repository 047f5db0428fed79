"""junit.xml: one case per check, and nothing unproven looks like a pass."""

import xml.etree.ElementTree as ET

import pytest
from support.extremes import crowded, hostile
from support.records import SAMPLES, blocked_slow, error, inconclusive, invalid, promoted, refused, up_to_date
from support.snapshots import check_snapshot

from bot.core.verdict import Result
from bot.render.junit import render_junit


def parsed(record):
    return ET.fromstring(render_junit(record).encode())


@pytest.mark.parametrize("name", SAMPLES)
def test_every_kind_of_run_reads_as_its_snapshot(name):
    check_snapshot(f"junit-{name}.xml", render_junit(SAMPLES[name]()))


@pytest.mark.parametrize("make", [*SAMPLES.values(), crowded, hostile])
def test_each_check_is_a_case_and_only_a_pass_is_a_pass(make):
    record = make()
    checks = record.verdict.checks if record.verdict else ()
    root = parsed(record)
    assert len(list(root.iter("testcase"))) == max(len(checks), 1)
    passed = [case for case in root.iter("testcase") if not len(case)]
    assert len(passed) == sum(check.result is Result.PASS for check in checks)


def test_the_counts_are_those_of_the_cases():
    for make in SAMPLES.values():
        root = parsed(make())
        for suite in (root, *root.iter("testsuite")):
            assert int(suite.get("tests")) == len(list(suite.iter("testcase")))
            assert int(suite.get("failures")) == len(list(suite.iter("failure")))
            assert int(suite.get("errors")) == len(list(suite.iter("error")))


def test_a_failure_carries_the_numbers_and_the_sentence():
    failure = next(parsed(blocked_slow()).iter("failure"))
    assert "1.15× the limit" in failure.get("message")  # noqa: RUF001 - as the report says it
    assert failure.text.startswith("load-1k, all endpoints: p95 < 1.5s failed")


@pytest.mark.parametrize(("make", "kind"), [(invalid, "invalid"), (inconclusive, "inconclusive")])
def test_what_proves_nothing_is_an_error(make, kind):
    assert {found.get("type") for found in parsed(make()).iter("error")} == {kind}


@pytest.mark.parametrize(("make", "kind"), [(refused, "not-fast-forward"), (error, "remote-unreachable")])
def test_a_run_that_ended_before_any_check_is_an_error_of_its_own(make, kind):
    assert [found.get("type") for found in parsed(make()).iter("error")] == [kind]


def test_nothing_to_promote_is_skipped_not_passed():
    assert len(list(parsed(up_to_date()).iter("skipped"))) == 1


def test_a_push_that_was_refused_after_passing_checks_is_not_all_green():
    import dataclasses  # noqa: PLC0415 - only here

    from bot.core.record import Outcome  # noqa: PLC0415 - only here

    record = dataclasses.replace(promoted(), outcome=Outcome.REFUSED, reason_code="target-moved", promotion=None)
    assert [found.get("type") for found in parsed(record).iter("error")] == ["target-moved"]


def test_every_suite_says_where_the_evidence_is():
    for suite in parsed(promoted()).iter("testsuite"):
        assert "load-1k.hlog" in suite.find("system-out").text
