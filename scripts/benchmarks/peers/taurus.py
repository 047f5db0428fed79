"""Taurus (`bzt`) driving Locust, with its `passfail` gate; only where somebody has installed it."""

import csv
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Final

from benchmarks.peers.common import LIMITS, Load, NotInstalledError, Outcome
from benchmarks.peers.process import command, costly, output
from benchmarks.peers.stock import FILE, Stock
from bot.demo.launch import RunningService

PROGRAM_VARIABLE: Final = "PROMOTE_BENCH_BZT"
_USERS: Final = 200
_EXTRA_S: Final = 90.0


class Taurus:
    """`bzt` with a Locust scenario of 200 users at a constant throughput."""

    name = "Taurus (Locust, 200 users)"

    def run(self, load: Load, service: RunningService, folder: Path) -> Outcome:
        """Send that load; the load file is the stock one. Raises NotInstalledError."""
        bzt = os.environ.get(PROGRAM_VARIABLE) or shutil.which("bzt")
        if not bzt:
            raise NotInstalledError(f"bzt is not installed (PyPI; or name it in {PROGRAM_VARIABLE})")
        numbers = folder / "numbers.csv"
        (folder / "bench.json").write_text(json.dumps(_configuration(load, service.url, numbers)), encoding="utf-8")
        env = Stock(_USERS).environment(load, folder / "told.json")
        service.reset_truth()
        words = [bzt, "-o", f"settings.artifacts-dir={folder / 'artifacts'}", folder / "bench.json"]
        code, cost = costly(lambda: command(words, folder, load.cores, **env), load.seconds + _EXTRA_S)
        if not numbers.exists():
            raise NotInstalledError(f"bzt told nothing: {output(folder)[-300:]}")
        return _outcome(numbers, load, cost, passed=code == 0)


def _configuration(load: Load, url: str, numbers: Path) -> dict[str, object]:
    criteria = [f"p95>{LIMITS['p95'] * 1000:.0f}ms", f"p99>{LIMITS['p99'] * 1000:.0f}ms"]
    return {
        "execution": [
            {"executor": "locust", "concurrency": _USERS, "hold-for": f"{load.seconds}s", "scenario": "echo"}
        ],
        "scenarios": {"echo": {"default-address": url, "script": str(FILE)}},
        "modules": {
            "console": {"disable": True},
            "locust": {"python-interpreter": sys.executable},
        },
        "settings": {"check-updates": False},
        "reporting": [
            {"module": "final-stats", "dump-csv": str(numbers)},
            {"module": "passfail", "criteria": [*criteria, f"fail>{LIMITS['error_rate']:.0%}"]},
        ],
    }


def _outcome(numbers: Path, load: Load, cost: object, *, passed: bool) -> Outcome:
    with numbers.open(encoding="utf-8", newline="") as file:
        total = next(row for row in csv.DictReader(file) if not row["label"])
    found = {f"p{p}": float(total[f"perc_{p}.0"]) for p in (50, 95, 99)}
    answered = int(total["succ"])
    return Outcome(**found, answered=answered, cost=cost, on_time=min(1.0, answered / load.requests), gate=passed)  # type: ignore[arg-type]
