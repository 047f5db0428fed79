"""Several workers' intervals become one, exactly; whatever is odd is named, and nothing is counted twice."""

import tracemalloc
from collections import Counter
from dataclasses import asdict, fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests.closings import Sums, total
from loadtests.histograms import count, quantiles_of
from loadtests.interval import Interval, IntervalReport, Occupancy, Pacing, Phase, Series, Tallies
from loadtests.merging import Event, Merger, merged
from loadtests.messages import (
    MOST_INTERVALS,
    BrokenMessageError,
    closing_data,
    closing_of,
    finite,
    interval_data,
    interval_number,
    interval_of,
)
from loadtests.plan import Watch
from loadtests.recorder import Recorder
from loadtests.report import Closing, Ending

LIMITS = (Watch(None, 1.5), Watch("GET /a", 0.5))
REQUESTS = st.lists(
    st.tuples(
        st.sampled_from(["/a", "/b", "/a,ü\n"]),
        st.integers(0, 4_000_000_000),
        st.sampled_from([None, "HTTP 500", "timeout"]),
        st.booleans(),
    ),
    max_size=30,
)


def report_of(requests, number=0, phase=Phase.MEASURED, recorder=None):
    recorder = recorder or Recorder(Pacing.OPEN, LIMITS, ("GET /a",))
    for name, took, failure, measured in requests:
        recorder.fell_due(measured=measured)
        recorder.began(took % 20_000, measured=measured)
        recorder.request("GET", name, took, took // 2, failure, measured=measured)
    interval = Interval(phase, float(number), number + 1.0, 1e9 + number)
    return recorder.take(interval, len(requests) % 3, lambda: None, None, Occupancy(len(requests), 2 * len(requests)))


def essence(report):
    """Everything of a report that adds up."""
    return {
        "tallies": asdict(report.tallies),
        "seen": {int(place): int(report.seen[place]) for place in np.flatnonzero(report.seen)},
        "histograms": {
            each.tag: ({int(place): int(each.counts[place]) for place in np.flatnonzero(each.counts)}, each.greatest)
            for each in report.histograms
        },
        "over": report.over,
        "over_service": report.over_service,
        "watched": dict(report.watched),
        "failures": {name: dict(kinds) for name, kinds in report.failures.items()},
    }


@given(st.lists(REQUESTS, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_the_sum_of_workers_is_what_one_process_would_have_counted(shares):
    parts = {f"worker-{number}": report_of(share) for number, share in enumerate(shares)}
    together = essence(merged(parts))
    alone = essence(report_of([each for share in shares for each in share]))
    alone["tallies"]["queued"] = sum(each.tallies.queued for each in parts.values())
    assert together == alone


@given(REQUESTS)
@settings(max_examples=60, deadline=None)
def test_an_interval_survives_the_journey(requests):
    sent = report_of(requests)
    assert essence(interval_of(interval_data(sent))) == essence(sent)


@given(st.lists(st.integers(0, 10_000_000), min_size=1), st.sampled_from([0.5, 0.95, 0.99]))
def test_quantiles_come_from_the_counts(values, share):
    (found,) = quantiles_of(count(values), (share,))
    exact = sorted(values)[max(1, int(np.ceil(share * len(values)))) - 1]
    assert exact <= found <= exact * 1.001 + 1


def merger_of(*names):
    merger = Merger()
    for name in names:
        merger.add_worker(name, "life-" + name)
    return merger


def send(merger, name, number, life=None, phase=Phase.MEASURED):
    interval = Interval(phase, float(number), number + 1.0, 1e9 + number)
    report = IntervalReport(interval, Tallies(ok=1), np.zeros(0, dtype=np.int64))
    return [each.event for each in merger.accept(name, life or "life-" + name, number, report)]


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_in_whatever_order_workers_are_heard_each_second_is_handed_out_once_and_whole(data):
    names = ["a", "b", "c"][: data.draw(st.integers(1, 3))]
    merger = merger_of(*names)
    left = {name: list(range(data.draw(st.integers(0, 6)))) for name in names}
    sent = {name: len(numbers) for name, numbers in left.items()}
    out = []
    while any(left.values()):
        name = data.draw(st.sampled_from([name for name in names if left[name]]))
        assert send(merger, name, left[name].pop(0)) == []
        out += [(each.interval.start, each.tallies.ok) for each in merger.ready()]
        if not left[name]:
            assert merger.close(name, sent[name]) == []
    for name in names:
        merger.close(name, sent[name])
    out += [(each.interval.start, each.tallies.ok) for each in merger.ready()]
    expected = Counter(number for count_ in sent.values() for number in range(count_))
    assert out == sorted((float(number), workers) for number, workers in expected.items())


@given(st.lists(st.integers(0, 6), max_size=20))
@settings(max_examples=80, deadline=None)
def test_whatever_numbers_come_each_is_counted_at_most_once_and_all_that_is_odd_is_named(numbers):
    merger = merger_of("a")
    odd = [event for number in numbers for event in send(merger, "a", number)]
    counted = sum(each.tallies.ok for each in merger.ready())
    assert counted <= merger.received("a") <= len(set(numbers))
    if numbers != list(range(len(numbers))):
        assert odd or merger.close("a", len(numbers))
    else:
        assert odd == merger.close("a", len(numbers)) == []


def test_a_gap_is_named_and_the_rest_goes_on():
    merger = merger_of("a", "b")
    assert send(merger, "a", 0) == send(merger, "b", 0) == send(merger, "b", 1) == []
    assert send(merger, "a", 2) == [Event.GAP]
    assert [each.tallies.ok for each in merger.ready()] == [2, 1]
    assert send(merger, "a", 1) == [Event.LATE]
    assert merger.received("a") == 2


def test_a_number_far_ahead_is_a_gap_that_costs_nothing():
    merger = merger_of("a")
    send(merger, "a", 0)
    tracemalloc.start()
    assert send(merger, "a", MOST_INTERVALS - 1) == [Event.GAP]
    assert send(merger, "a", 3000) == [Event.GAP]
    list(merger.ready())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000
    assert (merger.received("a"), merger.expected("a")) == (2, 3001)


@given(st.permutations(range(8)))
@settings(max_examples=60, deadline=None)
def test_gaps_that_are_filled_later_are_gaps_no_more(numbers):
    merger = merger_of("a")
    for number in numbers:
        send(merger, "a", number)
    assert sum(each.tallies.ok for each in merger.ready()) == 8
    assert merger.close("a", 8) == []
    assert all(send(merger, "a", number) == [Event.DUPLICATE] for number in numbers)


@pytest.mark.parametrize("number", [MOST_INTERVALS, 60_000_000, 2**60, -1, True, 1.0, "1", None])
def test_a_number_of_intervals_that_no_run_can_have_is_refused(number):
    with pytest.raises(ValueError, match=r"no count|cannot be"):
        interval_number(number)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 10**400, 1e300, True, "1", None])
def test_what_no_line_of_the_record_could_hold_is_no_number(value):
    with pytest.raises(ValueError, match="finite"):
        finite(value)
    closing = closing_data(Closing(Ending.COMPLETED)) | {"measured": value}
    with pytest.raises(BrokenMessageError):
        closing_of(closing)
    data = interval_data(report_of([]))
    data["interval"]["epoch"] = value
    with pytest.raises(BrokenMessageError):
        interval_of(data)


def test_health_is_told_in_finite_numbers_or_none():
    data = interval_data(report_of([]))
    data["health"] = {"main": {"cpu": 0.5, "wait": None, "sockets": 3}}
    assert interval_of(data).health == data["health"]
    data["health"] = {"main": {"cpu": float("nan")}}
    with pytest.raises(BrokenMessageError):
        interval_of(data)


def test_an_interval_that_comes_twice_counts_once():
    merger = merger_of("a", "b")
    assert [send(merger, "a", 0), send(merger, "a", 0)] == [[], [Event.DUPLICATE]]
    send(merger, "b", 0)
    assert [each.tallies.ok for each in merger.ready()] == [2]
    assert send(merger, "a", 0) == [Event.DUPLICATE]


def test_an_interval_of_another_life_counts_for_nothing():
    merger = merger_of("a")
    assert send(merger, "a", 0, life="another") == [Event.RESTART]
    assert list(merger.ready()) == []


def test_a_worker_that_was_given_up_is_not_waited_for_and_what_it_sends_is_late():
    merger = merger_of("a", "b")
    send(merger, "a", 0)
    send(merger, "a", 1)
    send(merger, "b", 0)
    merger.give_up("b")
    assert [each.tallies.ok for each in merger.ready()] == [2, 1]
    assert send(merger, "b", 1) == [Event.LATE]


def test_a_worker_whose_last_intervals_did_not_arrive_has_a_gap():
    merger = merger_of("a")
    send(merger, "a", 0)
    assert [each.event for each in merger.close("a", 3)] == [Event.GAP]
    assert (merger.received("a"), merger.expected("a")) == (1, 3)


def test_intervals_of_different_parts_of_the_run_are_not_one_second():
    merger = merger_of("a", "b")
    send(merger, "a", 0, phase=Phase.WARMUP)
    assert send(merger, "b", 0) == [Event.GAP]


def endpoint(name, ok, failed):
    totals = {"response_total": ok + failed, "service_total": ok + failed}
    return {"endpoint": name, "ok": ok, "failed": failed, "failures": {"HTTP 500": failed} if failed else {}} | totals


def test_closing_lines_add_up():
    first = Closing(Ending.COMPLETED, measured=3.0, arrivals={"due": 3, "late": 1}, endpoints=[endpoint("a", 2, 1)])
    second = Closing(Ending.COMPLETED, measured=2.9, arrivals={"due": 4, "late": 0}, endpoints=[endpoint("a", 4, 2)])
    found = total(Ending.COMPLETED, "", [first, second], [])
    assert (found.measured, found.arrivals, found.users_lowest) == (2.9, {"due": 7, "late": 1}, None)
    assert found.endpoints == [endpoint("a", 6, 3)]


def test_users_are_known_only_where_every_worker_knows_them():
    some = Closing(Ending.COMPLETED, users_lowest=3)
    none = Closing(Ending.COMPLETED)
    assert total(Ending.COMPLETED, "", [some, some], []).users_lowest == 6
    assert total(Ending.COMPLETED, "", [some, none], []).users_lowest is None


@given(st.lists(REQUESTS, max_size=4))
@settings(max_examples=40, deadline=None)
def test_without_closing_lines_the_intervals_say_the_same(shares):
    sums, closings = Sums(), []
    for share in shares:
        recorder = Recorder(Pacing.OPEN)
        sums.add(report_of(share, recorder=recorder))
        closings.append(Closing(Ending.COMPLETED, endpoints=recorder.endpoints()))
    told = {each["endpoint"]: each for each in total(Ending.COMPLETED, "", closings, []).endpoints}
    added = {each["endpoint"]: each for each in sums.closing(Ending.CRASHED, "", []).endpoints}
    assert added == told


def test_a_closing_survives_the_journey():
    sent = Closing(Ending.ABORTED, "why", 1.5, {"due": 3}, 4, None, [endpoint("a", 2, 1)])
    assert closing_of(closing_data(sent)) == sent


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from([each.name for each in fields(IntervalReport) if each.name != "quantiles"]), JUNK)
@settings(max_examples=150, deadline=None)
def test_an_interval_that_holds_anything_else_is_broken_or_sound(field, junk):
    data = interval_data(report_of([("/a", 5, None, True)]))
    data[field] = junk
    try:
        found = interval_of(data)
    except BrokenMessageError:
        return
    assert isinstance(merged({"a": found}).tallies.ok, int)


@pytest.mark.parametrize(
    "sparse",
    [
        [b"\1\0\0\0", b""],
        [b"\xff\xff\xff\xff", b"\1" + b"\0" * 7],
        [b"\2\0\0\0\1\0\0\0", (b"\1" + b"\0" * 7) * 2],
        [b"\1\0\0\0", b"\xff" * 8],
        [b"\1", b"\1"],
    ],
)
def test_histograms_that_cannot_be_are_broken(sparse):
    data = interval_data(report_of([("/a", 5, None, True)]))
    data["histograms"] = [["lateness", 5, sparse]]
    with pytest.raises(BrokenMessageError):
        interval_of(data)


def test_the_greatest_value_of_a_merged_series_is_that_of_its_greatest_part():
    nothing = np.zeros(0, dtype=np.int64)
    interval = Interval(Phase.MEASURED, 0.0, 1.0, 1e9)
    parts = {
        name: IntervalReport(interval, Tallies(), nothing, histograms=(Series("lateness", count([value]), value),))
        for name, value in (("a", 7), ("b", 1_000_003))
    }
    assert merged(parts).histograms[0].greatest == 1_000_003
