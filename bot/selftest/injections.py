"""What is done to a run while it goes on, to its files once it has ended, and to what was kept of it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import psutil

from bot.selftest.scene import Scene

Injection = Callable[[Scene], None]

_STOPPED_S: Final = 0.35
_RUNNING_S: Final = 0.05
_HOGS: Final = 6
_HOG: Final = "while True: pass"


# --- the service


def control(**changes: Any) -> Injection:
    """The service begins to behave otherwise."""
    return lambda scene: scene.service.control(**changes)


def restart_service(scene: Scene) -> None:
    """The service's process ends, and another one begins."""
    scene.restart_service()


def kill_service(scene: Scene) -> None:
    """The service's process is killed, as by the kernel that runs out of memory."""
    os.kill(scene.service.pid, signal.SIGKILL)


# --- the load processes


def tell_load(number: signal.Signals) -> Injection:
    """The load process gets that signal."""
    return lambda scene: scene.load_process().send_signal(number)


def kill_worker(scene: Scene) -> None:
    """The second worker is killed."""
    scene.workers()[1].kill()


def kill_workers(scene: Scene) -> None:
    """All workers are killed."""
    for worker in scene.workers():
        worker.kill()


def freeze_worker(scene: Scene) -> None:
    """The first worker stands still for good."""
    scene.workers()[0].suspend()


def starve(scene: Scene) -> None:
    """The load process is stopped for most of each moment."""
    process = scene.load_process()
    with suppress(psutil.NoSuchProcess):
        try:
            while not scene.over.is_set():
                process.suspend()
                scene.over.wait(_STOPPED_S)
                process.resume()
                scene.over.wait(_RUNNING_S)
        finally:
            process.resume()


def crowd(scene: Scene) -> None:
    """The load process must share one core with others that never rest."""
    process = scene.load_process()
    core = (process.cpu_affinity() or [0])[0]
    process.cpu_affinity([core])
    hogs = [subprocess.Popen([sys.executable, "-S", "-c", _HOG], stdin=subprocess.DEVNULL) for _ in range(_HOGS)]
    try:
        for hog in hogs:
            psutil.Process(hog.pid).cpu_affinity([core])
        scene.over.wait()
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


# --- the files


def truncate_histograms(scene: Scene) -> None:
    """The second half of the histograms is gone."""
    os.truncate(scene.hlog, scene.hlog.stat().st_size // 2)


def cut_observations(scene: Scene) -> None:
    """Every observation after the half is gone, and with them the closing line."""
    os.truncate(scene.ndjson, scene.ndjson.stat().st_size // 2)


def remove_files(scene: Scene) -> None:
    """Whatever was measured is gone."""
    scene.hlog.unlink()
    scene.ndjson.unlink()


def rewrite_failures(scene: Scene) -> None:
    """Somebody makes every failed request of the closing line a good one."""
    lines = [json.loads(line) for line in scene.ndjson.read_text(encoding="utf-8").splitlines() if line]
    for line in lines:
        for endpoint in line.get("endpoints", ()) if line["kind"] == "end" else ():
            endpoint |= {"ok": endpoint["ok"] + endpoint["failed"], "failed": 0, "failures": {}}
    scene.ndjson.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def swap_observations(scene: Scene) -> None:
    """Somebody adds an observation to what was judged."""
    with scene.ndjson.open("a", encoding="utf-8") as file:
        file.write('{"kind": "user-error", "t": 1, "text": "nothing to see", "count": 0}\n')
