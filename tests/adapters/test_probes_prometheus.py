"""What no real server can be made to say: servers that misbehave, tokens, and what becomes of good answers."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from support.hostile import answering, raw_server, reply

from bot.adapters.probes import ProbeFailure, ProbeReading
from bot.adapters.probes.bearer import Bearer
from bot.adapters.probes.prometheus import PrometheusProbe, Queries
from bot.adapters.probes.scrapes import Scrapes, Step

BOTH = Queries("memory", "cpu", "start")


def series(values, instance="a:1"):
    return {"metric": {"instance": instance}, "values": [[at, str(value)] for at, value in values]}


@contextmanager
def prometheus(answer):
    """A server whose series are `answer(query, times)`; yields its address and what it was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            wanted = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
            asked.append((self.path.partition("?")[0], wanted, dict(self.headers)))
            start, end, step = (float(wanted[key]) for key in ("start", "end", "step"))
            times = [start + number * step for number in range(int((end - start) / step) + 1)]
            result = {"resultType": "matrix", "result": answer(wanted["query"], times)}
            self.wfile.write(reply(json.dumps({"status": "success", "data": result}).encode()))

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def probe(url, queries=BOTH, **options):
    return PrometheusProbe("app", url, queries, **{"interval": 1.0, "timeout": 1.0, **options})


def scraped_each_second(query, times):
    """The last sample at each step: taken a tenth after each full second."""
    taken = [(at - 0.1) // 1 + 0.1 for at in times]
    if query.startswith("timestamp"):
        return [series(zip(times, taken, strict=True))]
    values = {"memory": [at * 2 for at in taken], "cpu": taken, "start": [7.0] * len(times)}[query]
    return [series(zip(times, values, strict=True))]


def test_every_scrape_is_told_once_however_often_it_is_asked_for(monkeypatch):
    now = 1_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    with prometheus(scraped_each_second) as (url, asked):
        watched = probe(f"{url}/")
        told = list(watched.sample())
        for now in (1_000_001.3, 1_000_009.0):  # noqa: B007 - the clock reads it
            told += watched.sample()
    assert {path for path, _, _ in asked} == {"/api/v1/query_range"}
    assert [each.at for each in told] == sorted({each.at for each in told})
    assert len(told) == pytest.approx(13, abs=1)
    assert all(each.memory == pytest.approx(each.at * 2) and each.cpu_seconds == each.at for each in told)
    assert {(each.replica, each.instance) for each in told} == {("a:1", "prometheus@7.00")}
    assert watched.spent.bytes > 1000


def test_of_what_is_no_selector_nobody_knows_how_old_it_is():
    def evaluated(query, times):
        return [series(zip(times, times if query.startswith("timestamp") else [7.0] * len(times), strict=True))]

    with prometheus(evaluated) as (url, _):
        (failure,) = probe(url).sample()
    assert failure.text.startswith("nobody knows when what the query for memory finds was scraped")
    assert "a plain selector" in failure.text


def test_scrapes_that_fall_on_the_grid_of_the_steps_are_scrapes_all_the_same():
    def on_the_grid(query, times):
        taken = [at // 1 for at in times]
        return [series(zip(times, taken if query.startswith("timestamp") else [7.0] * len(times), strict=True))]

    with prometheus(on_the_grid) as (url, _):
        told = probe(url).sample()
    assert len(told) >= 4
    assert all(isinstance(each, ProbeReading) for each in told)


def test_what_could_not_be_had_is_asked_for_again_in_bounded_pieces(monkeypatch):
    now = 1_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    monkeypatch.setattr("bot.adapters.probes.prometheus._MOST_STEPS", 40)
    broken = True

    def answer(query, times):
        return [3] if broken else scraped_each_second(query, times)

    with prometheus(answer) as (url, asked):
        watched = probe(url)
        (failure,) = watched.sample()
        broken, now = False, 1_000_050.0
        del asked[:]
        told = watched.sample()
    assert "no list of values" in failure.text
    assert len(told) == pytest.approx(5, abs=1)
    now += 60
    with prometheus(scraped_each_second) as (url, asked):
        watched._url = f"{url}/api/v1/query_range"
        told = watched.sample()
    assert len(told) == pytest.approx(60, abs=2)
    spans = [(float(wanted["end"]) - float(wanted["start"])) / float(wanted["step"]) for _, wanted, _ in asked]
    assert max(spans) <= 40
    assert len(spans) >= 4


def test_two_series_of_one_instance_are_ambiguous():
    with prometheus(lambda _, times: [series([(times[-1], 1)]), series([(times[-1], 2)])]) as (url, _):
        (failure,) = probe(url).sample()
    assert "the same `instance`" in failure.text


def test_processes_are_told_apart_by_the_label_that_is_configured():
    def pods(_, times):
        return [{"metric": {"instance": "node", "pod": pod}, "values": [[times[-1], "1"]]} for pod in ("p1", "p2")]

    with prometheus(pods) as (url, _):
        told = probe(url, Queries(memory="memory", instance="pod")).sample()
    assert [each.replica for each in told] == ["p1", "p2"]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"x" * 9_000_000, "200 OK", "longer than"),
        (b"no", "404 Not Found", "status 404"),
        (b"no", "401 Unauthorized", "status 401"),
        (b"", "302 Found", "status 302"),
        (b"<html>", "200 OK", "not JSON"),
        (b'{"status":"error","errorType":"execution","error":"too many"}', "422 Unprocessable", "execution: too many"),
        (b'{"status":"success","data":{"resultType":"vector","result":[]}}', "200 OK", "a vector"),
    ],
)
def test_a_server_that_says_something_else_is_a_failure(body, status, words):
    with answering(body, status=status) as url:
        (failure,) = probe(url, timeout=5.0).sample()
    assert isinstance(failure, ProbeFailure)
    assert words in failure.text


def test_redirects_are_not_followed():
    with raw_server(lambda *_: pytest.fail("somebody was sent here")) as other:
        moved = reply(b"", "302 Found", "text/plain", f"Location: {other}/api/v1/query_range")
        with raw_server(lambda connection, _: connection.sendall(moved)) as url:
            (failure,) = probe(url, bearer=Bearer()).sample()
    assert "status 302" in failure.text


def test_a_slow_server_is_left_within_the_deadline():
    with raw_server(lambda connection, _: connection.recv(1)) as url:
        (failure,) = probe(url, timeout=0.2).sample()
    assert failure.text == "no complete answer within 0.2 s"


def test_all_questions_together_have_a_deadline_too(monkeypatch):
    monkeypatch.setattr("bot.adapters.probes.prometheus._BUDGET_S", 0.0)
    with prometheus(scraped_each_second) as (url, asked):
        (failure,) = probe(url).sample()
    assert "did not answer everything" in failure.text
    assert asked == []


def test_a_token_goes_into_the_header_and_nowhere_else(monkeypatch, tmp_path):
    file = tmp_path / "token"
    file.write_text("from-the-file\n")
    monkeypatch.setenv("PROMETHEUS_TOKEN", "from-the-environment")
    for bearer, token in ((Bearer("PROMETHEUS_TOKEN"), "from-the-environment"), (Bearer(file=file), "from-the-file")):
        with prometheus(scraped_each_second) as (url, asked):
            told = probe(url, bearer=bearer).sample()
        assert isinstance(told[0], ProbeReading)
        assert {headers["Authorization"] for _, _, headers in asked} == {f"Bearer {token}"}
        assert token not in str([(path, wanted) for path, wanted, _ in asked])
    with prometheus(scraped_each_second) as (url, asked):
        probe(url).sample()
    assert "Authorization" not in asked[0][2]


@pytest.mark.parametrize("content", ["", "  \n", "two words", "a\x00b", "ä", "x" * 9000])
def test_what_is_no_token_is_not_sent_and_not_told(monkeypatch, tmp_path, content):
    file = tmp_path / "token"
    file.write_text(content)
    monkeypatch.delenv("PROMETHEUS_TOKEN", raising=False)
    with prometheus(scraped_each_second) as (url, asked):
        outcomes = [
            *probe(url, bearer=Bearer(file=file)).sample(),
            *probe(url, bearer=Bearer("PROMETHEUS_TOKEN")).sample(),
        ]
    assert asked == []
    assert "the token file holds no token" in outcomes[0].text
    assert outcomes[1].text == "the environment variable PROMETHEUS_TOKEN holds no token"
    assert (content.strip() or "\x01") not in outcomes[0].text


def test_a_token_file_that_is_not_there_is_a_failure(tmp_path):
    (failure,) = probe("http://127.0.0.1:1", bearer=Bearer(file=tmp_path / "none")).sample()
    assert failure.text == "the token file cannot be read (FileNotFoundError)"


def taken(*steps, **told_by):
    scrapes = Scrapes(1.0, **{"told_by_start": False, "told_by_cpu": True, **told_by})
    return list(scrapes.take({"a": steps}))


def test_a_value_that_is_no_number_is_a_failure_and_not_a_reading_of_nothing():
    reading, failure = taken(Step(10.1, None, 10.1, 1.0, None))
    assert (reading.memory, reading.cpu_seconds, reading.at) == (None, 1.0, 10.1)
    assert failure == ProbeFailure("1 samples are not usable numbers", "a")


def test_memory_and_cpu_of_different_scrapes_keep_their_own_times():
    told = taken(Step(10.1, 5.0, 10.4, 1.0, None))
    assert [(each.at, each.memory, each.cpu_seconds) for each in told] == [(10.1, 5.0, None), (10.4, None, 1.0)]


def test_a_reading_whose_life_nobody_knows_yet_is_none():
    told = taken(Step(10.1, 5.0, 10.1, 1.0, None), Step(11.1, 5.0, 11.1, 1.0, 3.0), told_by_start=True)
    assert [(each.at, each.instance) for each in told] == [(11.1, "prometheus@3.00")]


def test_a_start_that_is_not_told_for_once_is_no_new_life():
    starts = (3.0, None, 3.0, 90.0)
    told = taken(*(Step(at, 5.0, at, 1.0, start) for at, start in enumerate(starts, 10)), told_by_start=True)
    assert [each.instance for each in told] == ["prometheus@3.00"] * 3 + ["prometheus@90.00"]


def test_a_counter_that_goes_down_is_a_new_life_where_no_start_is_asked_for():
    told = taken(*(Step(at, 5.0, at, cpu, None) for at, cpu in enumerate((5.0, 6.0, 0.5), 10)))
    assert [each.instance for each in told] == ["prometheus", "prometheus", "prometheus#1"]
