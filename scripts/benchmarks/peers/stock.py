"""Locust as it comes, at the same rate: so many users, each at a constant throughput."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks.peers.common import LIMITS, Load, Outcome
from benchmarks.peers.process import command, costly, output
from bot.demo.launch import RunningService

FILE: Final = Path(__file__).with_name("stock_locustfile.py")
_EXTRA_S: Final = 40.0


class Stock:
    """`users` of Locust's fast HTTP user; without a load's rate, each sends again as soon as it has its answer."""

    def __init__(self, users: int) -> None:
        self._users = users

    @property
    def name(self) -> str:
        """How the table calls it."""
        return f"Locust, {self._users} users"

    def run(self, load: Load, service: RunningService, folder: Path) -> Outcome:
        """Send that load, judged by the hook that Locust's documentation shows for the exit code."""
        told = folder / "told.json"
        words = [sys.executable, "-m", "locust", "--headless", "--only-summary", "-f", FILE, "-H", service.url]
        words += ["-u", self._users, "-r", self._users, "-t", f"{load.seconds}s"]
        env = self.environment(load, told)
        service.reset_truth()
        code, cost = costly(lambda: command(words, folder, load.cores, **env), load.seconds + _EXTRA_S)
        if not told.exists():
            raise SystemExit(f"Locust told nothing: {output(folder)[-2000:]}")
        found = json.loads(told.read_text(encoding="utf-8"))
        share = sent_share(found.pop("marks"), load.rate)
        return Outcome(**found, cost=cost, on_time=share, gate=code == 0)

    def environment(self, load: Load, told: Path) -> dict[str, str]:
        """What the load file reads."""
        options = {"size": load.size, "each": load.rate / self._users, "told": str(told), "limits": LIMITS}
        return {"BENCH_LOAD": json.dumps(options)}


def sent_share(marks: Mapping[str, Sequence[float]], rate: int) -> float | None:
    """How much of the rate it sent from when all its users were there, their spawning left out; None without a rate.

    `marks` are (seconds, successes so far) at `there` and at `going`; without them it sent nothing that counts.
    """
    if not rate:
        return None
    if not {"there", "going"} <= set(marks):
        return 0.0
    (begun, before), (ended, after) = marks["there"], marks["going"]
    return min(1.0, (after - before) / (rate * (ended - begun))) if ended > begun else 0.0
