"""One look tells a slow service from a weak generator."""

import dataclasses

import pytest
from support.extremes import HOSTILE, with_text_everywhere
from support.measured import HEALTHY, WEAK, scenario_evidence, scenario_plan
from support.records import (
    SAMPLES,
    aborted,
    blocked_leak,
    blocked_slow,
    closed,
    distributed,
    inconclusive,
    weak_generator,
)

from bot.core.evidence import Histogram
from bot.render.diagnosis import (
    DOUBTFUL,
    FAILING_SERVICE,
    MISSED,
    NOT_MEASURED,
    OPEN,
    SLOW_SERVICE,
    WEAK_GENERATOR,
    WELL,
    diagnosis,
)


def looks(record):
    return [diagnosis(one, record.verdict) for one in record.evidence.scenarios]


def test_a_slow_service_on_a_punctual_generator():
    slow, *others = looks(blocked_slow())
    assert slow.word == SLOW_SERVICE
    assert slow.words == (
        "service time p99 2.53 s, p95 missed; the generator was on time (lateness p99 2.86 ms, CPU 45 %)."
    )
    assert [other.word for other in others] == [WELL, WELL]


def test_a_weak_generator_before_a_fast_service():
    (look,) = looks(weak_generator())
    assert look.word == WEAK_GENERATOR
    assert look.words == (
        "lateness p99 250 ms, 4,080 arrivals never sent, CPU 100 %, waiting 61 %, lag 117 ms: "
        "response times tell of it, not of the service (service time p99 41.4 ms)."
    )


def test_a_service_that_keeps_every_user_of_the_pool_waiting_is_slow_although_arrivals_were_late():
    plan = scenario_plan()
    stuck = dataclasses.replace(HEALTHY, median=3.0, sigma=0.2, late=0.9, unsent=0.3, lateness=1.5)
    look = diagnosis(scenario_evidence(plan, stuck), None)
    assert look.word == SLOW_SERVICE
    assert "all 2,000 users of the pool were busy, so arrivals waited" in look.words


def test_a_pool_that_a_fast_service_cannot_have_filled_was_held_up_by_the_generator():
    late = dataclasses.replace(HEALTHY, late=0.9, unsent=0.3, lateness=1.5)
    assert diagnosis(scenario_evidence(scenario_plan(), late), None).word == WEAK_GENERATOR


def test_a_service_that_fails_is_told_with_what_it_mostly_says():
    failing, unmeasured = looks(aborted())
    assert failing.word == FAILING_SERVICE
    assert failing.words.startswith("50 % of the requests failed, mostly HTTP 503; the generator was on time")
    assert (unmeasured.word, unmeasured.words) == (NOT_MEASURED, "load-1k could no longer pass.")


def test_other_limits_that_were_missed_are_named():
    *_, soak = looks(blocked_leak())
    assert soak.word == MISSED
    assert soak.words.startswith("memory growth missed; service time p99 41.4 ms")


@pytest.mark.parametrize(
    ("record", "word", "said"),
    [
        (distributed, DOUBTFUL, "workers, rate sent, error rate and 2 more"),
        (inconclusive, OPEN, "p95 could not be decided"),
    ],
)
def test_what_cannot_be_believed_or_decided_is_no_praise(record, word, said):
    (look,) = looks(record())
    assert look.word == word
    assert said in look.words


def test_a_closed_model_has_a_generator_but_no_lateness():
    (look,) = looks(closed())
    assert look.words == "service time p99 41.4 ms; the generator was well (CPU 45 %)."


def test_what_was_not_judged_is_not_well():
    look = diagnosis(scenario_evidence(scenario_plan()), None)
    assert look.word == OPEN
    assert look.words.startswith("not judged; service time p99 41.4 ms")


def test_nothing_measured_is_nothing_well():
    bare = dataclasses.replace(scenario_evidence(scenario_plan()), endpoints=())
    assert diagnosis(bare, None).word == NOT_MEASURED


def test_broken_histograms_are_no_numbers():
    one = scenario_evidence(scenario_plan(), WEAK)
    broken = tuple(
        dataclasses.replace(row, service=Histogram((1, 2), (-1,)), response=Histogram((-5,), (1,)))
        for row in one.endpoints
    )
    assert "service time p99 unknown" in diagnosis(dataclasses.replace(one, endpoints=broken), None).words


@pytest.mark.parametrize("name", SAMPLES)
def test_foreign_names_stay_single_plain_lines(name):
    record = with_text_everywhere(SAMPLES[name](), HOSTILE)
    for one in record.evidence.scenarios if record.evidence else ():
        words = diagnosis(one, record.verdict).words
        assert not set("\x1b\x00\x08\u202e\x07\n") & set(words)
