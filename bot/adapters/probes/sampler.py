"""Sampling every probe while a scenario runs: one thread a probe, on a fixed grid, into the scenario's ndjson file."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.adapters.ndjson import ObservationLog
from bot.adapters.probes import Probe, ProbeFailure, ProbeReading
from bot.adapters.ticker import Ticker, stop
from bot.core.loadplan import LoadPlan, ScenarioPlan


class ResourceObserver:
    """Reads every probe at its own interval for as long as a scenario runs."""

    def __init__(self, probes: Sequence[Probe]) -> None:
        self._probes = tuple(probes)

    @contextmanager
    def observe(
        self,
        plan: LoadPlan,  # noqa: ARG002 - all observers of a scenario are called alike
        scenario: ScenarioPlan,  # noqa: ARG002
        candidate_sha: str,  # noqa: ARG002
        ndjson: Path,
    ) -> Iterator[None]:
        """Append `probe` and `resource` lines to `ndjson` while the block runs.

        Raises nothing of its own: a reading that fails is a line with its error. Ends within about two seconds, and
        writes nothing afterwards.
        """
        log = ObservationLog(ndjson)
        tickers: list[Ticker] = []
        try:
            tickers.extend(_start(probe, log) for probe in self._probes)
            yield
        finally:
            stop(tickers)
            log.close()


def _start(probe: Probe, log: ObservationLog) -> Ticker:
    log.append(
        {"kind": "probe", "t": time.time(), "probe": probe.name, "interval": probe.interval, "cores": probe.cores}
    )
    return Ticker(f"probe-{probe.name}", lambda: _record(probe, log), interval=probe.interval)


def _record(probe: Probe, log: ObservationLog) -> None:
    asked = time.time()
    try:
        outcome = probe.sample()
    except Exception as error:  # noqa: BLE001 - a probe must not end a run
        outcome = ProbeFailure(f"the probe itself failed ({type(error).__name__})")
    line: dict[str, object] = {"kind": "resource", "t": (asked + time.time()) / 2, "probe": probe.name}
    match outcome:
        case ProbeReading(instance, memory, cpu_seconds):
            line |= {"instance": instance, "memory": memory, "cpu_seconds": cpu_seconds}
        case ProbeFailure(text):
            line |= {"error": text}
    log.append(line)
