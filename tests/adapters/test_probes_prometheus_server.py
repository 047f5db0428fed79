"""Against a real Prometheus server that scrapes the demo service."""

import socket
import threading
import time
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from urllib.request import Request, urlopen

import pytest
from support.plans import load_plan, scenario_plan
from support.prometheus import EVERY_S, PROGRAM, running_prometheus
from support.service import running_service

from bot.adapters.observations import read_observations
from bot.adapters.probes import ProbeFailure, ProbeReading
from bot.adapters.probes.prometheus import PrometheusProbe, Queries
from bot.adapters.probes.sampler import ResourceObserver
from bot.adapters.series import read_costs, read_resources
from bot.core.restart import judge_restart
from bot.core.verdict import Result

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="there is no prometheus on this machine")

MB = 1_000_000
QUERIES = Queries(
    'process_resident_memory_bytes{job="shop"}',
    'process_cpu_seconds_total{job="shop"}',
    'process_start_time_seconds{job="shop"}',
)


@pytest.fixture(scope="module")
def ports():
    """Two free ports for the services that the server scrapes."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


@pytest.fixture(scope="module")
def server(ports):
    with running_prometheus(*(f"127.0.0.1:{port}" for port in ports)) as made:
        yield made


@contextmanager
def scraped(server, *ports, **behaviour):
    """Services on these ports, of which the server has seen something."""
    with ExitStack() as running:
        services = [running.enter_context(running_service(port=port, **behaviour)) for port in ports]
        last = time.monotonic() + 20
        while any(server.value(f'up{{instance="{address(each)}"}}') != 1 for each in services):
            assert time.monotonic() < last
            time.sleep(0.05)
        # So much of the past is asked for at first.
        time.sleep(4 * EVERY_S)
        yield services


def address(service):
    return f"127.0.0.1:{service.port}"


def probe(server, queries=QUERIES):
    return PrometheusProbe("app", server.url, queries, interval=EVERY_S, cores=2.0, piece=1.5)


def echo(service, times=1):
    for _ in range(times):
        with urlopen(Request(f"{service.url}/echo", data=b"x", method="POST"), timeout=5) as answer:
            answer.read()


class Observed:
    """What was read while the block ran, the window being the block itself."""

    @contextmanager
    def window(self, path, *probes):
        # Before the first look, which is over at once on some machines: what it finds belongs to the block.
        began = time.time()
        with ResourceObserver(probes).observe(load_plan(), scenario_plan(), "a" * 40, path):
            yield
            self.measured = time.time() - began
        seen = read_observations(path)
        self.series = read_resources(seen, began, self.measured)
        self.costs = read_costs(seen)

    @property
    def restart(self):
        return judge_restart(self.series, ("app",), self.measured)


@pytest.fixture
def observed():
    return Observed()


def test_a_leak_is_seen_with_the_servers_own_times_each_sample_once(tmp_path, server, ports, observed):
    with scraped(server, ports[0], leak_bytes=5 * MB) as (service,), observed.window(tmp_path / "a", probe(server)):
        for _ in range(5):
            echo(service, 2)
            time.sleep(0.8)
    (series,) = observed.series
    assert series.replica == address(service)
    assert series.instance.startswith("prometheus@")
    times = [sample.at for sample in series.samples]
    assert times == sorted(set(times))
    assert 0.95 * observed.measured / EVERY_S - 2 <= len(times) <= observed.measured / EVERY_S + 1
    assert series.samples[-1].memory - series.samples[0].memory > 30 * MB
    assert series.samples[-1].cpu_seconds >= series.samples[0].cpu_seconds > 0
    assert observed.restart.result is Result.PASS, observed.restart.words
    (cost,) = observed.costs
    assert (cost.probe, cost.failures) == ("app", 0)
    assert cost.readings >= 3
    assert cost.taken_in > 1000
    assert 0 < cost.longest <= cost.seconds
    assert 0 < cost.cpu < cost.observed


def test_a_restart_is_another_life_of_that_process_and_not_of_the_other(tmp_path, server, ports, observed):
    with scraped(server, *ports) as (service, other), observed.window(tmp_path / "a", probe(server)):
        time.sleep(1.5)
        service.stop()
        with running_service(port=service.port):
            time.sleep(2.5)
    assert observed.restart.result is Result.FAIL
    assert "restarted" in observed.restart.words
    assert address(service) in observed.restart.words
    lives = [one.replica for one in observed.series]
    assert (lives.count(address(service)), lives.count(address(other))) == (2, 1)


def test_one_process_of_two_that_goes_away_is_a_failure_that_names_it(tmp_path, server, ports, observed):
    with scraped(server, *ports) as (service, _), observed.window(tmp_path / "a", probe(server)):
        time.sleep(1)
        service.stop()
        time.sleep(3)
    assert observed.restart.result is Result.FAIL
    assert "went away" in observed.restart.words
    assert address(service) in observed.restart.words


def test_a_server_that_stands_still_leaves_a_gap_that_nothing_fills(tmp_path, server, ports, observed):
    with scraped(server, ports[0]), observed.window(tmp_path / "a", probe(server)):
        time.sleep(1)
        with server.standing_still():
            time.sleep(2)
        time.sleep(1)
    (series,) = observed.series
    assert max(later.at - earlier.at for earlier, later in pairwise(series.samples)) > 1.8
    assert observed.restart.result is Result.INVALID
    assert "does not cover" in observed.restart.words


def test_a_server_that_cannot_be_reached_proves_nothing(tmp_path, ports, observed):
    nobody = PrometheusProbe("app", f"http://127.0.0.1:{ports[1]}", QUERIES, interval=EVERY_S, piece=1)
    with observed.window(tmp_path / "a", nobody):
        time.sleep(1.3)
    assert observed.restart.result is Result.INVALID
    assert "the connection was refused" in observed.restart.words


def test_what_the_server_says_of_bad_queries_is_a_failure(server, ports):
    queries = ("foo(", "nothing_of_that_name", "up[1m]", "process_resident_memory_bytes")
    with scraped(server, ports[0]):
        told = {query: probe(server, Queries(memory=query)).sample() for query in queries}
    words = {query: [each.text for each in told[query] if isinstance(each, ProbeFailure)] for query in queries}
    assert "parse error" in words["foo("][0]
    assert words["nothing_of_that_name"] == ["the query for memory finds nothing"]
    assert "refused the query" in words["up[1m]"][0]
    good = [each for each in told["process_resident_memory_bytes"] if isinstance(each, ProbeReading)]
    assert len(good) >= 2
    assert {each.instance for each in good} == {""}


@pytest.mark.parametrize(
    "query",
    [
        'sum by (instance) (process_resident_memory_bytes{job="shop"})',
        'max_over_time(process_resident_memory_bytes{job="shop"}[1h])',
        "vector(0) / 0",
    ],
)
def test_sums_and_functions_tell_no_time_of_a_scrape_and_prove_nothing(tmp_path, server, ports, observed, query):
    with scraped(server, ports[0]), observed.window(tmp_path / "a", probe(server, Queries(query, start="up"))):
        time.sleep(1)
    assert not any(one.samples for one in observed.series)
    assert observed.restart.result is Result.INVALID
    assert "use a plain selector" in observed.restart.words


def test_no_thread_is_left_behind():
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("probe-")]
