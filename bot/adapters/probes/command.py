"""A probe that runs a program for each reading: one JSON object, a list of them, or Prometheus text on its stdout.

The objects are `{"instance": "…", "memory": bytes, "cpu_seconds": seconds, "start": epoch seconds}`. `instance` names a
replica and may be missing where there is one; of `memory` and `cpu_seconds` one must be there; `start` shows restarts.
"""

import os
from collections.abc import Collection, Sequence
from typing import Any, Final

from bot.adapters.probes import Outcome, ProbeFailure, ProbeReading, Spent
from bot.adapters.probes.lives import Lives
from bot.adapters.probes.page import Fields, Numbers, from_prometheus, looks_like_json
from bot.adapters.probes.program import Ended, run
from bot.core import jsondoc
from bot.core.text import plain

_LARGEST_OUTPUT: Final = 1024 * 1024
_MOST_REPLICAS: Final = 100
_LONGEST_S: Final = 30.0
# So much of the interval may a reading take; the rest is for ending what did not end.
_SHARE: Final = 0.8


class CommandProbe:
    """Runs `argv` without a shell, input and the bot's secrets; `hidden` are names of environment variables."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        hidden: Collection[str] = (),
        interval: float = 5.0,
        cores: float = 1.0,
    ) -> None:
        self.name = name
        self.interval = self.pace = interval
        self.cores = cores
        self.spent = Spent()
        self._argv = tuple(argv)
        self._hidden = frozenset(hidden)
        self._deadline = min(_SHARE * interval, _LONGEST_S)
        self._lives: dict[str, Lives] = {}

    def sample(self) -> Outcome | tuple[Outcome, ...]:
        """Run it once; anything but a good ending with good numbers is a failure."""
        environment = {name: value for name, value in os.environ.items() if name not in self._hidden}
        try:
            ended = run(self._argv, environment, deadline=self._deadline, max_bytes=_LARGEST_OUTPUT)
            self.spent.bytes += len(ended.out)
            return self._told(ended)
        except TimeoutError:
            return ProbeFailure(f"the command did not end within {self._deadline:g} s")
        except OverflowError:
            return ProbeFailure(f"the command said more than {_LARGEST_OUTPUT} bytes")
        except OSError as error:
            return ProbeFailure(f"the command cannot be started ({type(error).__name__})")
        except ValueError as error:
            return ProbeFailure(str(error))

    def _told(self, ended: Ended) -> Outcome | tuple[Outcome, ...]:
        if ended.status != 0:
            how = f"ended with status {ended.status}" if ended.status > 0 else f"was ended by signal {-ended.status}"
            words = plain(ended.err.decode("utf-8", "replace"))
            return ProbeFailure(f"the command {how}" + (f": {words}" if words else ""))
        numbers = _numbers(ended.out)
        return tuple(self._reading(replica, each) for replica, each in numbers.items())

    def _reading(self, replica: str, numbers: Numbers) -> ProbeReading:
        lives = self._lives.setdefault(replica, Lives("command", self.interval))
        return ProbeReading(lives.instance(numbers.start, numbers.cpu), numbers.memory, numbers.cpu, replica)


def _numbers(output: bytes) -> dict[str, Numbers]:
    if not output.strip():
        raise ValueError("the command said nothing")
    if not looks_like_json(output):
        return {"": from_prometheus(output, Fields())}
    document = jsondoc.load(output)
    entries = document if isinstance(document, list) else [document]
    if not 1 <= len(entries) <= _MOST_REPLICAS:
        raise ValueError(f"the command told of {len(entries)} processes; between 1 and {_MOST_REPLICAS} are read")
    found = {_instance(entry): _entry(entry) for entry in entries}
    if len(found) != len(entries):
        raise ValueError("the command told of one instance twice")
    return found


def _instance(entry: Any) -> str:
    if not isinstance(entry, dict):
        raise ValueError("the command told JSON that is neither an object nor a list of objects")  # noqa: TRY004
    name = entry.get("instance", "")
    if not isinstance(name, str):
        raise ValueError("the command told of an instance that is not text")  # noqa: TRY004
    return name


def _entry(entry: dict[str, Any]) -> Numbers:
    memory, cpu, start = (
        jsondoc.number(entry, key) if entry.get(key) is not None else None for key in ("memory", "cpu_seconds", "start")
    )
    if memory is None and cpu is None:
        raise ValueError("the command told neither `memory` nor `cpu_seconds`")
    return Numbers(memory, cpu, start)
