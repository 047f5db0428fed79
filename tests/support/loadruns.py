"""Real load runs through the adapter, against a server of this machine."""

from pathlib import Path

import psutil

from bot.adapters.locust import LocustLoad, Timing
from bot.core.loadplan import LoadPlan, ScenarioKind, ScenarioPlan

FILES = Path(__file__).parent / "locustfiles"
PAYLOAD = Path(__file__).parents[2] / "loadtests" / "payload.py"
PATIENT = Timing(startup=30, drain=5, allowance=30, poll=0.05)


class Eyes:
    """Keeps every line, and does something at the first one of a kind."""

    def __init__(self, kind="", act=lambda _line: None):
        self.lines = []
        self._kind = kind
        self._act = act

    def second(self, line):
        self.lines.append(line)
        if line["kind"] == self._kind:
            self._act(line)


def scenario(file, model, *, duration=2.0, warmup=0.5, options=None, **more):
    """A scenario named `load` with that file of `locustfiles`, or any other by its path."""
    path = file if isinstance(file, Path) else FILES / file
    return ScenarioPlan("load", ScenarioKind.LOAD, str(path), model, duration, warmup, (), options or {}, **more)


def run(plan, url, folder, *, timing=PATIENT, eyes=None, observers=()):
    """Run it and read what it left; no process of it is alive afterwards."""
    load = LocustLoad(observers, timing=timing)
    load.run(LoadPlan(url, (), (plan,), proof=False), plan, "c" * 40, folder, eyes or Eyes())
    assert generators(folder) == []
    return load.read(plan, folder)


def generators(folder):
    """Load processes of that folder that are still alive."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if any(str(folder) in part for part in process.info["cmdline"] or ()) and process.status() != "zombie"
    ]


def endpoints(evidence):
    """What was measured of each endpoint, by its name."""
    return {each.endpoint: each for each in evidence.endpoints}


def answered(evidence):
    """How many good answers each endpoint gave."""
    return {each.endpoint: each.ok for each in evidence.endpoints}


def slower_than(histogram, seconds):
    """How many of its values are above."""
    pairs = zip(histogram.values, histogram.counts, strict=True)
    return sum(count for value, count in pairs if value > seconds * 1e6)
