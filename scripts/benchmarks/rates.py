"""How much load: the largest rate that is held, and what one core sends when nothing holds it back.

A rate is held when 99.5 % of it was sent on time. For ours that means started within 10 ms of when it was due; stock
Locust knows no due times, so there it is enough that it was sent at all, its spawning left out. Its pauses drift, so it
misses 99.5 % even where it is far from its limit: therefore what it did send is told for every rate, from the best of
several numbers of users. Ours compares every echoed body with what it sent; stock Locust looks at the status only.

One core is a second of CPU time: the requests that the service answered amid the run, for each CPU second that the peer
used meanwhile on its own core. On an idle machine that is requests a second; on a busy one the neighbours do not count.
"""

import contextlib
import json
import os
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import psutil

from benchmarks.accuracy import measure, prepared
from benchmarks.peers.common import Load, Peer
from benchmarks.peers.ours import Ours
from benchmarks.peers.stock import Stock
from benchmarks.table import Row
from bot.demo.launch import RunningService

_SIZES: Final = {"1 KiB": 1024, "64 KiB": 65536}
_STEPS: Final = (1000, 1500, 2000, 2500, 3000, 4000, 5000)
_STEP_S: Final = 4
_HELD: Final = 0.995
# Beyond its limit there is no use in asking stock Locust for more.
_HOPELESS: Final = 0.9
_EACH: Final = (50, 10)
_ROUNDS: Final = 2
_BEYOND: Final = 1.8
_CORE_S: Final = 9
_SETTLE_S: Final = 2.5
_COUNT_S: Final = 3.0
_READY_S: Final = 40.0
_AIM: Final = 1.0


def rows() -> Iterator[Row]:
    """Both payloads: the largest rate held by ours and by stock Locust, and their rates on one core."""
    for name, size in _SIZES.items():
        yield Row(f"{name}: largest rate held, bodies compared", f"{_largest(size)}/s", told(_shares_of_stock(size)))
    if (os.cpu_count() or 1) < 2:
        yield Row("one core", "not measured", "this machine has only one")
        return
    for name, size in _SIZES.items():
        yield _one_core(name, size)


def _largest(size: int) -> int:
    """The last of the steps that ours held, 0 when none was; a step that fails is tried twice."""
    held = 0
    for rate in _STEPS:
        if not any(_share(Ours(), rate, size) >= _HELD for _ in range(2)):
            return held
        held = rate
    return held


def _shares_of_stock(size: int) -> dict[int, float]:
    """What stock Locust sent of each rate, by its best number of users; up to the first one that is beyond it."""
    shares: dict[int, float] = {}
    for rate in _STEPS:
        shares[rate] = max(_share(Stock(rate // each), rate, size) for each in _EACH)
        if shares[rate] < _HOPELESS:
            break
    return shares


def _share(peer: Peer, rate: int, size: int) -> float:
    return measure(peer, Load(rate, _STEP_S, size)).outcome.on_time or 0.0


def told(shares: Mapping[int, float]) -> str:
    """Stock Locust beside ours: its largest rate by the same measure, and what it sent of each."""
    held = max((rate for rate, share in shares.items() if share >= _HELD), default=0)
    most = max(rate * share for rate, share in shares.items())
    each = ", ".join(f"{share:.1%} of {rate}/s" for rate, share in shares.items())
    return f"Locust, bodies not compared: {held}/s; sent {each}; at most {most:.0f}/s"


def _one_core(name: str, size: int) -> Row:
    """The closed loop of stock Locust, and ours offered well beyond that, in turns on the same core."""
    pairs = []
    for _ in range(_ROUNDS):
        stock = _sent(Stock(50), 0, size)  # no rate: as fast as it can
        pairs.append((_sent(Ours(pool=50), round(stock * _BEYOND), size), stock))
    return one_core(name, pairs)


def one_core(name: str, pairs: Sequence[tuple[float, float]]) -> Row:
    """Every round of (ours, stock) as it was, and the promise held against all of them together."""
    ours, stock = (sum(each) for each in zip(*pairs, strict=True))
    ratio = ours / stock if stock else 0.0
    each = ", ".join(f"{mine:.0f} and {its:.0f}" for mine, its in pairs)
    return Row(
        f"{name}: one core, open model, bodies compared",
        f"{ours / len(pairs):.0f}/s",
        f"closed loop of stock FastHttpUser, bodies not compared, {stock / len(pairs):.0f}/s: {ratio:.2f} times "
        f"(rounds: {each})",
        f">= {_AIM:.1f} times",
        ratio >= _AIM,
    )


def _sent(peer: Peer, rate: int, size: int) -> float:
    """Requests that were answered for each CPU second of the peer, which has the first core to itself."""
    first, second = sorted(os.sched_getaffinity(0))[:2]
    with prepared() as (service, folder):
        psutil.Process(service.pid).cpu_affinity([second])
        counted: list[float] = []
        counter = threading.Thread(target=lambda: counted.append(_count(service, first)))
        counter.start()
        peer.run(Load(rate, _CORE_S, size, cores=(first,)), service, folder)
        counter.join()
    return counted[0]


def _count(service: RunningService, core: int) -> float:
    until = time.monotonic() + _READY_S
    while not _answered(service) and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(_SETTLE_S)
    before, begun = _answered(service), _burnt(core)
    time.sleep(_COUNT_S)
    burnt = _burnt(core) - begun
    return (_answered(service) - before) / burnt if burnt else 0.0


def _burnt(core: int) -> float:
    """CPU seconds so far of all children that are kept on that core alone."""
    spent = 0.0
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if child.cpu_affinity() == [core]:
                times = child.cpu_times()
                spent += times.user + times.system
    return spent


def _answered(service: RunningService) -> int:
    """All echoes so far, as the service's own metrics tell."""
    with urllib.request.urlopen(f"{service.url}/metrics", timeout=10) as page:  # noqa: S310 - loopback
        lines = page.read().decode().splitlines()
    found = [line.rpartition(" ")[2] for line in lines if line.startswith("demo_requests_total") and "/echo" in line]
    return sum(json.loads(each) for each in found)
