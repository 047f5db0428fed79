"""Wrk, a load generator in C that keeps no rate: as fast as so many connections get their answers."""

import re
from pathlib import Path
from typing import Final

from benchmarks.peers.common import Load, Outcome
from benchmarks.peers.process import command, costly, output, program
from bot.demo.launch import RunningService

_SCRIPT: Final = Path(__file__).parent.with_name("echo.lua")
_EXTRA_S: Final = 30.0
_UNITS: Final = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}
_LINE: Final = re.compile(r"^\s*(50|95|99):([\d.]+)$", re.MULTILINE)
_TOTAL: Final = re.compile(r"^\s+(\d+) requests in ", re.MULTILINE)


class Wrk:
    """`wrk` with as many connections as come nearest to the rate; it has no gate."""

    name = "wrk"

    def __init__(self, connections: int) -> None:
        self._connections = connections

    def run(self, load: Load, service: RunningService, folder: Path) -> Outcome:
        """Send as much as those connections do."""
        words = [program("wrk", "Debian package wrk"), "--threads", 1, "--connections", self._connections]
        words += [
            "--duration",
            f"{load.seconds}s",
            "--timeout",
            f"{_EXTRA_S / 2:.0f}s",
            "--script",
            _SCRIPT,
            service.url,
        ]
        service.reset_truth()
        env = {"BODY_BYTES": str(load.size)}
        _, cost = costly(lambda: command(words, folder, load.cores, **env), load.seconds + _EXTRA_S)
        told = output(folder)
        found = {f"p{p}": float(microseconds) / 1e6 for p, microseconds in _LINE.findall(told)}
        return Outcome(**found, answered=int(_TOTAL.findall(told)[0]), cost=cost)
