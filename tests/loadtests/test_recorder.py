import json
from collections import Counter

import hdrh.histogram
import hdrh.log
import pytest

from bot.adapters.hdrlog import read_log
from loadtests.cells import MOST_ENDPOINTS, MOST_KINDS, OTHER
from loadtests.interval import Interval, Occupancy, Pacing, Phase
from loadtests.outputs import FileSink
from loadtests.plan import Watch, plan_of
from loadtests.recorder import Recorder

T0 = 1_700_000_000.0


@pytest.fixture
def paths(tmp_path):
    return tmp_path / "x.hlog", tmp_path / "x.ndjson"


class Recorded(Recorder):
    """A recorder and the files that its intervals go to."""

    def __init__(self, folder, *parts):
        super().__init__(*parts)
        given = {"base_url": "http://127.0.0.1:1", "allow_hosts": [], "locustfile": "/x.py", "options": {}, "rate": 10}
        given |= {"users": 5, "warmup": 0, "duration": 3, "startup": 1, "drain": 1, "parent": None}
        self.sink = FileSink(plan_of(given, folder / "x"))
        self.sink._log.begin(T0)


@pytest.fixture
def recorder(tmp_path):
    return Recorded(tmp_path, Pacing.OPEN)


def close(recorder, second, phase=Phase.MEASURED, queued=0, pauses=None):
    pause = (lambda: None) if pauses is None else lambda: pauses.append(1)
    interval = Interval(phase, second, second + 1.0, T0 + second + 1)
    recorder.sink.interval(recorder.take(interval, queued, pause), pause)


def lines(paths):
    return [json.loads(line) for line in paths[1].read_text().splitlines()]


def test_a_second_tells_what_happened_in_it(recorder, paths):
    for lateness in (100, 20_000):
        recorder.fell_due(measured=True)
        recorder.began(lateness, measured=True)
    recorder.fell_due(measured=True)
    recorder.request("GET", "/a", 21_000, 1_000, None, measured=True)
    recorder.request("GET", "/a", 2_000, 1_000, "HTTP 500", measured=True)
    close(recorder, 0, queued=1)
    (line,) = lines(paths)
    assert line == {
        "kind": "second",
        "t": T0 + 1,
        "phase": "measured",
        "due": 3,
        "sent": 2,
        "ok": 1,
        "failed": 1,
        "late": 1,
        "queued": 1,
        "busy": 0,
        "pool": 0,
        "p50": 0.002,
        "p95": 0.021,
        "p99": 0.021,
        "service_p99": 0.001,
        "lateness_p99": pytest.approx(0.020, rel=1e-3),
        "over": [],
        "over_service": [],
        "failures": {"GET /a": {"HTTP 500": 1}},
    }
    assert (recorder.due, recorder.started, recorder.late) == (3, 2, 1)


def test_a_second_without_requests_has_no_quantiles(recorder, paths):
    close(recorder, 0)
    assert lines(paths)[0]["p50"] is None


def test_the_warm_up_is_in_the_seconds_and_never_in_the_histograms(recorder, paths):
    recorder.request("GET", "/a", 1_000, 1_000, None, measured=False)
    recorder.request("GET", "/a", 3_000, 3_000, None, measured=True)  # due at the very start of the window
    close(recorder, -1, Phase.WARMUP)
    assert read_log(paths[0]).histograms == {}
    close(recorder, 0)
    assert read_log(paths[0]).histograms["response:GET%20%2Fa"].counts == (1,)
    assert [line["ok"] for line in lines(paths)] == [2, 0]
    assert recorder.endpoints()[0]["response_total"] == 1


def test_the_closed_model_has_every_request_due_when_it_was_sent(tmp_path, paths):
    recorder = Recorded(tmp_path, Pacing.CLOSED)
    recorder.request("GET", "/a", 1_000, 1_000, None, measured=True)
    close(recorder, 0)
    assert (lines(paths)[0]["due"], lines(paths)[0]["sent"]) == (1, 1)


def test_any_hdr_histogram_tool_reads_the_log(recorder, paths):
    recorded = {0: [1_000, 2_000], 1: [5_000_000], 2: []}
    for second, values in recorded.items():
        for value in values:
            recorder.request("POST", "/an,odd name\n", value, value // 2, None, measured=True)
        recorder.began(7, measured=True)
        close(recorder, second)
    reader = hdrh.log.HistogramLogReader(str(paths[0]), hdrh.histogram.HdrHistogram(1, 3_600_000_000, 3))
    seen, totals = [], Counter()
    while (interval := reader.get_next_interval_histogram()) is not None:
        seen.append((interval.get_tag(), interval.get_start_time_stamp()))
        totals[interval.get_tag()] += interval.get_total_count()
    reader.input_file.close()
    name = "POST%20%2Fan%2Codd%20name"
    assert totals == {f"response:{name}": 3, f"service:{name}": 3, "lateness": 3}
    assert (f"response:{name}", (T0 + 1) * 1000) in seen
    found = read_log(paths[0])
    assert found.broken == 0
    assert found.histograms[f"response:{name}"].total == 3
    assert 5_000_000 <= found.histograms[f"response:{name}"].values[-1] < 5_005_000


def test_endpoints_and_kinds_beyond_the_bound_share_one_name(recorder):
    for number in range(MOST_ENDPOINTS + 20):
        recorder.request("GET", f"/{number}", 1, 1, None, measured=True)
    for number in range(MOST_KINDS + 20):
        recorder.request("GET", "/0", 1, 1, f"kind {number}", measured=True)
    pauses = []
    close(recorder, 0, pauses=pauses)
    told = {each["endpoint"]: each for each in recorder.endpoints()}
    assert len(told) == MOST_ENDPOINTS + 1
    assert told[OTHER]["ok"] == 20
    assert told["GET /0"]["failures"][OTHER] == 20
    # the load goes on between making the histograms, and between writing them
    assert len(pauses) == 2 * 2 * (MOST_ENDPOINTS + 1)


def test_memory_does_not_grow_with_names(recorder):
    for number in range(20_000):
        recorder.request("GET", f"/{number}", 1, 1, None, measured=True)
    assert len(recorder._cells) <= 2 * MOST_ENDPOINTS


def test_errors_and_refusals_are_told_as_they_grow(recorder, paths):
    recorder.user_error("ValueError: x")
    recorder.refused("10.0.0.1:80")
    close(recorder, 0)
    recorder.user_error("ValueError: x")
    recorder.user_error("ValueError: x")
    close(recorder, 1)
    told = [(line["kind"], line["count"]) for line in lines(paths) if line["kind"] != "second"]
    assert told == [("user-error", 1), ("refused", 1), ("user-error", 2)]
    assert recorder.known_errors == {"ValueError: x": 3}


LIMITS = (Watch(None, 1.5), Watch("GET /a", 0.001), Watch("GET /never", 0.0))


@pytest.mark.parametrize(("pacing", "over"), [(Pacing.OPEN, [2, 3, 0]), (Pacing.CLOSED, [1, 0, 0])])
def test_a_second_counts_what_is_over_each_limit(tmp_path, paths, pacing, over):
    recorder = Recorded(tmp_path, pacing, LIMITS)
    for response, service in ((1_500_000, 1_000), (1_500_001, 1_000), (2_000, 900)):
        recorder.request("GET", "/a", response, service, None, measured=True)
    recorder.request("GET", "/b", 9_000_000, 9_000_000, None, measured=True)
    recorder.request("GET", "/b", 9_000_000, 9_000_000, None, measured=False)
    close(recorder, 0)
    close(recorder, 1)
    assert [line["over"] for line in lines(paths)] == [over, [0, 0, 0]]
    assert [line["over_service"] for line in lines(paths)] == [[1, 0, 0], [0, 0, 0]]


def test_a_second_tells_how_busy_the_pool_was(recorder):
    report = recorder.take(Interval(Phase.MEASURED, 0, 1, T0 + 1), 0, lambda: None, None, Occupancy(7, 8))
    recorder.sink.interval(report, lambda: None)
    assert (report.tallies.busy, report.tallies.pool) == (7, 8)


def test_what_is_over_a_limit_in_the_warm_up_does_not_count(tmp_path, paths):
    recorder = Recorded(tmp_path, Pacing.OPEN, LIMITS)
    recorder.request("GET", "/a", 2_000_000, 2_000_000, None, measured=False)
    close(recorder, -1, Phase.WARMUP)
    assert lines(paths)[0]["over"] == [0, 0, 0]


def test_a_second_tells_of_the_watched_endpoints_only(tmp_path, paths):
    recorder = Recorded(tmp_path, Pacing.OPEN, (), ("GET /a", "GET /b"))
    for failure in (None, None, "HTTP 500"):
        recorder.request("GET", "/a", 5, 5, failure, measured=True)
    recorder.request("GET", "/c", 5, 5, None, measured=True)
    close(recorder, -1, Phase.WARMUP)
    close(recorder, 0)
    recorder.request("GET", "/a", 5, 5, None, measured=True)
    close(recorder, 1)
    nothing = {"ok": 0, "failed": 0}
    assert "endpoints" not in lines(paths)[0]
    assert lines(paths)[1]["endpoints"] == {"GET /a": {"ok": 2, "failed": 1}, "GET /b": nothing}
    assert lines(paths)[2]["endpoints"] == {"GET /a": {"ok": 1, "failed": 0}, "GET /b": nothing}


def test_how_the_process_fared_is_a_line_of_its_own(recorder, paths):
    report = recorder.take(Interval(Phase.MEASURED, 0, 1, T0 + 1), 0, lambda: None, {"cpu": 0.5, "wait": None})
    recorder.sink.interval(report, lambda: None)
    assert lines(paths)[0] == {"kind": "health", "t": T0 + 1, "process": "main", "cpu": 0.5, "wait": None}
