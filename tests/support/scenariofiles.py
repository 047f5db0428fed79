"""The files of one scenario, written as the load process writes them, without running any load."""

from pathlib import Path

from bot.core.loadplan import ClosedModel, OpenModel, ScenarioKind, ScenarioPlan
from loadtests.interval import Interval, Pacing, Phase
from loadtests.outputs import FileSink
from loadtests.plan import Plan
from loadtests.recorder import Recorder
from loadtests.report import Closing, Ending

T0 = 1_700_000_000.0


def plan(model: OpenModel | ClosedModel | None = None, *, duration: float = 3.0) -> ScenarioPlan:
    """A scenario named `load`."""
    return ScenarioPlan("load", ScenarioKind.LOAD, "/x.py", model or OpenModel(10, 5), duration, 0.0, ())


def write(folder: Path, *, seconds: int = 3, per_second: int = 10, endpoints: int = 1) -> None:
    """Write `load.hlog` and `load.ndjson`: so many requests a second on each endpoint, the tenth of each failing."""
    recorder = Recorder(Pacing.OPEN)
    sink = FileSink(_generator_plan(folder, seconds))
    sink.start(T0)
    for second in range(seconds):
        _fill(recorder, per_second, endpoints)
        interval = Interval(Phase.MEASURED, float(second), second + 1.0, T0 + second + 1)
        sink.interval(recorder.take(interval, 0, lambda: None), lambda: None)
    due = seconds * per_second
    arrivals = {"due": due, "started": due, "late": 0, "unsent": 0, "empty": 0, "pool_size": 5, "pool_peak": 2}
    sink.end(Closing(Ending.COMPLETED, measured=seconds, arrivals=arrivals, endpoints=recorder.endpoints()))


def _fill(recorder: Recorder, per_second: int, endpoints: int) -> None:
    for number in range(per_second):
        recorder.fell_due(measured=True)
        recorder.began(50 + number, measured=True)
        for endpoint in range(endpoints):
            took = 1_000 + 17 * number + 1_000 * endpoint
            failure = "HTTP 500" if number % 10 == 9 else None
            recorder.request("GET", f"/{endpoint}", took + 50, took, failure, measured=True)


def _generator_plan(folder: Path, seconds: float) -> Plan:
    return Plan(
        stem=folder / "load",
        base_url="http://127.0.0.1:1",
        allow_hosts=(),
        locustfile="/x.py",
        options={},
        rate=10.0,
        users=5,
        warmup=0.0,
        duration=seconds,
        startup=1.0,
        drain=1.0,
        parent=None,
    )
