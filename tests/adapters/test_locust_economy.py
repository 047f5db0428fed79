"""Real runs with and without the shortcuts: a load file and its listeners see no difference."""

import json
import socket

import pytest
from support.loadruns import endpoints, run, scenario
from support.server import serve

from bot.core.evidence import Ending
from bot.core.loadplan import ClosedModel, OpenModel, Workers

ROUND = 11
NOTES = ("ticks.txt", "observed.txt")


@pytest.fixture(scope="module")
def server():
    with serve() as running:
        yield running


@pytest.fixture(scope="module")
def ports():
    """A port where nobody listens, and one of another service."""
    with socket.socket() as dead, serve() as elsewhere:
        dead.bind(("127.0.0.1", 0))
        yield {"dead": dead.getsockname()[1], "elsewhere": elsewhere.port}


@pytest.fixture(scope="module")
def runs(server, ports, tmp_path_factory):
    """The same load with the shortcuts and without: what was measured, and what the file's own listener was told."""
    found = []
    for name, options in (("spared", ports), ("plain", ports | {"plain": True})):
        folder = tmp_path_factory.mktemp(name)
        plan = scenario("witness.py", OpenModel(rate=4 * ROUND, pool=2), duration=1.0, warmup=0, options=options)
        evidence = run(plan, server.url, folder)
        told = [json.loads(line) for line in (folder / "witness.ndjson").read_text().splitlines()]
        found.append((evidence, told))
    return found


def test_both_runs_complete_and_count_the_same(runs):
    (spared, _), (plain, _) = runs
    for evidence in (spared, plain):
        assert (evidence.ending, evidence.truncated) == (Ending.COMPLETED, ())
    assert counts(spared) == counts(plain)
    assert spared.refused_connects[0] == plain.refused_connects[0]


def counts(evidence):
    return {name: (each.ok, each.failed, dict(each.failures)) for name, each in endpoints(evidence).items()}


@pytest.mark.parametrize("kind", ["Fast", "Slow"])
def test_the_listeners_of_the_load_file_are_told_the_same(runs, kind):
    (_, spared), (_, plain) = runs
    of_kind = [[each for each in told if each["context"]["kind"] == kind] for told in (spared, plain)]
    assert len(of_kind[0]) == len(of_kind[1]) >= 2 * ROUND
    assert of_kind[0] == of_kind[1]


def test_every_way_was_gone(runs):
    (evidence, told), _ = runs
    assert len({each["named"] for each in told}) == ROUND
    kinds = {kind for each in evidence.endpoints for kind, _ in each.failures}
    assert {"HTTP 404", "HTTP 500"} <= kinds


@pytest.mark.parametrize("workers", [Workers(), Workers(local=2)], ids=["alone", "two workers"])
def test_a_shape_and_a_listener_of_other_modules_read_true_statistics(server, tmp_path, workers):
    plan = scenario("steered.py", ClosedModel(users=2), duration=4.0, warmup=0, workers=workers)
    evidence = run(plan, server.url, tmp_path)
    assert (evidence.ending, evidence.truncated) == (Ending.COMPLETED, ())
    ticks, observed = ([int(line) for line in (tmp_path / name).read_text().split()] for name in NOTES)
    assert ticks == sorted(ticks)
    assert ticks[-1] > 10
    assert max(observed) >= ticks[-1]


def test_a_listener_of_another_module_reads_true_statistics_of_an_open_load(server, tmp_path):
    plan = scenario("observed.py", OpenModel(rate=30, pool=5), duration=1.0, warmup=0)
    evidence = run(plan, server.url, tmp_path)
    assert (evidence.ending, evidence.arrivals.started) == (Ending.COMPLETED, 30)
    assert (tmp_path / "observed.txt").read_text().split() == ["30"]
