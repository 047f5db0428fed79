import json
from collections import Counter

import hdrh.histogram
import hdrh.log
import pytest

from bot.adapters.hdrlog import read_log
from loadtests.cells import MOST_ENDPOINTS, MOST_KINDS, OTHER
from loadtests.files import HistogramLog, Lines
from loadtests.recorder import Interval, Pacing, Phase, Recorder

T0 = 1_700_000_000.0


@pytest.fixture
def paths(tmp_path):
    return tmp_path / "x.hlog", tmp_path / "x.ndjson"


@pytest.fixture
def recorder(paths):
    log = HistogramLog(paths[0])
    log.begin(T0)
    return Recorder(log, Lines(paths[1]), Pacing.OPEN)


def close(recorder, second, phase=Phase.MEASURED, queued=0, pauses=None):
    pause = (lambda: None) if pauses is None else lambda: pauses.append(1)
    recorder.close_interval(Interval(phase, second, second + 1.0, T0 + second + 1), queued, pause)


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
        "p50": 0.002,
        "p95": 0.021,
        "p99": 0.021,
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


def test_the_closed_model_has_every_request_due_when_it_was_sent(paths):
    recorder = Recorder(HistogramLog(paths[0]), Lines(paths[1]), Pacing.CLOSED)
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
    assert len(pauses) == 2 * (MOST_ENDPOINTS + 1)  # the load goes on between the histograms


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
