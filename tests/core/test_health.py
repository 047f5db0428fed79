"""Whether the load processes were well: a weak generator is named, with process, number and limit."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.evidence import closed, evidence, failing, health, load, load_plan, slow

from bot.core.evidence import GeneratorHealth, HealthSample
from bot.core.generator import generator_limit, judge_generator, pace, rate_sent
from bot.core.health import SIGNS, ailment, believed, readings, well_being
from bot.core.judge import judge
from bot.core.loadplan import GeneratorLimits, Workers
from bot.core.verdict import Result


def ill(**changes):
    return load(health=(health(**changes),))


def results(scenario):
    return {check.objective: check.result for check in judge(evidence(scenario, proof=False))}


def test_processes_that_were_well_are_told_in_numbers():
    assert ailment(load()) is None
    assert well_being(load()) == "CPU 40 %, waiting 0.2 %, throttling 0 %, lag 2 ms, files 2 %"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cpu": 0.97}, "load process main used 97 % of a core (p95 of its seconds); at most 90 % can be believed"),
        ({"wait": 0.61}, "waited 61 % of the time for a core; at most 50 %"),
        ({"throttled": 0.1}, "was throttled 10 % of the time; at most 2 %"),
        ({"lag": 0.3}, "was stuck for 300 ms at a time (p95 of its seconds); at most 50 ms"),
        ({"files": 0.95}, "had 95 % of the files open that it may; at most 90 %"),
    ],
)
def test_every_ailment_names_process_number_and_limit(changes, words):
    scenario = ill(**changes)
    assert words in ailment(scenario)
    finding = judge_generator(pace(scenario))
    assert finding.result is Result.INVALID
    assert words in finding.words


def test_limits_are_those_of_the_plan():
    patient = replace(load_plan(), generator=GeneratorLimits(lag=1.0, wait=0.9))
    assert ailment(load(patient, health=(health(lag=0.3, wait=0.61),))) is None


def test_one_ill_process_of_many_is_enough():
    plan = replace(load_plan(), workers=Workers(local=2))
    both = (health(process="worker-1"), health(process="worker-2", cpu=0.99))
    assert "load process worker-2 used 99 %" in ailment(load(plan, health=both))
    assert "only 1 of 2 load processes" in ailment(load(plan, health=both[:1]))


def test_a_bad_second_now_and_then_is_no_ailment():
    samples = list(health().samples)
    samples[7] = replace(samples[7], cpu=1.0, lag=5.0)
    assert ailment(load(health=(GeneratorHealth("main", tuple(samples)),))) is None


def test_what_is_not_on_record_is_no_success():
    assert "not on record" in ailment(load(health=()))
    silent = GeneratorHealth("main", health().samples[:113])
    assert "load process main fared is on record for only 113 of 120 s" in ailment(load(health=(silent,)))
    assert ailment(load(health=(GeneratorHealth("main", health().samples[:114]),))) is None


def test_what_the_system_does_not_tell_is_said_and_is_no_ailment():
    scenario = ill(wait=None, throttled=None)
    assert ailment(scenario) is None
    assert judge_generator(pace(scenario)).words.endswith("this system does not tell of its waiting, throttling)")


def test_a_reading_that_was_lost_for_a_while_is_an_ailment():
    some = tuple(replace(each, wait=None) if number % 4 else each for number, each in enumerate(health().samples))
    assert "waiting of the load process main is on record for only 30" in ailment(
        load(health=(GeneratorHealth("main", some),))
    )


def test_a_starved_generator_makes_latency_and_rate_invalid_but_errors_stand():
    found = results(failing(health=(health(wait=0.61),)))
    assert found["error_rate"] is Result.FAIL
    assert {found[name] for name in ("p95", "p99", "generator")} == {Result.INVALID}
    assert "waited 61 %" in rate_sent(ill(wait=0.61))


def test_not_even_an_exhausted_pool_lets_service_times_of_a_starved_generator_convict():
    scenario = slow(health=(health(cpu=0.99),))
    crowded = replace(scenario, arrivals=replace(scenario.arrivals, pool_peak=500, unsent=5_000, started=115_000))
    assert results(crowded)["p95"] is Result.INVALID


def test_the_closed_model_has_a_check_of_its_generator():
    assert generator_limit(closed().plan, pace(closed())) == "well"
    assert judge_generator(pace(closed())).words.startswith("the generator was well (CPU 40 %")
    assert results(closed())["generator"] is Result.PASS
    found = results(closed(health=(health(wait=0.61),)))
    assert (found["generator"], found["p95"]) == (Result.INVALID, Result.INVALID)


READING = st.none() | st.floats() | st.floats(0, 2)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.builds(HealthSample, st.floats(), READING, READING, READING, READING, READING, st.none())))
def test_no_reading_can_break_the_check(samples):
    scenario = load(health=(GeneratorHealth("\x1b[31m", tuple(samples)),))
    finding = judge_generator(pace(scenario))
    assert "\x1b" not in finding.words


def test_every_sign_of_a_process_is_read_against_its_limit():
    read = dict(zip(SIGNS, readings(health(cpu=0.97, lag=None), GeneratorLimits()), strict=True))
    assert (read["CPU"].observed, read["CPU"].most, read["CPU"].is_well) == ("97 %", "90 %", False)
    assert (read["waiting"].is_well, read["lag"]) == (True, None)
    assert believed(GeneratorLimits(lag=0.2))[SIGNS.index("lag")] == "200 ms"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_a_process_is_ill_exactly_where_one_of_its_readings_is(shares):
    samples = tuple(HealthSample(n + 1.0, share, 0.0, 0.0, 0.0, 0.0, 1) for n, share in enumerate(shares))
    process = GeneratorHealth("main", samples)
    one = load(health=(process,), measured=float(len(shares)))
    assert (ailment(one) is None) == all(found.is_well for found in readings(process, one.plan.generator) if found)


@pytest.mark.parametrize("missing", ["cpu", "lag"])
def test_what_every_system_tells_must_be_on_record(missing):
    sign = {"cpu": "CPU", "lag": "lag"}[missing]
    assert ailment(ill(**{missing: None})) == f"the {sign} of the load process main is not on record"


def test_the_same_seconds_told_again_and_again_are_no_others():
    third = health().samples[:40]
    assert "on record for only 40 of 120 s" in ailment(load(health=(GeneratorHealth("main", third * 3),)))


def test_seconds_that_are_missing_in_a_row_are_named():
    plan = load_plan(duration=900.0)
    samples = tuple(each for each in health(900.0).samples if not 300 < each.at <= 310)
    scenario = load(plan, health=(GeneratorHealth("main", samples),), measured=900.0)
    assert "main fared is not on record from 300 s to 311 s" in ailment(scenario)


@given(st.lists(st.floats(0.0, 0.74), min_size=120, max_size=120))
def test_samples_that_come_late_on_a_starved_machine_still_count(delays):
    samples = tuple(replace(each, at=each.at + by) for each, by in zip(health().samples, delays, strict=True))
    assert ailment(load(health=(GeneratorHealth("main", samples),))) is None


def test_every_planned_process_must_be_on_record_by_its_name():
    plan = replace(load_plan(), workers=Workers(local=1, remote=1))
    names = ("main", "worker-1"), ("worker-1", "worker-1"), ("far:worker-2", "main")
    for two in names:
        assert "fared is not on record" in ailment(load(plan, health=tuple(health(process=name) for name in two)))
    both = (health(process="worker-1"), health(process="far:worker-2"))
    assert ailment(load(plan, health=both)) is None
    assert ailment(load(health=(health(process="worker-1"),))) == "how load process main fared is not on record"
