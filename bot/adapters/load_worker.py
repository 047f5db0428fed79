"""A worker process that takes part in the load of another machine's run."""

import os
import subprocess
import sys
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

from bot.adapters.process import child_group
from bot.adapters.tail import as_object

WORKER: Final = "loadtests.worker"
_SECRETS: Final = frozenset({"GITHUB_TOKEN", "GH_TOKEN"})
_MOST_SAID: Final = 64 * 1024


class Outcome(StrEnum):
    """How it went, as the process itself says; `STOPPED` when it ended without a word."""

    DONE = "done"
    FAILED = "failed"
    NO_MASTER = "no-master"
    REFUSED = "refused"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Served:
    """How it went, and in words why."""

    outcome: Outcome
    words: str


def serve_one_run(master: tuple[str, int], name: str, wait: float, hidden: Collection[str] = _SECRETS) -> Served:
    """Join the next run that a master at that address leads, and stay until it ends; no process is left behind.

    Nothing bounds the run from here: the process ends by itself once its master has been silent for some seconds.
    `wait` bounds the search for the master in seconds; `hidden` variables are not for load files to see. Lets
    KeyboardInterrupt through.
    """
    # -P: what lies in the working directory must never be imported in place of the bot.
    command = [sys.executable, "-P", "-m", WORKER, "--master", f"{master[0]}:{master[1]}"]
    command += ["--name", name, "--wait", f"{wait:g}", "--parent", str(os.getpid())]
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    started = partial(_start, command, environment)
    with child_group(started) as child:
        said = _all(child)
    return served(said, child.returncode)


def _start(command: list[str], environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True, env=environment
    )


def _all(child: "subprocess.Popen[bytes]") -> bytes:
    """Everything that the child writes until it ends, as far as it matters."""
    said = b""
    if child.stdout is not None:
        while chunk := os.read(child.stdout.fileno(), _MOST_SAID):
            said = (said + chunk)[-_MOST_SAID:]
    return said


def served(said: bytes, code: int) -> Served:
    """What the last line of its output says; a process that says nothing has stopped."""
    for line in reversed(said.splitlines()):
        found = as_object(line)
        if found is not None and found.get("outcome") in set(Outcome):
            return Served(Outcome(found["outcome"]), str(found.get("words", "")))
    return Served(Outcome.STOPPED, f"The worker process ended with code {code}.")
