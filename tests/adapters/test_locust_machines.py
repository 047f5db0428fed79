"""Workers on other machines, which are network namespaces here: a master, two workers, and a cable that is cut."""

import contextlib
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from support.namespaces import machines, reason_against

from bot.adapters.locust_child import GENERATOR, prepare
from bot.adapters.measurements import read_scenario
from bot.core.evidence import Ending
from bot.core.loadplan import LoadPlan, OpenModel, ScenarioKind, ScenarioPlan, Workers
from bot.core.verdict import Result
from bot.core.workers import judge_workers

ROOT = Path(__file__).parents[2]
SERVER = Path(__file__).parents[1] / "support" / "server.py"
PORT = 5557
DEADLINE_S = 60

AGAINST = reason_against()
pytestmark = pytest.mark.skipif(AGAINST is not None, reason=AGAINST or "")


@pytest.fixture
def net():
    """A master's machine and two others, on a network of this process's own."""
    with machines(3, f"10.{77 + os.getpid() % 100}.{os.getpid() // 100 % 250}") as found:
        yield found


@contextlib.contextmanager
def there(machine, folder, *words, **pipes):
    """A process on that machine; killed at the end."""
    command = machine.command(sys.executable, *words)
    with (folder / f"{machine.name}.log").open("ab") as log:
        child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stderr=log, **pipes)
        try:
            yield child
        finally:
            child.kill()
            child.communicate()


@contextlib.contextmanager
def running(net, folder, duration):
    """The service and the master on the first machine, a worker on each other one; gives plan, master, workers."""
    master, *others = net
    with contextlib.ExitStack() as started:
        service = started.enter_context(there(master, folder, str(SERVER), master.address, stdout=subprocess.PIPE))
        url = f"http://{master.address}:{int(service.stdout.readline())}"
        scenario = ScenarioPlan(
            "load", ScenarioKind.LOAD, str(ROOT / "loadtests" / "payload.py"), OpenModel(100, 20), duration, 0.0, ()
        )
        scenario = replace(scenario, workers=Workers(local=0, remote=2, bind="0.0.0.0", port=PORT, deadline=30))
        files = prepare(LoadPlan(url, (), (scenario,), proof=False), scenario, folder, startup=30, drain=5)
        no_parent = json.loads(files.plan.read_text()) | {"parent": None}  # `ip` stands between us and the process
        files.plan.write_text(json.dumps(no_parent))
        led = started.enter_context(
            there(master, folder, "-P", "-m", GENERATOR, str(files.plan), stdout=subprocess.PIPE)
        )
        workers = [
            started.enter_context(
                there(
                    each,
                    folder,
                    *("-P", "-m", "bot", "--json", "worker", "--master", master.address),
                    *("--name", each.name, "--wait", "30s"),
                    stdout=subprocess.PIPE,
                )
            )
            for each in others
        ]
        yield scenario, led, workers


def test_workers_of_other_machines_send_the_planned_load(net, tmp_path):
    with running(net, tmp_path, duration=2.0) as (scenario, master, workers):
        master.communicate(timeout=DEADLINE_S)
        said = [json.loads(each.communicate(timeout=DEADLINE_S)[0])["outcome"] for each in workers]
    evidence = read_scenario(scenario, tmp_path)
    assert (evidence.ending, evidence.ending_detail, evidence.truncated) == (Ending.COMPLETED, "", ())
    assert (evidence.arrivals.due, evidence.endpoints[0].ok) == (200, 200)
    assert said == ["done", "done"]
    assert {each.name.split(":")[0] for each in evidence.workers} == {each.name for each in net[1:]}
    assert judge_workers(evidence).result is Result.PASS


def test_a_cable_that_is_cut_makes_the_run_invalid_by_name_and_every_process_ends(net, tmp_path):
    with running(net, tmp_path, duration=30.0) as (scenario, master, workers):
        await_line(tmp_path / "load.ndjson", '"phase": "measured"')
        net[2].cut_off()
        master.communicate(timeout=DEADLINE_S)
        codes = []
        for each in workers:
            each.communicate(timeout=DEADLINE_S)
            codes.append(each.returncode)
    evidence = read_scenario(scenario, tmp_path)
    assert evidence.ending is Ending.CRASHED
    found = judge_workers(evidence)
    assert found.result is Result.INVALID
    assert f"{net[2].name}:worker-" in found.words
    assert " lost: " in found.words
    assert codes == [1, 1]


def await_line(path, part):
    """Wait until a line with that part is there."""
    deadline = time.monotonic() + DEADLINE_S
    while part not in path.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.1)
