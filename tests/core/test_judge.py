import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.evidence import (
    CANDIDATE,
    ECHO,
    LOAD_OBJECTIVES,
    OTHER,
    arrivals,
    at_least,
    at_most,
    below,
    closed,
    empty,
    endpoint,
    evidence,
    failing,
    leaking,
    load,
    load_plan,
    lognormal,
    proof,
    series,
    slow,
    soak,
)

from bot.core.evidence import (
    ArrivalEvidence,
    DeploymentObservation,
    Ending,
    EndpointEvidence,
    Evidence,
    Histogram,
    ProofPhase,
    ResourceSample,
    ResourceSeries,
    ScenarioEvidence,
)
from bot.core.judge import judge, verdict
from bot.core.limits import Comparison, Limit, Unit
from bot.core.loadplan import ClosedModel, Objective, OpenModel, ScenarioKind, ScenarioPlan
from bot.core.verdict import Result, worst


def the(objective, scenario, name=None, **night):
    """The one check of that objective."""
    (found,) = [
        check for check in judge(evidence(scenario, **night)) if check.objective == objective and check.endpoint == name
    ]
    return found


def results(scenario, **night):
    return {check.objective: check.result for check in judge(evidence(scenario, **night))}


def outcome(*scenarios, **night):
    return verdict(evidence(*scenarios, **night), evidence_sha256="e", objectives_sha256="o").result


# --- the whole night


@pytest.mark.parametrize("scenario", [load(), closed(), soak(), soak(16.0, 0.5), soak(16.0, 1.0)])
def test_a_healthy_night_passes(scenario):
    assert set(results(scenario).values()) == {Result.PASS}
    assert outcome(scenario) is Result.PASS


@pytest.mark.parametrize(
    ("scenario", "objective"),
    [
        (slow(), "p95"),
        (failing(), "error_rate"),
        (leaking(), "memory_growth"),
        (leaking(16.0, 1.0), "memory_growth"),
        (leaking(16.0, 0.5), "memory_growth"),
    ],
)
def test_a_bad_build_fails_by_name(scenario, objective):
    assert results(scenario)[objective] is Result.FAIL
    assert outcome(load(), scenario) is Result.FAIL


def test_the_verdict_carries_its_digests():
    made = verdict(evidence(load()), evidence_sha256="e" * 64, objectives_sha256="o" * 64)
    assert (made.evidence_sha256, made.objectives_sha256) == ("e" * 64, "o" * 64)
    assert made.result is worst(made.checks)


def test_no_scenario_is_no_success():
    assert outcome() is Result.INVALID


def test_a_scenario_without_objectives_is_no_success():
    assert outcome(load(load_plan(()))) is Result.INVALID


def test_a_healthy_scenario_cannot_pay_for_a_bad_one():
    assert outcome(load(), slow(), load()) is Result.FAIL
    assert outcome(load(), empty(), load()) is Result.INVALID
    assert outcome(empty(), slow()) is Result.FAIL


def test_nothing_done_is_never_a_pass():
    found = results(empty())
    assert found["requests"] is Result.INVALID
    assert {found[key] for key in ("error_rate", "p95", "p99")} == {Result.INVALID}


def test_the_cause_comes_first_in_an_invalid_night():
    assert judge(evidence(load(ending=Ending.CRASHED)))[0].objective == "completion"
    assert judge(evidence(load(deployment=())))[0].objective == "deployment"
    never_began = {"ending": Ending.LOCUSTFILE_ERROR, "measured": 0.0}
    assert judge(evidence(load(deployment=(), **never_began)))[0].objective == "completion"
    assert judge(evidence(load(deployment=proof(sha=OTHER), **never_began)))[0].objective == "deployment"
    unanswered = (replace(proof()[0], sha=None, error="connection refused"),)
    not_sent = {"ending": Ending.NOT_RUN, "measured": 0.0}
    assert judge(evidence(load(deployment=unanswered, **not_sent)))[0].objective == "deployment"


# --- latency


def quantile(key, limit, histogram, name=None):
    whole = EndpointEvidence(ECHO, histogram.total, 0, (), histogram, histogram)
    return the(key, load(load_plan((Objective(key, limit, name),)), endpoints=(whole,)), name)


@pytest.mark.parametrize("key", ["p50", "p90", "p95", "p99", "p99_9", "p99.9"])
def test_every_quantile_is_judged(key):
    histogram = lognormal(100_000, 0.02)
    assert quantile(key, below(5.0), histogram).result is Result.PASS
    assert quantile(key, below(0.001), histogram).result is Result.FAIL


def test_a_quantile_exactly_at_its_limit_depends_on_the_comparison():
    at_limit = Histogram((1_000,), (10_000,))
    assert quantile("p95", below(0.001), at_limit).result is Result.FAIL
    assert quantile("p95", at_most(0.001), at_limit).result is Result.PASS


def test_a_straddled_limit_is_inconclusive_and_says_what_would_settle_it():
    check = quantile("p95", below(1.4), lognormal(300, 0.5))
    assert check.low < 1.4 < check.high
    assert check.result is Result.INCONCLUSIVE
    assert "requests would settle it" in check.reason


def test_a_hundred_requests_cannot_pass_a_p99():
    check = quantile("p99", below(1.5), lognormal(100, 0.02))
    assert check.result is Result.INCONCLUSIVE
    assert check.high is None
    assert "no upper bound" in check.reason


def test_a_hundred_requests_can_fail_a_p99():
    assert quantile("p99", below(0.001), lognormal(100, 0.02)).result is Result.FAIL


def test_the_open_model_is_judged_by_response_time():
    slow_response = replace(endpoint(), response=lognormal(120_000, 2.0))
    assert results(load(endpoints=(slow_response,)))["p95"] is Result.FAIL
    slow_service = replace(endpoint(), service=lognormal(120_000, 2.0))
    assert results(load(endpoints=(slow_service,)))["p95"] is Result.PASS


def test_the_closed_model_is_judged_by_service_time():
    slow_service = replace(endpoint(), service=lognormal(120_000, 2.0))
    assert results(closed(endpoints=(slow_service,)))["p95"] is Result.FAIL


def test_all_endpoints_count_together_and_each_alone():
    plan = load_plan(
        (
            Objective("p95", below(1.5)),
            Objective("p95", below(1.5), "GET /fast"),
            Objective("p95", below(1.5), "GET /slow"),
        )
    )
    mixed = load(plan, endpoints=(endpoint("GET /fast", 110_000), endpoint("GET /slow", 10_000, median=4.0)))
    assert the("p95", mixed).result is Result.FAIL
    assert the("p95", mixed).samples == 120_000
    assert the("p95", mixed, "GET /fast").result is Result.PASS
    assert the("p95", mixed, "GET /slow").result is Result.FAIL


@pytest.mark.parametrize("key", ["p95", "error_rate"])
@pytest.mark.parametrize("endpoints", [(), (endpoint("GET /other"),), (endpoint("GET /a", 0), endpoint())])
def test_a_missing_endpoint_is_invalid(key, endpoints):
    plan = load_plan((Objective(key, below(1.5, Unit.SHARE), "GET /a"),))
    check = the(key, load(plan, endpoints=endpoints), "GET /a")
    assert check.result is Result.INVALID
    assert "no such requests" in check.reason or "no request was recorded" in check.reason


def test_a_histogram_that_contradicts_itself_is_invalid():
    broken = replace(endpoint(), response=Histogram((1, 2), (120_000,)))
    assert results(load(endpoints=(broken,)))["p95"] is Result.INVALID


# --- the generator


def test_a_generator_that_lagged_makes_latency_invalid_even_where_it_looks_bad():
    lagging = arrivals(unsent=5_000)
    for scenario in (load(arrivals=lagging), slow(arrivals=lagging)):
        found = results(scenario)
        assert found["p95"] is found["p99"] is found["generator"] is Result.INVALID
        assert found["error_rate"] is Result.PASS
    assert "generator could not keep up" in the("p95", slow(arrivals=lagging)).reason


def test_late_sends_make_latency_invalid():
    assert results(load(arrivals=arrivals(lateness=0.5)))["p95"] is Result.INVALID


def test_a_pool_that_waited_for_a_slow_service_lets_the_failure_stand():
    check = the("p95", slow(arrivals=arrivals(unsent=5_000, pool_peak=500)))
    assert check.result is Result.FAIL
    assert "by service time alone" in check.reason


def test_a_pool_too_small_for_a_good_service_is_invalid_and_named():
    check = the("p95", load(arrivals=arrivals(unsent=5_000, pool_peak=500)))
    assert check.result is Result.INVALID
    assert "all 500 users of its pool" in check.reason


def test_slow_responses_of_an_exhausted_pool_convict_nobody_by_themselves():
    queued = replace(endpoint(), response=lognormal(120_000, 5.0))
    exhausted = arrivals(unsent=5_000, pool_peak=500)
    assert results(load(endpoints=(queued,), arrivals=exhausted))["p95"] is Result.INVALID


@pytest.mark.parametrize(("unsent", "result"), [(1_200, Result.PASS), (1_201, Result.FAIL)])
def test_the_rate_is_what_was_really_sent(unsent, result):
    plan = load_plan((Objective("rate", at_least(0.99)),))
    check = the("rate", load(plan, arrivals=arrivals(unsent=unsent)))
    assert check.result is result
    assert check.low == check.observed == check.high


@pytest.mark.parametrize("given", [None, arrivals(0)])
def test_a_rate_of_nothing_is_invalid(given):
    plan = load_plan((Objective("rate", at_least(0.99)),))
    assert the("rate", load(plan, arrivals=given)).result is Result.INVALID


# --- errors


@pytest.mark.parametrize(
    ("failed", "result"),
    [(0, Result.PASS), (2_200, Result.PASS), (2_400, Result.INCONCLUSIVE), (2_600, Result.FAIL)],
)
def test_error_rates_are_judged_by_their_bounds(failed, result):
    check = the("error_rate", failing(endpoints=(endpoint(failed=failed),)))
    assert check.result is result
    assert ("would settle it" in check.reason) is (result is Result.INCONCLUSIVE)


def test_an_error_rate_exactly_at_its_limit_is_never_settled():
    check = the("error_rate", failing(endpoints=(endpoint(failed=2_400),)))
    assert "no practical number" in check.reason


def test_a_few_good_requests_cannot_pass_an_error_rate():
    check = the("error_rate", load(endpoints=(endpoint(total=50),)))
    assert check.result is Result.INCONCLUSIVE
    assert check.high == pytest.approx(0.0711, abs=0.0001)


def test_unsent_arrivals_are_no_errors():
    assert the("error_rate", load(arrivals=arrivals(unsent=60_000))).observed == 0


def test_negative_counts_are_invalid():
    assert results(load(endpoints=(replace(endpoint(), failed=-1),)))["error_rate"] is Result.INVALID


# --- what the service uses


def test_memory_is_judged_by_the_worst_process():
    good, bad = series(), replace(series(growth=0.5), probe="db", instance="7@7")
    check = the("memory_growth", soak(resources=(good, bad)))
    assert check.result is Result.FAIL
    assert "probe db" in check.reason


def test_a_process_that_cannot_be_judged_outweighs_one_that_grew_more():
    grown, noisy = series(16.0, growth=0.03), replace(series(16.0, noise=0.15, growth=-0.2), probe="db")
    passed = the("memory_growth", soak(16.0, resources=(grown,)))
    assert passed.result is Result.PASS
    assert passed.observed > the("memory_growth", soak(16.0, resources=(noisy,))).observed
    assert the("memory_growth", soak(16.0, resources=(grown, noisy))).result is Result.INCONCLUSIVE
    assert the("memory_growth", soak(16.0, resources=(noisy, grown))).result is Result.INCONCLUSIVE


def test_the_smallest_growth_it_could_have_seen_is_told():
    assert "the smallest growth it could have seen is" in the("memory_growth", soak()).reason


def test_growth_too_noisy_to_tell_is_inconclusive():
    noisy = series(16.0, 1.0, noise=0.15)
    check = the("memory_growth", soak(16.0, resources=(noisy,)))
    assert check.result is Result.INCONCLUSIVE
    assert "longer soak" in check.reason


def test_a_step_that_a_trend_cannot_see_is_inconclusive():
    whole = series()
    stepped = replace(
        whole,
        samples=tuple(replace(each, memory=each.memory * (1.2 if each.at > 350 else 1)) for each in whole.samples),
    )
    check = the("memory_growth", soak(resources=(stepped,)))
    assert check.high < 0.1
    assert check.result is Result.INCONCLUSIVE
    assert "above its start" in check.reason


def without(whole, start, end):
    return replace(whole, samples=tuple(each for each in whole.samples if not start < each.at < end))


@pytest.mark.parametrize("gap", [(100, 200), (-5, 60), (840, 1000)], ids=["middle", "start", "end"])
def test_memory_that_was_not_read_throughout_is_invalid(gap):
    assert the("memory_growth", soak(resources=(without(series(), *gap),))).result is Result.INVALID


def test_every_tenth_reading_missing_is_invalid_every_fiftieth_is_not():
    def thinned(every):
        whole = series()
        return replace(whole, samples=tuple(each for i, each in enumerate(whole.samples) if i % every))

    assert the("memory_growth", soak(resources=(thinned(10),))).result is Result.INVALID
    assert the("memory_growth", soak(resources=(thinned(50),))).result is Result.PASS


def test_too_few_readings_are_inconclusive():
    check = the("memory_growth", soak(16.0, resources=(series(16.0, 3.0),)))
    assert check.result is Result.INCONCLUSIVE


@pytest.mark.parametrize("objective", ["memory_growth", "cpu"])
@pytest.mark.parametrize("value", [None, math.nan, -1.0, math.inf])
def test_readings_that_say_nothing_are_invalid(objective, value):
    blind = replace(series(), samples=tuple(ResourceSample(float(at), value, value) for at in range(900)))
    assert the(objective, soak(resources=(blind,))).result is Result.INVALID


@pytest.mark.parametrize("objective", ["memory_growth", "cpu"])
def test_a_silent_probe_is_invalid_and_says_why(objective):
    silent = ResourceSeries("app", "", 1.0, 1.0, (), 900, "connection refused")
    check = the(objective, soak(resources=(silent,)))
    assert check.result is Result.INVALID
    assert "connection refused" in check.reason
    assert the(objective, soak(resources=())).result is Result.INVALID
    assert the(objective, soak(), probes=("app", "db")).result is Result.INVALID


def test_readings_outside_the_window_do_not_count():
    whole = series()
    wild = tuple(ResourceSample(at, 1e12, 1e6) for at in (-3.0, 903.0))
    found = results(soak(resources=(replace(whole, samples=wild[:1] + whole.samples + wild[1:]),)))
    assert found["memory_growth"] is found["cpu"] is Result.PASS


@pytest.mark.parametrize(("cpu", "result"), [(0.69, Result.PASS), (0.71, Result.FAIL)])
def test_cpu_is_the_mean_of_the_cores_used(cpu, result):
    check = the("cpu", soak(resources=(series(cpu=cpu),)))
    assert check.result is result
    assert check.observed == pytest.approx(cpu)
    assert check.low == check.observed == check.high


def test_cpu_is_judged_by_the_worst_process():
    good, bad = series(), replace(series(cpu=0.9), probe="db")
    assert the("cpu", soak(resources=(bad, good))).observed == pytest.approx(0.9)


@pytest.mark.parametrize("gap", [(-5, 60), (840, 1000)])
def test_cpu_needs_readings_at_both_ends(gap):
    assert the("cpu", soak(resources=(without(series(), *gap),))).result is Result.INVALID


def test_cpu_survives_a_gap_between():
    assert the("cpu", soak(resources=(without(series(), 300, 500),))).result is Result.PASS


def test_a_restart_is_a_failure_of_its_own():
    whole = series()
    before = replace(whole, samples=tuple(each for each in whole.samples if each.at < 400))
    after = replace(whole, instance="9@9", samples=tuple(each for each in whole.samples if each.at > 410))
    found = results(soak(resources=(before, after)))
    assert found["restart"] is Result.FAIL
    assert found["memory_growth"] is Result.INVALID


def test_without_probes_nothing_is_said_of_restarts():
    assert "restart" not in results(load())


# --- conditions


def test_an_incomplete_run_proves_no_success():
    assert set(results(load(ending=Ending.DEADLINE)).values()) == {Result.INVALID}
    assert set(results(load(truncated=("load-1k.hlog",))).values()) == {Result.INVALID}
    assert outcome(slow(ending=Ending.DEADLINE)) is Result.FAIL


def test_another_commit_proves_nothing_at_all():
    assert set(results(slow(deployment=proof(sha=OTHER))).values()) == {Result.INVALID}


def test_the_commit_that_staging_had_to_run_is_named_by_twelve_digits():
    (check,) = [check for check in judge(evidence(load())) if check.objective == "deployment"]
    assert check.limit == CANDIDATE[:12]


def test_without_proof_the_deployment_is_not_judged():
    assert "deployment" not in results(load(deployment=()), proof=False)
    assert outcome(load(deployment=()), proof=False) is Result.PASS


def test_refused_connections_and_raising_tasks_are_invalid():
    assert outcome(load(refused_connects=(("10.0.0.1:80", 1),))) is Result.INVALID
    assert outcome(load(user_errors=(("ValueError", 5_000),))) is Result.INVALID


def test_an_objective_that_nobody_knows_is_invalid():
    assert outcome(load(load_plan((Objective("p42", below(1.0)),)))) is Result.INVALID


@pytest.mark.parametrize("key", ["rate", "cpu", "memory_growth"])
def test_what_belongs_to_the_whole_service_has_no_endpoint(key):
    plan = soak().plan
    scenario = soak()
    scenario = replace(scenario, plan=replace(plan, objectives=(Objective(key, below(2.0, Unit.SHARE), ECHO),)))
    assert the(key, scenario, ECHO).result is Result.INVALID


def test_hostile_names_are_harmless_in_every_sentence():
    evil = "GET /\x1b[2J\r\n" + "A" * 9_000
    plan = load_plan((Objective("p95", below(0.001), evil), *LOAD_OBJECTIVES), name="load\x07")
    scenario = load(
        plan,
        endpoints=(replace(endpoint(evil, failed=60_000), failures=((evil, 60_000),)),),
        user_errors=((evil, 9_000),),
        refused_connects=((evil, 1),),
        truncated=(evil,),
        ending=Ending.CRASHED,
        ending_detail=evil,
        deployment=(DeploymentObservation(1.0, ProofPhase.DURING, evil, evil),),
    )
    for check in judge(evidence(scenario)):
        assert check.reason.isprintable()
        assert len(check.reason) < 1_200


# --- total over anything


wild_float = st.one_of(st.floats(), st.sampled_from([0.0, -1.0, 1e308, 120.0, 900.0]))
wild_int = st.one_of(st.integers(-5, 200_000), st.sampled_from([-1, 0, 2**53, 2**64, 10**400, 10**5000]))
wild_text = st.one_of(st.text(max_size=12), st.sampled_from([CANDIDATE, CANDIDATE[:8], ECHO, "app", ""]))
wild_numbers = st.lists(wild_int, max_size=4).map(tuple)
wild_histogram = st.one_of(st.builds(Histogram, wild_numbers, wild_numbers), st.just(lognormal(120_000, 0.02)))
wild_pairs = st.lists(st.tuples(wild_text, wild_int), max_size=2).map(tuple)
wild_objective = st.builds(
    Objective,
    st.sampled_from(["p50", "p99_9", "p99.9", "p95", "error_rate", "rate", "memory_growth", "cpu", "odd"]),
    st.builds(Limit, st.sampled_from(Comparison), wild_float, st.sampled_from(Unit), wild_text),
    st.one_of(st.none(), wild_text),
)


def tuples(of, most=3):
    return st.lists(of, max_size=most).map(tuple)


def scenarios(of_series, models):
    return st.builds(
        ScenarioEvidence,
        plan=st.builds(
            ScenarioPlan,
            name=wild_text,
            kind=st.sampled_from(ScenarioKind),
            locustfile=st.just(""),
            model=models,
            duration=wild_float,
            warmup=wild_float,
            objectives=tuples(wild_objective),
        ),
        ending=st.sampled_from(Ending),
        ending_detail=wild_text,
        started_at=st.just(""),
        measured=wild_float,
        arrivals=st.one_of(
            st.none(),
            st.builds(ArrivalEvidence, wild_int, wild_int, wild_int, wild_int, wild_histogram, wild_int, wild_int),
        ),
        endpoints=tuples(
            st.builds(EndpointEvidence, wild_text, wild_int, wild_int, wild_pairs, wild_histogram, wild_histogram)
        ),
        resources=tuples(of_series),
        deployment=tuples(
            st.builds(
                DeploymentObservation,
                wild_float,
                st.sampled_from(ProofPhase),
                st.one_of(st.none(), wild_text),
                wild_text,
            )
        ),
        refused_connects=wild_pairs,
        user_errors=wild_pairs,
        truncated=tuples(wild_text, 1),
        timeline=st.just(()),
    )


maybe_float = st.one_of(st.none(), wild_float)
wild_series = st.one_of(
    st.just(series(120.0)),
    st.builds(
        ResourceSeries,
        wild_text,
        wild_text,
        wild_float,
        wild_float,
        tuples(st.builds(ResourceSample, wild_float, maybe_float, maybe_float), 12),
        wild_int,
        wild_text,
    ),
)
wild_model = st.one_of(st.builds(OpenModel, wild_float, wild_int), st.builds(ClosedModel, wild_int))
wild_evidence = st.builds(
    Evidence,
    candidate_sha=wild_text,
    proof=st.booleans(),
    scenarios=tuples(scenarios(wild_series, wild_model), 2),
    files=st.just(()),
    probes=tuples(wild_text, 2),
)


@given(wild_evidence)
def test_whatever_the_evidence_there_is_a_verdict(found):
    made = verdict(found, evidence_sha256="", objectives_sha256="")
    assert made.result is worst(made.checks)
    for check in made.checks:
        assert check.reason.isprintable()
        assert check.reason.endswith(".")
        for number in (check.observed, check.low, check.high):
            assert number is None or math.isfinite(number)
    for scenario in found.scenarios:
        assert len(made.checks) >= len(scenario.plan.objectives)


breakages = st.sampled_from(
    [
        {"endpoints": ()},
        {"endpoints": (endpoint(total=0),)},
        {"endpoints": (replace(endpoint(), response=Histogram()),)},
        {"endpoints": (replace(endpoint(), response=Histogram((1,), (-1,))),)},
        {"endpoints": (replace(endpoint(), ok=1),)},
        {"arrivals": None},
        {"arrivals": arrivals(0)},
        {"arrivals": arrivals(60_000)},
        {"arrivals": arrivals(unsent=30_000)},
        {"arrivals": arrivals(lateness=1.0)},
        {"measured": math.nan},
        {"measured": 60.0},
        {"arrivals": arrivals(empty=60_000)},
        {"measured": -1.0},
        {"truncated": ("x.hlog",)},
        {"deployment": ()},
        {"deployment": proof(sha=OTHER)},
        {"deployment": proof(60.0)},
        {"refused_connects": (("10.0.0.1:80", 1),)},
        {"user_errors": (("ValueError", 60_000),)},
        *({"ending": ending} for ending in Ending if ending is not Ending.COMPLETED),
    ]
)


@given(st.lists(breakages, min_size=1, max_size=3))
def test_no_broken_measurement_passes_however_good_it_looks(broken):
    scenario = load()
    for changes in broken:
        scenario = replace(scenario, **changes)
    assert outcome(scenario) in {Result.INVALID, Result.INCONCLUSIVE}


@given(st.floats(1.0, 400.0), st.integers(0, 20_000))
def test_a_worse_service_never_gets_a_better_verdict(slower, failed):
    def behaving(factor, errors):
        return load(endpoints=(endpoint(median=0.02 * factor, failed=errors),))

    assert outcome(behaving(slower, failed)).severity >= outcome(behaving(1.0, failed)).severity
    assert outcome(behaving(slower, failed)).severity >= outcome(behaving(slower, 0)).severity
