"""Hey, a load generator in Go: workers that each keep a rate, and wait for their answer."""

import re
from pathlib import Path
from typing import Final

from benchmarks.peers.common import Load, Outcome
from benchmarks.peers.process import command, costly, output, program
from bot.demo.launch import RunningService

_WORKERS: Final = 20
_EXTRA_S: Final = 30.0
_LINE: Final = re.compile(r"^\s+(50|95|99)%+ in ([\d.]+) secs", re.MULTILINE)
_STATUS: Final = re.compile(r"^\s+\[2\d\d\]\s+(\d+) responses", re.MULTILINE)


class Hey:
    """`hey -z … -q … -c 20`; it has no gate."""

    name = "hey"

    def run(self, load: Load, service: RunningService, folder: Path) -> Outcome:
        """Send that load."""
        words = [program("hey", "Debian package hey"), "-z", f"{load.seconds}s", "-c", _WORKERS]
        words += ["-q", load.rate / _WORKERS, "-m", "POST", "-T", "application/octet-stream"]
        words += ["-D", load.body(folder), f"{service.url}/echo"]
        service.reset_truth()
        _, cost = costly(lambda: command(words, folder, load.cores), load.seconds + _EXTRA_S)
        told = output(folder)
        found = {f"p{p}": float(seconds) for p, seconds in _LINE.findall(told)}
        answered = sum(map(int, _STATUS.findall(told)))
        return Outcome(**found, answered=answered, cost=cost, on_time=min(1.0, answered / load.requests))
