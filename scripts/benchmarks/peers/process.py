"""Runs the command of a peer, and tells what it cost by the kernel's own account."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.peers.common import Cost, NotInstalledError


def program(name: str, package: str) -> str:
    """The path of an executable; raises NotInstalledError naming the package that has it."""
    found = shutil.which(name)
    if found is None:
        raise NotInstalledError(f"{name} is not installed ({package})")
    return found


def costly(start: Callable[[], "subprocess.Popen[bytes]"], within: float) -> tuple[int, Cost]:
    """Start a process and wait for it, `within` seconds at most; its exit status, and the cost with its children's."""
    child = start()
    timer = threading.Timer(within, _kill, (child.pid,))
    timer.start()
    try:
        _, status, usage = os.wait4(child.pid, 0)
    finally:
        timer.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    _kill(child.pid)  # whatever it left behind in its group
    return child.returncode, Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def _kill(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def command(words: Sequence[object], folder: Path, cores: Sequence[int], **env: str) -> "subprocess.Popen[bytes]":
    """Start a command in a group of its own, on those cores (all when empty); its output goes to `output` there."""
    with (folder / "output").open("wb") as output:
        return subprocess.Popen(
            [*pinned(cores), *map(str, words)],
            cwd=folder,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def pinned(cores: Sequence[int]) -> list[str]:
    """The words that keep a command on those cores."""
    if not cores or sys.platform != "linux":
        return []
    return [program("taskset", "Debian package util-linux"), "--cpu-list", ",".join(map(str, cores))]


def output(folder: Path) -> str:
    """What the command printed."""
    return (folder / "output").read_text(encoding="utf-8", errors="replace")
