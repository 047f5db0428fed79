import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.scenariofiles import T0, plan, write

from bot.adapters.measurements import read_scenario
from bot.core.evidence import Ending, ProbeCost, ProofPhase
from bot.core.loadplan import ClosedModel


@pytest.fixture
def folder(tmp_path):
    write(tmp_path)
    return tmp_path


def lines(folder):
    return [json.loads(line) for line in (folder / "load.ndjson").read_text().splitlines()]


def put(folder, *new):
    (folder / "load.ndjson").write_text("".join(json.dumps(line) + "\n" for line in new))


def add(folder, **line):
    with (folder / "load.ndjson").open("a") as file:
        file.write(json.dumps(line) + "\n")


def test_whole_files_are_read_whole(folder):
    evidence = read_scenario(plan(), folder)
    assert (evidence.ending, evidence.truncated, evidence.measured) == (Ending.COMPLETED, (), 3.0)
    assert evidence.started_at == "2023-11-14T22:13:20.000Z"
    (endpoint,) = evidence.endpoints
    assert (endpoint.endpoint, endpoint.ok, endpoint.failed) == ("GET /0", 27, 3)
    assert endpoint.failures == (("HTTP 500", 3),)
    assert endpoint.response.total == endpoint.service.total == 30
    assert 1_000 <= endpoint.service.values[0] <= 1_001
    assert evidence.arrivals.lateness.total == evidence.arrivals.due == evidence.arrivals.started == 30
    assert [(second.at, second.sent, second.failed) for second in evidence.timeline] == [
        (1.0, 10, 1),
        (2.0, 10, 1),
        (3.0, 10, 1),
    ]


def test_a_scenario_without_files_was_not_run(tmp_path):
    evidence = read_scenario(plan(), tmp_path)
    assert (evidence.ending, evidence.truncated, evidence.started_at) == (Ending.NOT_RUN, (), "")


def test_a_missing_closing_line_is_a_crash_with_the_last_words_of_the_log(folder):
    put(folder, *lines(folder)[:-1])
    (folder / "locust.log").write_text(
        "=== other ===\nnot this\n=== load ===\nfirst\n"
        "2026-11-21 02:00:00,123 INFO locust.runners: Ramping to 9 users\n"
        "\x1b[31mKilled\n=== later ===\nnor this\n"
    )
    evidence = read_scenario(plan(), folder)
    assert evidence.ending is Ending.CRASHED
    assert evidence.ending_detail == "first | Killed"
    assert evidence.truncated == ("the closing line is missing",)
    (endpoint,) = evidence.endpoints
    assert (endpoint.ok, endpoint.failed, endpoint.failures) == (27, 3, (("HTTP 500", 3),))
    assert (evidence.measured, evidence.arrivals.due, evidence.arrivals.started) == (3.0, 30, 30)


def test_missing_histograms_contradict_the_closing_line(folder):
    (folder / "load.hlog").unlink()
    evidence = read_scenario(plan(), folder)
    assert evidence.ending is Ending.COMPLETED
    assert "load.hlog is missing or cannot be read" in evidence.truncated
    assert "GET /0 has 0 response times, the closing line says 30" in evidence.truncated
    assert "30 arrivals started, but the lateness of 0 was recorded" in evidence.truncated


def test_a_lost_interval_is_named(folder):
    kept = (folder / "load.hlog").read_bytes().splitlines(keepends=True)
    (folder / "load.hlog").write_bytes(b"".join(kept[:-3]))
    evidence = read_scenario(plan(), folder)
    assert "GET /0 has 20 service times, the closing line says 30" in evidence.truncated


def test_half_an_interval_is_named(folder):
    (folder / "load.hlog").write_bytes((folder / "load.hlog").read_bytes()[:-20])
    evidence = read_scenario(plan(), folder)
    assert "1 intervals of load.hlog cannot be decoded" in evidence.truncated


def test_half_a_line_is_named(folder):
    (folder / "load.ndjson").write_bytes((folder / "load.ndjson").read_bytes()[:-20])
    evidence = read_scenario(plan(), folder)
    assert evidence.ending is Ending.CRASHED
    assert "the last line of load.ndjson is cut off" in evidence.truncated


def test_two_closing_lines_are_one_too_many(folder):
    add(folder, **lines(folder)[-1])
    assert "there is more than one closing line" in read_scenario(plan(), folder).truncated


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        ({"ok": 26}, "GET /0 has 30 answers, but 26 ok and 3 failed"),
        ({"response_total": 31}, "GET /0 has 30 response times, the closing line says 31"),
        ({"endpoint": "GET /1"}, "GET /0 is in the histograms and not in the closing line"),
    ],
)
def test_a_closing_line_that_says_something_else_is_named(folder, change, flaw):
    *before, end = lines(folder)
    end["endpoints"][0] |= change
    put(folder, *before, end)
    assert flaw in read_scenario(plan(), folder).truncated


def test_arrivals_that_do_not_add_up_are_named(folder):
    *before, end = lines(folder)
    end["arrivals"]["unsent"] = 2
    put(folder, *before, end)
    assert "30 arrivals were due, but 30 started and 2 did not" in read_scenario(plan(), folder).truncated


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        ({"measured": None}, "the closing line says that None s were measured"),
        ({"measured": 1e308}, "the closing line says that 1e+308 s were measured"),
        ({"measured": 3.1}, "the closing line says that 3.1 s were measured"),
        ({"arrivals": None}, "due, started, late, unsent, pool_size, pool_peak, empty"),
        ({"arrivals": {**dict.fromkeys(("due", "started", "late", "unsent", "pool_size", "pool_peak"), 1)}}, "(empty)"),
    ],
)
def test_a_closing_line_that_leaves_something_out_is_named(folder, change, flaw):
    *before, end = lines(folder)
    put(folder, *before, end | change)
    assert any(flaw in found for found in read_scenario(plan(), folder).truncated)


@pytest.mark.parametrize("change", [{"model": "closed"}, {"duration": 1.0}, {"warmup": None}])
def test_an_opening_line_of_another_run_is_named(folder, change):
    start, *after = lines(folder)
    put(folder, start | change, *after)
    assert "tells of another run" in read_scenario(plan(), folder).truncated[0]


def test_a_missing_opening_line_is_named(folder):
    put(folder, *lines(folder)[1:])
    assert "the opening line is missing" in read_scenario(plan(), folder).truncated


def test_a_missing_second_is_named(folder):
    start, _, *after = lines(folder)
    put(folder, start, *after)
    assert read_scenario(plan(), folder).truncated == ("only 2 of 3 measured seconds were written",)


def test_the_closed_model_must_say_how_many_users_were_alive(folder):
    start, *between, end = lines(folder)
    start["model"] = "closed"
    put(folder, start, *between, end)
    evidence = read_scenario(plan(ClosedModel(5)), folder)
    assert evidence.truncated == ("the closing line does not say how many users were alive",)
    put(folder, start, *between, end | {"users_lowest": 4})
    evidence = read_scenario(plan(ClosedModel(5)), folder)
    assert (evidence.truncated, evidence.users_lowest) == ((), 4)


def test_arrivals_without_a_request_are_read(folder):
    *before, end = lines(folder)
    end["arrivals"]["empty"] = 7
    put(folder, *before, end)
    assert read_scenario(plan(), folder).arrivals.empty == 7


def test_what_the_bot_had_to_end_is_never_complete(folder):
    add(folder, kind="ended-by-bot", t=T0 + 9, ending="deadline", detail="too slow")
    evidence = read_scenario(plan(), folder)
    assert (evidence.ending, evidence.ending_detail) == (Ending.DEADLINE, "too slow")
    add(folder, kind="ended-by-bot", t=T0 + 9, ending="completed")
    assert read_scenario(plan(), folder).ending is Ending.CRASHED


def test_readings_of_the_window_become_one_series_for_each_life_of_the_service(folder):
    add(folder, kind="probe", t=T0 - 1, probe="app", interval=0.5, cores=2.0)
    for at, life, memory in ((-1, "a", 1), (0.5, "a", 2), (1.5, "b", 3), (3.5, "b", 4)):
        add(folder, kind="resource", t=T0 + at, probe="app", instance=life, memory=memory, cpu_seconds=None)
    add(folder, kind="resource", t=T0 + 2, probe="app", error="time\x1b[0m out")
    add(folder, kind="probe", t=T0, probe="mute", interval=1, cores=1)
    first, second, mute = read_scenario(plan(), folder).resources
    assert (first.instance, first.interval, first.cores) == ("a", 0.5, 2.0)
    assert [(each.at, each.memory, each.cpu_seconds) for each in first.samples] == [(0.5, 2.0, None)]
    assert (second.instance, [each.at for each in second.samples]) == ("b", [1.5])
    assert (second.failures, second.last_error) == (1, "time out")
    assert (mute.probe, mute.samples, mute.failures) == ("mute", (), 0)


def reading(folder, at, memory, **more):
    add(folder, kind="resource", t=T0 + at, probe="app", memory=memory, cpu_seconds=None, **{"instance": "x", **more})


def test_readings_told_late_and_out_of_order_are_put_in_order_for_each_replica(folder):
    for at, replica in ((2, "a"), (1, "b"), (1, "a"), (3, "b"), (2, "b")):
        reading(folder, at, at, replica=replica)
    add(folder, kind="resource", t=T0 + 2.5, probe="app", error="no answer")
    add(folder, kind="resource", t=T0 + 2.6, probe="app", replica="a", error="not usable")
    first, second = read_scenario(plan(), folder).resources
    assert (first.replica, [each.at for each in first.samples]) == ("a", [1, 2])
    assert (second.replica, [each.at for each in second.samples]) == ("b", [1, 2, 3])
    assert (first.failures, first.last_error) == (2, "not usable")
    assert (second.failures, second.last_error) == (1, "no answer")


@pytest.mark.parametrize(
    ("lines", "gone"),
    [
        ([(1, False), (2, True), (3, True)], 2.0),
        ([(1, False), (3, True), (2, True)], 2.0),
        ([(1, True), (2, True)], 1.0),
        ([(1, False), (2, False)], None),
    ],
)
def test_gone_is_since_when_it_was_seen_not_to_be_there(folder, lines, gone):
    reading(folder, 0.5, 1)
    for at, is_gone in lines:
        add(folder, kind="resource", t=T0 + at, probe="app", error="x", **({"gone": True} if is_gone else {}))
    (series,) = read_scenario(plan(), folder).resources
    assert series.gone == gone


def test_what_came_back_is_not_gone(folder):
    reading(folder, 0.5, 1)
    add(folder, kind="resource", t=T0 + 1, probe="app", error="x", gone=True)
    reading(folder, 2, 1)
    assert read_scenario(plan(), folder).resources[0].gone is None


def test_a_replica_that_had_gone_before_the_window_says_nothing_of_it(folder):
    reading(folder, -1, 1, replica="old")
    reading(folder, 1, 1, replica="new")
    add(folder, kind="resource", t=T0 + 1, probe="app", replica="old", error="x", gone=True)
    (series,) = read_scenario(plan(), folder).resources
    assert series.replica == "new"


def test_what_probes_cost_is_added_up_by_name(folder):
    told = {"readings": 3, "failures": 1, "skipped": 2, "seconds": 0.5, "longest": 0.25, "bytes": 70, "cpu": 0.125}
    add(folder, kind="probe-cost", t=T0 + 5, probe="app", observed=4.0, **told)
    add(folder, kind="probe-cost", t=T0 + 5, probe="app", observed=5.0, **told | {"longest": "x", "bytes": -1})
    (cost,) = read_scenario(plan(), folder).probe_costs
    assert cost == ProbeCost("app", 6, 2, 4, 1.0, 0.25, 70, 0.25, 5.0)


def test_what_staging_said_is_kept_with_its_time(folder):
    add(folder, kind="deployed", t=T0 - 2, phase="before", sha="c" * 40, error="")
    add(folder, kind="deployed", t=T0 + 1, phase="during", sha=None, error="no answer")
    before, during = read_scenario(plan(), folder).deployment
    assert (before.at, before.phase, before.sha) == (-2.0, ProofPhase.BEFORE, "c" * 40)
    assert (during.phase, during.sha, during.error) == (ProofPhase.DURING, None, "no answer")


def test_refusals_and_errors_add_up(folder):
    for count in (1, 2):
        add(folder, kind="refused", t=T0, address="10.0.0.1:80", count=count)
        add(folder, kind="user-error", t=T0, text="ValueError: x", count=count)
    evidence = read_scenario(plan(), folder)
    assert evidence.refused_connects == (("10.0.0.1:80", 3),)
    assert evidence.user_errors == (("ValueError: x", 3),)


def test_exceptions_of_the_warm_up_are_not_held_against_measured_arrivals(folder):
    add(folder, kind="user-error", t=T0, phase="warmup", text="ValueError: cold", count=50)
    add(folder, kind="user-error", t=T0 + 1, phase="measured", text="ValueError: x", count=1)
    assert read_scenario(plan(), folder).user_errors == (("ValueError: x", 1),)


def test_the_closed_model_has_no_arrivals(folder):
    assert read_scenario(plan(ClosedModel(5)), folder).arrivals is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = ("kind", "t", "ending", "endpoints", "arrivals", "failures", "phase", "due", "instance", "sha", "p50", "count")


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 4), st.sampled_from(KEYS), JSON)
def test_no_value_of_any_line_makes_the_reader_fail(tmp_path, number, key, value):
    for path in tmp_path.iterdir():
        path.unlink()
    write(tmp_path, seconds=1)
    changed = lines(tmp_path)
    changed[number % len(changed)][key] = value
    put(tmp_path, *changed, {"kind": "resource", "t": T0, "probe": value, key: value})
    read_scenario(plan(), tmp_path)


def test_no_damage_to_the_bytes_makes_the_reader_fail_or_pass_unseen(folder):
    chance = random.Random(7)
    whole = read_scenario(plan(), folder)
    for name in ("load.hlog", "load.ndjson"):
        intact = (folder / name).read_bytes()
        for _ in range(150):
            damaged = bytearray(intact)
            for _ in range(chance.choice((1, 5))):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            (folder / name).write_bytes(bytes(damaged[: chance.choice((len(damaged), chance.randrange(len(damaged))))]))
            found = read_scenario(plan(), folder)
            if found.ending is Ending.COMPLETED and not found.truncated and name == "load.hlog":
                assert [each.response.total for each in found.endpoints] == [
                    each.response.total for each in whole.endpoints
                ]
        (folder / name).write_bytes(intact)


def test_nothing_at_all_in_the_files_is_a_crash(tmp_path):
    (tmp_path / "load.ndjson").write_bytes(b"\xff" * 100 + b"\n" + b"[" * 100_000 + b"\n" + b"1" * 10_000 + b"\n")
    (tmp_path / "load.hlog").write_bytes(b"\0" * 1000)
    evidence = read_scenario(plan(), tmp_path)
    assert evidence.ending is Ending.CRASHED
    assert "3 lines of load.ndjson cannot be decoded" in evidence.truncated


def test_a_second_tells_service_time_lateness_and_the_kinds_of_its_failures(folder):
    told = [line for line in lines(folder) if line["kind"] == "second"]
    kinds = {
        "GET /0": {"HTTP 500": 2, "timeout\x1b": 1},
        "GET /1": {"HTTP 500": 3},
        "GET /2": None,
        "GET /3": {"odd": -1},
    }
    rest = [line for line in lines(folder) if line["kind"] != "second"]
    told[0] |= {"service_p99": 0.25, "lateness_p99": 0.001, "failures": kinds}
    put(folder, *rest[:-1], *told, rest[-1])
    first, *_ = read_scenario(plan(), folder).timeline
    assert (first.service_p99, first.lateness_p99) == (0.25, 0.001)
    assert [count for _, count in first.failures] == [5, 1]
    assert all("\x1b" not in kind for kind, _ in first.failures)
