import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.scenariofiles import T0, plan, write

from bot.adapters.blocks import _settled, cutting, read_blocks, torn_blocks
from bot.adapters.hdrlog import COARSE_BITS, Cut, Series, read_log
from bot.adapters.measurements import read_scenario
from bot.adapters.observations import Observations, read_observations
from bot.core.evidence import Histogram
from bot.core.limits import Comparison, Limit, Unit
from bot.core.loadplan import ClosedModel, Objective
from bot.core.quantiles import merge
from loadtests.files import HistogramLog, tag
from loadtests.histograms import count, encode

LIMIT = Limit(Comparison.BELOW, 1.0, Unit.SECONDS, "< 1s")


def watching(*endpoints, duration=40.0, model=None):
    goals = tuple(Objective("p95", LIMIT, endpoint) for endpoint in endpoints)
    return replace(plan(model, duration=duration), objectives=goals)


def coarse(histogram):
    """The same counts with only the highest bits of each value."""
    counts = {}
    for value, number in zip(histogram.values, histogram.counts, strict=True):
        upper = value | ((1 << max(0, value.bit_length() - COARSE_BITS)) - 1)
        counts[upper] = counts.get(upper, 0) + number
    return Histogram(tuple(counts), tuple(counts.values()))


@pytest.mark.parametrize(
    ("measured", "seconds", "blocks"),
    [
        (120.0, 10.0, 12),
        (900.0, 10.0, 90),
        (1200.0, 10.0, 120),
        (28_800.0, 240.0, 120),
        (125.0, 10.0, 12),
        (60.0, 7.0, 9),
        (16.0, 2.0, 8),
        (5.0, 1.0, 5),
        (0.4, 1.0, 1),
        (0.0, 1.0, 1),
    ],
)
def test_blocks_are_ten_seconds_where_that_makes_8_to_120_of_them(measured, seconds, blocks):
    cut = cutting(plan(), measured)
    assert (cut.seconds, cut.count) == (seconds, blocks)


@given(st.floats(0, 1e7))
def test_blocks_are_whole_seconds_and_never_too_many(measured):
    cut = cutting(plan(), measured)
    assert cut.seconds == int(cut.seconds) >= 1
    assert 1 <= cut.count <= 120
    assert measured < 1 or abs(cut.count * cut.seconds - measured) <= cut.seconds / 2


def test_what_ends_after_the_window_belongs_to_the_last_block():
    cut = Cut("response", 10.0, 3, frozenset())
    assert [cut.block(end) for end in (0.0, 1.0, 10.003, 11.0, 20.4, 21.0, 30.0, 61.0)] == [0, 0, 0, 1, 1, 2, 2, 2]


def test_the_blocks_of_a_run_add_up_to_all_of_it(tmp_path):
    write(tmp_path, seconds=40, endpoints=3)
    evidence = read_scenario(watching("GET /1", "GET /9"), tmp_path)
    together, one = evidence.blocks
    assert (together.endpoint, one.endpoint) == (None, "GET /1")
    assert [block.at for block in one.blocks] == [5.0 * number for number in range(8)]
    assert {(block.ok, block.failed, block.latency.total) for block in one.blocks} == {(45, 5, 50)}
    assert {(block.ok, block.failed, block.latency.total) for block in together.blocks} == {(135, 15, 150)}
    whole = next(each for each in evidence.endpoints if each.endpoint == "GET /1")
    assert merge(block.latency for block in one.blocks) == coarse(whole.response)
    assert merge(block.latency for block in together.blocks) == coarse(
        merge(each.response for each in evidence.endpoints)
    )


def test_the_closed_model_is_cut_by_service_time(tmp_path):
    write(tmp_path, seconds=16)
    response = read_scenario(watching(duration=16.0), tmp_path)
    service = read_scenario(watching(duration=16.0, model=ClosedModel(5)), tmp_path)
    assert merge(block.latency for block in service.blocks[0].blocks) == coarse(service.endpoints[0].service)
    assert merge(block.latency for block in response.blocks[0].blocks) == coarse(response.endpoints[0].response)


intervals = st.lists(
    st.tuples(st.integers(0, 45), st.sampled_from(["GET /a", "GET /b"]), st.lists(st.integers(1, 10**7), min_size=1)),
    max_size=30,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(intervals, st.integers(1, 12), st.integers(1, 8))
def test_whatever_was_logged_the_blocks_add_up_to_the_whole_of_it(tmp_path, logged, seconds, blocks):
    path = tmp_path / "x.hlog"
    path.unlink(missing_ok=True)
    log = HistogramLog(path)
    for start, endpoint, latencies in logged:
        log.interval(float(start), 1.0, [(tag("response", endpoint), max(latencies), encode(count(latencies)))])
    found = read_log(path, Cut("response", float(seconds), blocks, frozenset({"GET /a"})))
    assert found.histograms == read_log(path).histograms
    whole = {
        None: [*found.histograms.values()],
        "GET /a": [found.histograms.get(tag("response", "GET /a"), Histogram())],
    }
    for endpoint, cut in found.blocks.items():
        assert len(cut) == blocks
        assert merge(cut) == coarse(merge(whole[endpoint]))


def test_half_a_log_still_gives_blocks_that_add_up(tmp_path):
    write(tmp_path, seconds=16)
    path = tmp_path / "load.hlog"
    path.write_bytes(path.read_bytes()[:-200].replace(b",7.000,", b",7.0.0,"))
    evidence = read_scenario(watching(duration=16.0), tmp_path)
    (blocks,) = evidence.blocks
    assert merge(block.latency for block in blocks.blocks) == coarse(evidence.endpoints[0].response)
    assert evidence.endpoints[0].response.total < 160
    assert any("cannot be decoded" in flaw for flaw in evidence.truncated)


def test_failures_of_a_second_on_the_edge_go_to_the_neighbour_that_has_the_requests():
    assert _settled([0, 3, 0], [9, 9, 9]) == [0, 3, 0]
    assert _settled([0, 3, 0], [9, 0, 9]) == [0, 0, 3]
    assert _settled([0, 0, 3], [9, 2, 0]) == [1, 2, 0]
    assert _settled([9, 9, 9], [1, 1, 1]) == [1, 1, 1]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1))
def test_no_failure_gets_lost_while_there_are_requests_for_it(pairs):
    failed, totals = (list(column) for column in zip(*pairs, strict=True))
    found = _settled(failed, totals)
    assert all(0 <= bad <= total for bad, total in zip(found, totals, strict=True))
    assert sum(found) == min(sum(failed), sum(totals))


def test_without_an_opening_line_there_are_no_blocks(tmp_path):
    write(tmp_path, seconds=16)
    path = tmp_path / "load.ndjson"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
    assert read_scenario(watching(duration=16.0), tmp_path).blocks == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON, st.floats(-1e15, 1e15))
def test_no_line_makes_the_cutting_fail(tmp_path, failures, at):
    write(tmp_path, seconds=1)
    path = tmp_path / "odd.ndjson"
    path.write_text(json.dumps({"kind": "second", "t": at, "failures": failures}) + "\n")
    seen = read_observations(path)
    cut = cutting(plan(duration=1.0), 1.0)
    found = read_blocks(seen, read_log(tmp_path / "load.hlog", cut), cut, T0)
    for block in found[0].blocks:
        assert block.ok + block.failed == block.latency.total
        assert block.ok >= 0 <= block.failed
    for path in tmp_path.iterdir():
        path.unlink()


def test_a_log_that_fills_fewer_blocks_than_the_seconds_show_is_torn():
    cut = Cut("response", 10.0, 12, frozenset())
    seen = Observations()
    seen.lines["second"] += [{"t": T0 + at + 1.0, "phase": "measured", "ok": 5, "failed": 1} for at in range(120)]
    some = Histogram((7,), (60,))

    def torn(filled):
        return torn_blocks(seen, Series({}, 0, {None: (some,) * filled + (Histogram(),) * (12 - filled)}), cut, T0)

    assert torn(12) is torn(11) is None
    assert torn(1) == "the histogram log fills 1 blocks of 10 s, the lines of the seconds 12"
    assert torn_blocks(Observations(), Series({}, 0), cut, T0) is None
