"""Sampling every probe while a scenario runs: one thread a probe, on a fixed grid, into the scenario's ndjson file."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bot.adapters.ndjson import ObservationLog
from bot.adapters.probes import Outcome, Probe, ProbeFailure, ProbeReading
from bot.adapters.probes.cost import Cost
from bot.adapters.ticker import Ticker, stop
from bot.core.loadplan import LoadPlan, ScenarioPlan

_LAST_LOOK_S: Final = 15.0


class ResourceObserver:
    """Reads every probe at its own pace for as long as a scenario runs."""

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
        """Append `probe`, `resource` and `probe-cost` lines to `ndjson` while the block runs and right after it.

        Raises nothing of its own: a reading that fails is a line with its error. Ends within about two seconds, with
        probes that look back within `_LAST_LOOK_S` more, and writes nothing afterwards.
        """
        log = ObservationLog(ndjson)
        watched: list[_Watched] = []
        looking_back: list[_Watched] = []
        try:
            watched.extend(_Watched(probe, log) for probe in self._probes)
            yield
            looking_back = [one for one in watched if one.looks_back]
        finally:
            stop([one.ticker for one in watched])
            _last_look(looking_back)
            for one in watched:
                log.append(one.cost_line())
            log.close()


class _Watched:
    """One probe under way: its ticker, and what it costs."""

    def __init__(self, probe: Probe, log: ObservationLog) -> None:
        self._probe = probe
        self._log = log
        self._one_at_a_time = threading.Lock()
        self._cost = Cost(probe)
        named = {"probe": probe.name, "interval": probe.interval, "cores": probe.cores}
        log.append({"kind": "probe", "t": time.time(), **named})
        self.ticker = Ticker(f"probe-{probe.name}", self.read, interval=probe.pace)

    @property
    def looks_back(self) -> bool:
        return self._probe.pace > self._probe.interval

    def read(self) -> None:
        with self._one_at_a_time:
            asked = time.time()
            outcomes = self._outcomes()
            middle = (asked + time.time()) / 2
            for outcome in outcomes:
                self._log.append(_line(self._probe.name, middle, outcome))

    def _outcomes(self) -> tuple[Outcome, ...]:
        with self._cost.of_one_reading() as told:
            try:
                outcome = self._probe.sample()
            except Exception as error:  # noqa: BLE001 - a probe must not end a run
                outcome = ProbeFailure(f"the probe itself failed ({type(error).__name__})")
            outcomes = outcome if isinstance(outcome, tuple) else (outcome,)
            told.failed = any(isinstance(each, ProbeFailure) for each in outcomes)
        return outcomes

    def cost_line(self) -> dict[str, object]:
        return {"kind": "probe-cost", "t": time.time(), "probe": self._probe.name, **self._cost.so_far()}


def _last_look(watched: Sequence[_Watched]) -> None:
    """Let them tell the last stretch, all at once and not for ever."""
    until = time.monotonic() + _LAST_LOOK_S
    looking = [threading.Thread(target=one.read, name="probe-last-look", daemon=True) for one in watched]
    for thread in looking:
        thread.start()
    for thread in looking:
        thread.join(max(0.0, until - time.monotonic()))


def _line(probe: str, middle: float, outcome: Outcome) -> dict[str, object]:
    line: dict[str, object] = {"kind": "resource", "t": middle, "probe": probe}
    if outcome.replica:
        line["replica"] = outcome.replica
    match outcome:
        case ProbeReading(instance, memory, cpu_seconds):
            line |= {"instance": instance, "memory": memory, "cpu_seconds": cpu_seconds}
            return line | {"t": middle if outcome.at is None else outcome.at}
        case ProbeFailure(text):
            line |= {"error": text}
            return line | {"gone": True} if outcome.gone else line
