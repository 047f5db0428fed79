"""Resource series and deployment observations from the lines that the bot's own observers wrote."""

from bot.adapters.observations import Line, Observations, number, words
from bot.core.evidence import DeploymentObservation, ProofPhase, ResourceSample, ResourceSeries
from bot.core.text import plain

_DEFAULT_INTERVAL = 1.0
_DEFAULT_CORES = 1.0


def read_resources(seen: Observations, t0: float, measured: float) -> tuple[ResourceSeries, ...]:
    """One series for each probe and process life, from the readings within the measured window only.

    A failed reading belongs to the life seen last before it; a probe that never answered is a series without samples.
    """
    probes = {words(line.get("probe")): line for line in seen.lines["probe"]}
    names = dict.fromkeys([*probes, *(words(line.get("probe")) for line in seen.lines["resource"])])
    return tuple(
        series for name in names for series in _lives(name, probes.get(name, {}), _within(seen, name, t0, measured), t0)
    )


def _within(seen: Observations, name: str, t0: float, measured: float) -> list[Line]:
    return [
        line for line in seen.lines["resource"] if words(line.get("probe")) == name and 0 <= line["t"] - t0 <= measured
    ]


def _lives(name: str, probe: Line, lines: list[Line], t0: float) -> list[ResourceSeries]:
    lives: dict[str, list[Line]] = {}
    current = next((words(line.get("instance")) for line in lines if "error" not in line), "")
    for line in lines:
        if "error" not in line:
            current = words(line.get("instance"))
        lives.setdefault(current, []).append(line)
    return [_series(name, probe, instance, readings, t0) for instance, readings in (lives or {"": []}).items()]


def _series(name: str, probe: Line, instance: str, lines: list[Line], t0: float) -> ResourceSeries:
    errors = [plain(words(line["error"])) for line in lines if "error" in line]
    samples = tuple(
        ResourceSample(line["t"] - t0, number(line.get("memory")), number(line.get("cpu_seconds")))
        for line in lines
        if "error" not in line
    )
    return ResourceSeries(
        probe=plain(name),
        instance=plain(instance),
        interval=_positive(probe.get("interval"), _DEFAULT_INTERVAL),
        cores=_positive(probe.get("cores"), _DEFAULT_CORES),
        samples=samples,
        failures=len(errors),
        last_error=errors[-1] if errors else "",
    )


def _positive(value: object, otherwise: float) -> float:
    found = number(value)
    return found if found is not None and found > 0 else otherwise


def read_deployment(seen: Observations, t0: float | None) -> tuple[DeploymentObservation, ...]:
    """What staging said it runs, by time; times count from the first such answer where the window never began."""
    lines = seen.lines["deployed"]
    zero = t0 if t0 is not None else min((line["t"] for line in lines), default=0.0)
    phases = {phase.value: phase for phase in ProofPhase}
    return tuple(
        DeploymentObservation(
            at=line["t"] - zero,
            phase=phases.get(words(line.get("phase")), ProofPhase.DURING),
            sha=line["sha"] if isinstance(line.get("sha"), str) else None,
            error=plain(words(line.get("error"))),
        )
        for line in lines
    )
