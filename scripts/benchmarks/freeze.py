"""The service stands still for 5 s under load: what each peer reports as p99, and whether its own gate passes.

True is what users would have felt who come 1000 a second whatever the service does: of `T` seconds, those who come in
the `F` frozen ones wait for the rest of it, so p99 is `F - T / 100`.
"""

import contextlib
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError

from support.night import World
from support.service import running_service

from benchmarks.accuracy import prepared
from benchmarks.peers.common import LIMITS, Load, NotInstalledError, Peer
from benchmarks.peers.hey import Hey
from benchmarks.peers.stock import Stock
from benchmarks.peers.taurus import Taurus
from benchmarks.table import Row
from bot.demo.launch import RunningService

_FREEZE_S: Final = 5.0
_SECONDS: Final = 12
_WARMUP_S: Final = 2
_RATE: Final = 1000
_TRUE_P99: Final = _FREEZE_S - _SECONDS / 100
_WITHIN: Final = 0.05
_BEFORE_S: Final = 3.0
_READY_S: Final = 40.0
_BEHAVIOUR: Final = {"delay_ms": 5.0}
_PEERS: Final[tuple[Peer, ...]] = (Stock(200), Stock(20), Hey(), Taurus())
_BLOCKED: Final = 3
_SCENARIO: Final = f"""
[[scenario]]
name = "load"
locustfile = "loadtests/payload.py"
rate = {_RATE}
duration = "{_SECONDS}s"
warmup = "{_WARMUP_S}s"
abort = false
options = {{ payload = "1KiB", expect = "echo" }}
[scenario.slo]
error_rate = "< {LIMITS["error_rate"]:.0%}"
p95 = "< {LIMITS["p95"]}s"
p99 = "< {LIMITS["p99"]}s"
"""


def rows() -> Iterator[Row]:
    """Ours by the real command, then all peers that have a rate."""
    p99, code = _ours()
    near = abs(p99 - _TRUE_P99) <= _WITHIN * _TRUE_P99
    yield Row("ours: p99", f"{p99:.2f} s", f"true {_TRUE_P99:.2f} s", "within 5 %", near)
    yield Row("ours: gate", _gate(code == 0), f"exit code {code}", "blocks", code == _BLOCKED)
    for peer in _PEERS:
        yield _row(peer)


def _ours() -> tuple[float, int]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, running_service(**_BEHAVIOUR) as service:
        world = World(Path(folder), service.url, scenarios=_SCENARIO)
        service.control(sha=world.tip("staging"))
        freezer = _freezing(service, _WARMUP_S + _BEFORE_S)
        ended = world.promote("gate", "--json")
        freezer.join()
    return _quantile(ended.json["evidence"]["scenarios"][0]["endpoints"][0]["response"], 0.99), ended.code


def _row(peer: Peer) -> Row:
    try:
        with prepared(**_BEHAVIOUR) as (service, folder):
            freezer = _freezing(service, _BEFORE_S)
            outcome = peer.run(Load(_RATE, _SECONDS, 1024), service, folder)
            freezer.join()
    except NotInstalledError as missing:
        return Row(f"{peer.name}: p99", "not measured", str(missing))
    gate = "it has no gate" if outcome.gate is None else f"its gate: {_gate(outcome.gate)}"
    return Row(f"{peer.name}: p99", f"{outcome.p99:.2f} s", gate)


def _gate(passes: bool) -> str:  # noqa: FBT001 - a word for a value
    return "passes" if passes else "blocks"


def _freezing(service: RunningService, after: float) -> threading.Thread:
    """Freeze the service so many seconds after its first request was counted."""
    thread = threading.Thread(target=_freeze, args=(service, after), daemon=True)
    thread.start()
    return thread


def _freeze(service: RunningService, after: float) -> None:
    until = time.monotonic() + _READY_S
    with contextlib.suppress(URLError):  # nobody sent anything, and the service has gone
        while not service.truth()["count"] and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(after)
        service.control(freeze_s=_FREEZE_S)


def _quantile(histogram: dict[str, Any], share: float) -> float:
    """Nearest rank, in seconds."""
    rank, seen = share * sum(histogram["counts"]), 0
    for value, count in zip(histogram["values"], histogram["counts"], strict=True):
        seen += count
        if seen >= rank:
            return float(value) / 1e6
    raise SystemExit("the histogram is empty")
