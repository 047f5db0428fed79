"""The master of a run of several workers: it sends no load, starts those of this machine, and leads all of them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any, Final

from loadtests.installation import file_digest
from loadtests.messages import Kind
from loadtests.outputs import FileSink
from loadtests.plan import SUFFIX, Plan
from loadtests.report import Closing
from loadtests.roster import Worker

WORKER: Final = "loadtests.worker"
_HERE: Final = "127.0.0.1"
_EVERYWHERE: Final = frozenset({"*", "0.0.0.0", "::"})  # noqa: S104 - to be told from the others, not to be bound
_LEAVING_S: Final = 4
_BYE_S: Final = 0.1
_GONE: Final = "missing"
# For so long Locust waits for all users of all workers before it calls them spawned.
_PATIENCE: Final = "LOCUST_WAIT_FOR_WORKERS_REPORT_AFTER_RAMP_UP"


class Master:
    """The role of the process that the bot started, when there are workers."""

    def __init__(self, plan: Plan, sink: FileSink) -> None:
        self._plan = plan
        self._sink = sink
        self._digest = ""
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._refused: list[str] = []
        self._runner: Any = None

    @property
    def arguments(self) -> tuple[str, ...]:
        """Locust's master; where no other machine takes part, on a port of this machine that is free."""
        workers = self._plan.workers
        host, port = (in_url(workers.bind), workers.port) if workers.remote else (_HERE, 0)
        place = ("--master-bind-host", host, "--master-bind-port", str(port))
        return ("--master", *place, "--expect-workers", str(workers.total))

    @property
    def ended(self) -> bool:
        """Whether the run was closed."""
        return self._sink.ended

    def refused(self, address: str) -> None:
        """The load file wanted to connect while it was read; the workers will say the same of their own."""
        self._refused.append(address)

    def end(self, closing: Closing) -> None:
        """Close the run."""
        self._sink.end(replace(closing, workers=()) if closing.workers is None else closing)

    # --- with Locust

    def wire(self, environment: Any) -> None:
        """Listen to the workers, start those of this machine, and set the leader going."""
        import gevent  # noqa: PLC0415 - patches the process, which must happen behind the guard

        from loadtests.control import obey  # noqa: PLC0415
        from loadtests.errands import LoadFileError  # noqa: PLC0415
        from loadtests.leader import Leader, Surroundings  # noqa: PLC0415
        from loadtests.wiring import wire_master  # noqa: PLC0415

        runner = self._runner = environment.runner
        os.environ[_PATIENCE] = f"{self._plan.startup:g}"
        shape = wire_master(environment, self._plan)
        users, workers = self._plan.users, self._plan.workers.total
        if self._plan.model is None and shape is None and users < workers:
            raise LoadFileError(f"{users} users cannot be shared among {workers} workers.")
        self._digest = file_digest(Path(self._plan.locustfile))
        around = Surroundings(
            send=self._send,
            clients=lambda: list(runner.clients),
            lost=self._lost,
            begin=lambda t0: None if shape is None else shape.begin(t0),
            each_second=lambda: None if shape is None else shape.look(monotonic(), runner.user_count),
            error=lambda: None if shape is None else shape.error,
            users_missing=lambda: None if shape is None else shape.missing(sys.maxsize),
        )
        leader = Leader(self._plan, self._sink, around, self._welcome)
        for kind, listener in leader.reception.listeners.items():
            runner.register_message(str(kind), _heard(listener))
        environment.events.quitting.add_listener(leader.cut_short)
        self._start_workers(runner.server.port)
        obey(leader)
        gevent.spawn(leader.conduct, self._leave)

    def _send(self, kind: Kind, data: Mapping[str, Any], client: str | None) -> None:
        self._runner.send_message(str(kind), dict(data), client)

    def _welcome(self, worker: Worker) -> dict[str, Any]:
        """What a worker needs to know; the load file itself is never sent."""
        given = json.loads(self._plan.file(SUFFIX).read_text(encoding="utf-8"))
        return {
            "name": worker.name,
            "number": worker.number,
            "total": self._plan.workers.total,
            "incarnation": worker.incarnation,
            "sha256": self._digest,
            "plan": given,
        }

    def _lost(self, worker: Worker) -> str | None:
        """Why that worker is gone, as the system or Locust knows it."""
        child = self._children.get(worker.name)
        if child is not None and child.poll() is not None:
            return f"its process ended with code {child.returncode}"
        if worker.client is None:
            return None
        found = self._runner.clients.get(worker.client)
        return "Locust heard nothing from it any more" if found is None or found.state == _GONE else None

    # --- processes

    def _start_workers(self, port: int) -> None:
        """Start the workers of this machine; they belong to the group of this process, and end with it."""
        workers = self._plan.workers
        here = _HERE if not workers.remote or workers.bind in _EVERYWHERE else in_url(workers.bind)
        for number in range(1, workers.local + 1):
            command = [sys.executable, "-P", "-m", WORKER, "--master", f"{here}:{port}", "--slot", str(number)]
            command += ["--parent", str(os.getpid()), "--wait", f"{workers.deadline:g}"]
            self._children[f"worker-{number}"] = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def _leave(self) -> None:
        """Dismiss everybody, and go; by force where that takes too long."""
        import gevent  # noqa: PLC0415 - as above

        signal.alarm(_LEAVING_S)  # Locust may be waiting for workers, or for messages that nobody takes any more
        self._send(Kind.BYE, {}, None)
        gevent.sleep(_BYE_S)
        self._runner.quit()
        for child in self._children.values():
            child.terminate()


def in_url(address: str) -> str:
    """An IP address as it stands before a port."""
    return f"[{address}]" if ":" in address else address


def _heard(listener: Any) -> Any:
    """That listener as Locust calls it; what a stranger's message lacks is logged by Locust, and changes nothing."""
    return lambda environment, msg: listener(msg.data, msg.node_id)  # noqa: ARG005 - Locust's own signature
