"""What is judged again must be what was judged."""

from dataclasses import replace

import pytest
from support import records

from bot.core.authenticity import altered, disorder, disowned, other_version
from bot.core.evidence import SCHEMA
from bot.core.verdict import Result

WHOLE = records.blocked_slow()


def planning(*scenarios):
    return replace(WHOLE, plan=replace(WHOLE.plan, scenarios=scenarios))


def measuring(*scenarios):
    return replace(WHOLE, evidence=replace(WHOLE.evidence, scenarios=scenarios))


def test_a_record_as_it_was_written_is_in_order():
    assert disorder(WHOLE) is None


@pytest.mark.parametrize(
    "record",
    [
        planning(*WHOLE.plan.scenarios[1:]),
        planning(*WHOLE.plan.scenarios, *WHOLE.plan.scenarios),
        measuring(*WHOLE.evidence.scenarios, *WHOLE.evidence.scenarios),
        measuring(*reversed(WHOLE.evidence.scenarios)),
        measuring(),
        replace(planning(), evidence=measuring().evidence),
        replace(WHOLE, verdict=None),
    ],
)
def test_a_record_that_contradicts_itself_is_not(record):
    assert disorder(record)


def test_a_disowned_verdict_is_invalid_and_not_even_a_failure_stands():
    assert WHOLE.verdict.result is Result.FAIL
    found = disowned(WHOLE.verdict, altered(("its files changed", "its limits changed")))
    assert found.result is Result.INVALID
    assert {check.result for check in found.checks} == {Result.INVALID}
    assert found.checks[0].objective == "evidence"
    assert found.checks[0].reason == (
        "run: this is not the evidence that was judged: its files changed; its limits changed."
    )
    assert all("this is not the evidence that was judged" in check.reason for check in found.checks)


@pytest.mark.parametrize(("schema", "age"), [(SCHEMA - 1, "an older"), (SCHEMA + 1, "a newer")])
def test_a_verdict_of_another_version_says_so_instead_of_suspecting_anybody(schema, age):
    found = disowned(WHOLE.verdict, other_version(schema))
    why = f"it was judged by {age} version (evidence {schema}, this one reads {SCHEMA})"
    assert found.result is Result.INVALID
    assert found.checks[0].reason == f"run: {why}, so what was judged cannot be repeated."
    assert all(why in check.reason for check in found.checks)
    assert not any("not the evidence" in check.reason for check in found.checks)
