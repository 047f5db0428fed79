"""The project's own load process, as a night starts it."""

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

from benchmarks.peers.common import Load, Outcome
from benchmarks.peers.process import costly
from bot.adapters.locust_child import ScenarioFiles, prepare, start
from bot.core.loadplan import LoadPlan, OpenModel, ScenarioKind, ScenarioPlan
from bot.demo.launch import RunningService

_FILE: Final = Path(__file__).resolve().parents[3] / "loadtests" / "payload.py"
_WARMUP_S: Final = 2.0
_STARTUP_S: Final = 30.0
_DRAIN_S: Final = 8.0
_LONGEST_US: Final = 3_600_000_000
_POLL_S: Final = 0.05


class Ours:
    """The open model with a pool of users; its numbers are response times, waiting for a user included."""

    name = "ours"

    def __init__(self, pool: int = 200) -> None:
        self._pool = pool

    def run(self, load: Load, service: RunningService, folder: Path) -> Outcome:
        """Send that load; the service's truth begins with the measured window, as the numbers do."""
        scenario = ScenarioPlan(
            name="bench",
            kind=ScenarioKind.LOAD,
            locustfile=str(_FILE),
            model=OpenModel(rate=load.rate, pool=self._pool),
            duration=float(load.seconds),
            warmup=_WARMUP_S,
            objectives=(),
            options={"payload": load.size, "expect": "echo"},
        )
        plan = LoadPlan(service.url, (), (scenario,), proof=False)
        files = prepare(plan, scenario, folder, startup=_STARTUP_S, drain=_DRAIN_S)
        watcher = threading.Thread(target=_reset_at_start, args=(files.ndjson, service), daemon=True)
        watcher.start()
        within = _STARTUP_S + _WARMUP_S + load.seconds + _DRAIN_S
        with _only(load.cores):
            _, cost = costly(lambda: start(files, frozenset()), within)
        watcher.join(1)
        return _outcome(files, cost)


class _only:  # noqa: N801 - reads as a word
    """Children that are started meanwhile stay on those cores; all of them when empty."""

    def __init__(self, cores: tuple[int, ...]) -> None:
        self._cores = cores

    def __enter__(self) -> None:
        self._before = os.sched_getaffinity(0)
        if self._cores:
            os.sched_setaffinity(0, self._cores)

    def __exit__(self, *_: object) -> None:
        os.sched_setaffinity(0, self._before)


def _reset_at_start(ndjson: Path, service: RunningService) -> None:
    """Reset the service's truth when the measured window opens."""
    until = time.monotonic() + _STARTUP_S
    while time.monotonic() < until:
        for line in _lines(ndjson):
            if line["kind"] == "start":
                time.sleep(max(0.0, line["t"] - time.time()))
                service.reset_truth()
                return
        time.sleep(_POLL_S)


def _lines(ndjson: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of the file."""
    for line in ndjson.read_text(encoding="utf-8").split("\n")[:-1]:
        if line:
            yield json.loads(line)


def _outcome(files: ScenarioFiles, cost: Any) -> Outcome:
    end = next((line for line in _lines(files.ndjson) if line["kind"] == "end"), None)
    if end is None or end["ending"] != "completed":
        raise SystemExit(f"the load did not complete: {end or files.log.read_text()[-2000:]}")
    arrivals = end["arrivals"]
    series = _series(files.hlog)
    response = series["response"]
    return Outcome(
        **{f"p{p}": response.get_value_at_percentile(p) / 1e6 for p in (50, 95, 99)},
        answered=sum(
            line["ok"] for line in _lines(files.ndjson) if line["kind"] == "second"
        ),  # warm-up too, as the cost
        cost=cost,
        on_time=(arrivals["started"] - arrivals["late"]) / arrivals["due"],
        late=series["lateness"].get_value_at_percentile(99) / 1e6,
    )


def _series(hlog: Path) -> dict[str, HdrHistogram]:
    """All intervals of a series and all endpoints together, by the name of the series."""
    found: dict[str, HdrHistogram] = {}
    reader = HistogramLogReader(str(hlog), HdrHistogram(1, _LONGEST_US, 3))
    while (interval := reader.get_next_interval_histogram()) is not None:
        name = str(interval.get_tag()).partition(":")[0]
        found.setdefault(name, HdrHistogram(1, _LONGEST_US, 3)).add(interval)
    return found
