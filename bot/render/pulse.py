"""What a running scenario looks like at this moment, folded from the lines of its ndjson file. Pure.

Lines are foreign data, perhaps half written by a child that is being killed: whatever is missing or of the wrong kind
is left out, and nothing here raises.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.core.evidence import GeneratorHealth, HealthSample
from bot.core.health import Reading, readings
from bot.core.limits import Limit
from bot.core.loadplan import OpenModel, ScenarioPlan

_RECENT: Final = 5
_ABSURD: Final = 1e18
_MOST_PROCESSES: Final = 64

Line = Mapping[str, object]


@dataclass(slots=True)
class Pulse:
    """Counts since the measured window began, the rate of the last second, and the worst p95 of the last five.

    `at` and `began` are wall-clock seconds as the lines tell them, `memory` and `cpu` the latest of each probe.
    `duration` is the measured time as it now stands, with the extension.
    """

    plan: ScenarioPlan
    phase: str = "starting"
    at: float | None = None
    began: float | None = None
    due: int = 0
    sent: int = 0
    failed: int = 0
    late: int = 0
    rate: float | None = None
    memory: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    staging: str = ""
    trouble: str = ""
    duration: float = 0.0
    _health: dict[str, deque[HealthSample]] = field(default_factory=dict)
    _recent: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))
    _used: dict[str, tuple[float, float]] = field(default_factory=dict)
    _cores: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """The plan's own time, as long as nothing says otherwise."""
        self.duration = self.plan.duration

    @property
    def elapsed(self) -> float:
        """Seconds of the measured window that have passed; zero before it begins."""
        if self.at is None or self.began is None:
            return 0.0
        return min(max(0.0, self.at - self.began), self.duration)

    @property
    def p95(self) -> float | None:
        """The worst p95 of the last seconds, in seconds."""
        return max(self._recent, default=None)

    @property
    def error_rate(self) -> float | None:
        """The share of failed requests so far; None before the first."""
        return self.failed / self.sent if self.sent else None

    @property
    def planned_rate(self) -> float | None:
        """Arrivals planned for the second that passed last; None in the closed model."""
        model = self.plan.model
        if not isinstance(model, OpenModel):
            return None
        until = max(1.0, self.elapsed)
        return model.arrivals(until) - model.arrivals(until - 1.0) if model.course else model.rate

    @property
    def strain(self) -> tuple[str, Reading] | None:
        """The load process that was worst off in the last seconds, by its own limits; None while all are well."""
        ill = [
            (process, reading)
            for process, samples in self._health.items()
            for reading in readings(GeneratorHealth(process, tuple(samples)), self.plan.generator)
            if reading is not None and not reading.is_well
        ]
        return max(ill, key=lambda found: found[1].value, default=None)

    def limit(self, key: str) -> Limit | None:
        """The limit over all endpoints for that objective."""
        return next((goal.limit for goal in self.plan.objectives if goal.key == key and goal.endpoint is None), None)

    def take(self, line: Line) -> None:
        """Fold in one line of any kind; lines of unknown kinds change the time only."""
        self.at = _number(line, "t") or self.at
        match line.get("kind"):
            case "start":
                self.began = self.at
            case "second":
                self._second(line)
            case "probe":
                self._cores[_text(line, "probe")] = _number(line, "cores") or 1.0
            case "resource":
                self._resource(line)
            case "deployed":
                self.staging = _text(line, "sha") or f"no answer ({_text(line, 'error') or 'no reason given'})"
            case "user-error":
                self.trouble = f"exception in a task: {_text(line, 'text')}"
            case "refused":
                self.trouble = f"refused connection to {_text(line, 'address')}"
            case "health":
                self._fared(line)
            case "extended":
                self.duration = max(self.duration, _number(line, "duration") or 0.0)

    def _second(self, line: Line) -> None:
        self.phase = _text(line, "phase") or self.phase
        self.rate = _number(line, "sent")
        p95 = _number(line, "p95")
        if p95 is not None:
            self._recent.append(p95)
        if self.phase == "measured":
            self.due += int(_number(line, "due") or 0)
            self.sent += int(self.rate or 0)
            self.failed += int(_number(line, "failed") or 0)
            self.late += int(_number(line, "late") or 0)

    def _fared(self, line: Line) -> None:
        process = _text(line, "process")
        if process in self._health or len(self._health) < _MOST_PROCESSES:
            cpu, wait, throttled, lag, files = (
                _number(line, key) for key in ("cpu", "wait", "throttled", "lag", "files")
            )
            sample = HealthSample(self.at or 0.0, cpu, wait, throttled, lag, files, None)
            self._health.setdefault(process, deque(maxlen=_RECENT)).append(sample)

    def _resource(self, line: Line) -> None:
        probe, memory, used = _text(line, "probe"), _number(line, "memory"), _number(line, "cpu_seconds")
        if memory is not None:
            self.memory[probe] = memory
        if used is None or self.at is None:
            return
        before = self._used.get(probe)
        if before and self.at > before[0] and used >= before[1]:
            self.cpu[probe] = (used - before[1]) / ((self.at - before[0]) * self._cores.get(probe, 1.0))
        self._used[probe] = (self.at, used)


def _number(line: Line, key: str) -> float | None:
    value = line.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < _ABSURD else None  # which NaN is not, either


def _text(line: Line, key: str) -> str:
    value = line.get(key)
    return value if isinstance(value, str) else ""
