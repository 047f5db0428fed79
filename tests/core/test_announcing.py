"""What is said on the host and when: every kind of run and every end of it."""

import dataclasses
import itertools
import re
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.hostile_texts import NAMED
from support.records import (
    SAMPLES,
    backported,
    blocked_slow,
    dry_run,
    error,
    hotfix,
    inconclusive,
    invalid,
    passed_gate,
    promoted,
    refused,
    rewound,
    rolled_back,
    up_to_date,
    weak_generator,
)

from bot.core.announcing import (
    Said,
    after_verdict,
    at_end,
    at_start,
    cause,
    caused_anew,
    is_blocked,
    is_unblocked,
    light_at_end,
    light_of,
)
from bot.core.hosting import CheckState, Light, SeenCheck
from bot.core.reasons import Exit, Reason
from bot.core.record import Outcome, RunKind
from bot.core.verdict import Result

STATUS, DEPLOYMENT, RELEASE, BLOCKED, UNBLOCKED = Said
CAUSE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.,:;?+-]*")


promoted, blocked_slow, invalid, weak_generator = map(cache, (promoted, blocked_slow, invalid, weak_generator))
FEW = {name: SAMPLES[name] for name in ("refused", "up-to-date", "error", "rolled-back", "hotfix", "backported")} | {
    "promoted": promoted,
    "blocked-slow": blocked_slow,
    "invalid": invalid,
}


def hotfix_that_was_tested():
    night = promoted()
    return dataclasses.replace(hotfix(), plan=night.plan, evidence=night.evidence, verdict=night.verdict)


def because(reason, outcome=Outcome.REFUSED):
    return dataclasses.replace(refused(), outcome=outcome, reason_code=reason.code)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (promoted, (STATUS, DEPLOYMENT, RELEASE, UNBLOCKED)),
        (hotfix_that_was_tested, (STATUS, DEPLOYMENT, RELEASE)),
        (hotfix, (STATUS, DEPLOYMENT, RELEASE)),
        (rolled_back, (DEPLOYMENT, RELEASE)),
        (rewound, (DEPLOYMENT,)),
        (blocked_slow, (STATUS, BLOCKED)),
        (inconclusive, (STATUS, BLOCKED)),
        (invalid, (STATUS, BLOCKED)),
        (refused, (STATUS, BLOCKED)),
        (up_to_date, (UNBLOCKED,)),
        (backported, ()),
        (passed_gate, ()),
        (dry_run, ()),
        (error, ()),
    ],
)
def test_each_end_says_this_and_nothing_else(make, said):
    assert at_end(make()) == said


def test_an_error_with_a_candidate_takes_the_pending_status_away_and_opens_no_issue():
    assert at_end(dataclasses.replace(promoted(), outcome=Outcome.ERROR, promotion=None)) == (STATUS,)


@pytest.mark.parametrize("make", FEW.values(), ids=FEW)
def test_a_gate_or_a_back_merge_never_says_anything(make):
    for kind in (RunKind.GATE, RunKind.BACKPORT):
        record = dataclasses.replace(make(), kind=kind)
        assert (at_start(record), after_verdict(record), at_end(record)) == ((), (), ())


def test_only_what_is_about_to_be_measured_is_pending():
    blank = {"outcome": Outcome.ERROR, "reason_code": Reason.INTERRUPTED.code, "verdict": None}

    assert at_start(dataclasses.replace(promoted(), **blank)) == (STATUS,)
    assert at_start(hotfix()) == ()
    assert at_start(rolled_back()) == ()
    assert at_start(error()) == ()


def test_nothing_is_called_judged_without_a_verdict():
    assert after_verdict(promoted()) == (STATUS,)
    assert after_verdict(dataclasses.replace(promoted(), verdict=None)) == ()


# Each reason why a promotion may be refused, by whether it comes again until a person acts.
REFUSALS = [reason for reason in Reason if reason.exit is Exit.REFUSED]
PASSING = {
    Reason.FROZEN,
    Reason.TARGET_MOVED,
    Reason.SOURCE_MOVED,
    Reason.SOURCE_REWRITTEN,
    Reason.LEDGER_MOVED,
    Reason.TAG_EXISTS,
    Reason.APPROVAL_EXPIRED,
    Reason.APPROVAL_MISMATCH,
    Reason.NO_GOOD_RELEASE,
    Reason.MERGE_CONFLICT,
    Reason.MERGE_INEXACT,
    Reason.BACKPORT_UNFINISHED,
}


@pytest.mark.parametrize("reason", REFUSALS, ids=lambda reason: reason.code)
def test_a_refusal_blocks_where_it_comes_again_every_night_until_a_person_acts(reason):
    assert is_blocked(because(reason)) is (reason not in PASSING)


def test_a_freeze_is_no_block_and_ends_none():
    frozen = because(Reason.FROZEN)

    assert at_end(frozen) == (STATUS,)


@pytest.mark.parametrize("kind", [RunKind.HOTFIX, RunKind.ROLLBACK, RunKind.BACKPORT])
@pytest.mark.parametrize("make", FEW.values(), ids=FEW)
def test_what_is_no_promotion_neither_blocks_nor_unblocks(make, kind):
    record = dataclasses.replace(make(), kind=kind)

    assert not is_blocked(record)
    assert not is_unblocked(record)


def test_a_slot_that_is_done_says_nothing_of_the_branch():
    assert at_end(because(Reason.SLOT_DONE, Outcome.UP_TO_DATE)) == ()
    assert at_end(because(Reason.RESUMED, Outcome.UP_TO_DATE)) == ()


# --- lights


def test_success_needs_a_verdict_that_passed_and_a_promotion():
    for make, outcome in itertools.product(FEW.values(), Outcome):
        record = dataclasses.replace(make(), outcome=outcome)
        passed = record.verdict is not None and record.verdict.result is Result.PASS
        assert (light_at_end(record) is Light.SUCCESS) is (passed and outcome is Outcome.PROMOTED)


def test_only_a_failure_is_shown_as_one():
    lights = {result: light_of(dataclasses.replace(promoted().verdict, result=result)) for result in Result}

    assert lights == {
        Result.PASS: Light.SUCCESS,
        Result.FAIL: Light.FAILURE,
        Result.INVALID: Light.ERROR,
        Result.INCONCLUSIVE: Light.ERROR,
    }
    assert light_of(None) is Light.ERROR
    assert light_at_end(blocked_slow()) is Light.FAILURE
    assert light_at_end(hotfix()) is Light.ERROR


# --- causes


def test_a_cause_names_reason_and_objectives_and_nothing_that_changes_from_night_to_night():
    record = blocked_slow()
    tonight = dataclasses.replace(record, run_id="other", started_at="2026-11-22T02:00:00Z", trouble=None)
    slower = tuple(dataclasses.replace(one, observed=9.0, samples=7, reason="x") for one in record.verdict.checks)
    tonight = dataclasses.replace(tonight, verdict=dataclasses.replace(record.verdict, checks=slower))

    assert cause(record) == "slo-failed: load-1k p95"
    assert cause(tonight) == cause(record)


def test_endpoints_that_come_and_go_are_no_new_cause():
    record = blocked_slow()
    failing = next(one for one in record.verdict.checks if one.result is Result.FAIL)
    checks = (*record.verdict.checks, *(dataclasses.replace(failing, endpoint=f"GET /{n}") for n in range(300)))

    assert cause(dataclasses.replace(record, verdict=dataclasses.replace(record.verdict, checks=checks))) == cause(
        record
    )


def test_what_spoils_a_measurement_is_the_cause_and_not_the_objectives_that_it_spoils():
    assert cause(invalid()) == "staging-mismatch: load-1k deployment, load-64k deployment"
    assert cause(weak_generator()) == "measurement-invalid: load-1k generator"


def test_required_checks_that_are_missing_are_the_cause():
    seen = (
        SeenCheck("test", CheckState.SUCCESS, "success", "", None),
        SeenCheck("build", CheckState.OTHER, "skipped", "", None),
        SeenCheck("e2e (linux, 3.11)", CheckState.PENDING, "queued", "", None),
    )
    record = dataclasses.replace(refused(), required_checks=seen, reason_code=Reason.CHECKS_FAILED.code)

    assert cause(record) == "checks-failed: build, e2e ?linux? 3.11?"
    assert cause(refused()) == "not-fast-forward"


def many(names):
    record = blocked_slow()
    failing = next(one for one in record.verdict.checks if one.result is Result.FAIL)
    checks = tuple(dataclasses.replace(failing, scenario=name) for name in names)
    return dataclasses.replace(record, verdict=dataclasses.replace(record.verdict, checks=checks))


def test_causes_that_are_cut_still_tell_what_was_cut_off():
    names = [f"scenario-{number:03d}" for number in range(100)]
    first, second = cause(many(names)), cause(many([*names[:-1], "tail"]))

    assert first != second
    assert first[:150] == second[:150]
    assert len(first) <= 200


@given(st.lists(st.sampled_from(list(NAMED.values())) | st.text(max_size=30), min_size=1, max_size=6))
def test_a_cause_may_stand_in_a_comment_of_html_and_in_a_code_span(names):
    record = many(names)
    found = cause(dataclasses.replace(record, reason_code=names[0] or "x"))

    assert len(found) <= 200
    assert "--" not in found
    assert set(found) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 _.,:;?+-")
    assert cause(many(reversed(names))) == cause(record)


def test_a_change_of_cause_says_from_what_to_what():
    text = caused_anew("slo-failed: load-1k p95", "Now it is blocked by `slo-failed: soak cpu`.")

    assert text.startswith("Until now it was blocked by `slo-failed: load-1k p95`.\n\nNow it is blocked by")


@given(st.sampled_from(list(NAMED.values())) | st.text())
def test_what_was_written_over_our_cause_is_not_repeated(before):
    told = caused_anew(before, "Now.")

    assert told == "Now." or CAUSE.fullmatch(before)
