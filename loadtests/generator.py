"""The load process: `python -m loadtests.generator <scenario>.plan.json` runs one scenario with Locust, headless.

Its exit code says nothing. The `end` line of `<scenario>.ndjson` does, and it is written whatever the load file does,
short of killing the process. With several workers this process leads them, and sends no load itself.
"""

import sys
from pathlib import Path
from typing import Any

from loadtests.host import bound_output, end_with
from loadtests.launch import Role, carry_out
from loadtests.master import Master
from loadtests.outputs import FileSink
from loadtests.plan import Plan, read_plan
from loadtests.recorder import Recorder


class Alone:
    """The one process of a run: it sends the load, and writes the files."""

    arguments: tuple[str, ...] = ()

    def __init__(self, plan: Plan, sink: FileSink) -> None:
        self._plan = plan
        self._sink = sink
        self._recorder = Recorder(plan.pacing, plan.limits, plan.watched)
        self.refused = self._recorder.refused
        self.end = sink.end

    @property
    def ended(self) -> bool:
        """Whether the run was closed."""
        return self._sink.ended

    def wire(self, environment: Any) -> None:
        """Connect this process with Locust."""
        # Both patch the process, which must happen behind the guard.
        import gevent  # noqa: PLC0415

        from loadtests.control import obey  # noqa: PLC0415
        from loadtests.wiring import wire  # noqa: PLC0415

        conductor = wire(environment, self._plan, self._recorder, self._sink)
        obey(conductor)
        gevent.spawn(conductor.conduct, environment.runner.quit)


def main(arguments: list[str]) -> None:
    """Run the scenario of the plan file named by the only argument."""
    plan = read_plan(Path(arguments[0]))
    end_with(plan.parent)
    keeper = bound_output()
    sink = FileSink(plan)
    role: Role = Master(plan, sink) if plan.workers.distributed else Alone(plan, sink)
    carry_out(plan, role, keeper)


if __name__ == "__main__":
    main(sys.argv[1:])
