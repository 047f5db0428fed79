"""Where a case plays: its folder, the embedded service, and the load processes of its run."""

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import psutil

from bot.demo.launch import RunningService, running
from bot.errors import BotError, Reason

SHA: Final = "5e1f7e57" * 5
OTHER_SHA: Final = "0ddba11e" * 5
SCENARIO: Final = "drill"
_GENERATOR: Final = "loadtests.generator"
_WORKER: Final = "loadtests.worker"


class Scene:
    """One case while it runs; `over` is set once its load has ended.

    `files` is the folder that the load writes to, known from the load's beginning on. `facts` are what one part of the
    case wants another one to know.
    """

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.files = folder
        self.over = threading.Event()
        self.facts: dict[str, Any] = {}
        self._stack = stack
        self.service = self._serve(0)

    @property
    def pid_file(self) -> Path:
        """Holds the process id of the service."""
        return self.folder / "service.pid"

    @property
    def ndjson(self) -> Path:
        """The observations of the scenario."""
        return self.files / f"{SCENARIO}.ndjson"

    @property
    def hlog(self) -> Path:
        """The histograms of the scenario."""
        return self.files / f"{SCENARIO}.hlog"

    def restart_service(self) -> None:
        """End the service, and start another one in its place."""
        port = self.service.port
        self.service.stop()
        self.service = self._serve(port)

    def _serve(self, port: int) -> RunningService:
        service = self._stack.enter_context(running(self.folder, port=port, sha=SHA))
        self.pid_file.write_text(f"{service.pid}\n", encoding="ascii")
        return service

    def load_process(self) -> psutil.Process:
        """The load process that the bot started; raises BotError(BUG) when it is not there."""
        for process in _below(psutil.Process(os.getpid())):
            with suppress(psutil.Error):
                line = process.cmdline()
                if _GENERATOR in line and line[-1].startswith(str(self.files.resolve())):
                    return process
        raise BotError(Reason.BUG, "The load process was not there.")

    def workers(self) -> list[psutil.Process]:
        """The workers that the load process leads, by their number; raises BotError(BUG) when there are none."""
        found: dict[int, psutil.Process] = {}
        for process in _below(self.load_process()):
            with suppress(psutil.Error):
                line = process.cmdline()
                if _WORKER in line:
                    found[int(line[line.index("--slot") + 1])] = process
        if not found:
            raise BotError(Reason.BUG, "There were no workers.")
        return [found[number] for number in sorted(found)]


def _below(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


@contextmanager
def scene(folder: Path) -> Iterator[Scene]:
    """A scene whose service lives as long as the block; raises BotError(BUG) when that does not start."""
    folder.mkdir(parents=True)
    with ExitStack() as stack:
        yield Scene(folder, stack)
