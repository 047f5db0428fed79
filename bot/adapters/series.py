"""Resource series, their cost, and deployment observations from the lines that the bot's own observers wrote."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import dropwhile

from bot.adapters.observations import Line, Observations, number, whole, words
from bot.core.evidence import DeploymentObservation, ProbeCost, ProofPhase, ResourceSample, ResourceSeries
from bot.core.text import plain

_DEFAULT_INTERVAL = 1.0
_DEFAULT_CORES = 1.0


def read_resources(seen: Observations, t0: float, measured: float) -> tuple[ResourceSeries, ...]:
    """One series for each probe, replica and process life, from the readings within the measured window only.

    A failed reading belongs to the life seen last before it, and to every replica where it names none; a probe that
    never answered is a series without samples. Lines count by their own time, in whatever order they were written.
    """
    probes = {words(line.get("probe")): line for line in seen.lines["probe"]}
    names = dict.fromkeys([*probes, *(words(line.get("probe")) for line in seen.lines["resource"])])
    return tuple(
        series
        for name in names
        for replica, lines in _replicas(_within(seen, name, t0, measured))
        for series in _lives(_Source(name, replica, probes.get(name, {}), t0), lines)
    )


@dataclass(frozen=True, slots=True)
class _Source:
    """Whose readings they are; times count from `t0`."""

    name: str
    replica: str
    probe: Line
    t0: float


def _within(seen: Observations, name: str, t0: float, measured: float) -> list[Line]:
    lines = (line for line in seen.lines["resource"] if words(line.get("probe")) == name)
    return sorted((line for line in lines if 0 <= line["t"] - t0 <= measured), key=lambda line: line["t"])


def _replicas(lines: list[Line]) -> Iterator[tuple[str, list[Line]]]:
    """The lines of each replica; one that had gone before the window says nothing, unless there is no other."""
    named = {words(line.get("replica")) for line in lines if "error" not in line or "replica" in line}
    there = {words(line.get("replica")) for line in lines if line.get("gone") is not True}
    for replica in sorted(named & there or named or {""}):
        yield replica, [line for line in lines if _concerns(line, replica)]


def _concerns(line: Line, replica: str) -> bool:
    told = words(line.get("replica"))
    return told == replica or ("error" in line and not told)


def _lives(source: _Source, lines: list[Line]) -> list[ResourceSeries]:
    lives: dict[str, list[Line]] = {}
    current = next((words(line.get("instance")) for line in lines if "error" not in line), "")
    for line in lines:
        if "error" not in line:
            current = words(line.get("instance"))
        lives.setdefault(current, []).append(line)
    return [_series(source, instance, readings) for instance, readings in (lives or {"": []}).items()]


def _series(source: _Source, instance: str, lines: list[Line]) -> ResourceSeries:
    errors = [plain(words(line["error"])) for line in lines if "error" in line]
    samples = tuple(
        ResourceSample(line["t"] - source.t0, number(line.get("memory")), number(line.get("cpu_seconds")))
        for line in lines
        if "error" not in line
    )
    return ResourceSeries(
        probe=plain(source.name),
        instance=plain(instance),
        interval=_positive(source.probe.get("interval"), _DEFAULT_INTERVAL),
        cores=_positive(source.probe.get("cores"), _DEFAULT_CORES),
        samples=samples,
        failures=len(errors),
        last_error=errors[-1] if errors else "",
        replica=plain(source.replica),
        gone=_gone(lines, source.t0),
    )


def _gone(lines: list[Line], t0: float) -> float | None:
    """When the process was first seen not to be there, and never again to be."""
    last = max((at for at, line in enumerate(lines) if "error" not in line), default=-1)
    missing = dropwhile(lambda line: line.get("gone") is not True, lines[last + 1 :])
    return next((line["t"] - t0 for line in missing), None)


def _positive(value: object, otherwise: float) -> float:
    found = number(value)
    return found if found is not None and found > 0 else otherwise


def read_costs(seen: Observations) -> tuple[ProbeCost, ...]:
    """What each probe cost, those of one name together."""
    lines = seen.lines["probe-cost"]
    names = dict.fromkeys(words(line.get("probe")) for line in lines)
    return tuple(_cost(name, [line for line in lines if words(line.get("probe")) == name]) for name in names)


def _cost(name: str, lines: list[Line]) -> ProbeCost:
    return ProbeCost(
        probe=plain(name),
        **{key: sum(whole(line.get(key)) or 0 for line in lines) for key in ("readings", "failures", "skipped")},
        seconds=sum(_amounts(lines, "seconds")),
        longest=max(_amounts(lines, "longest")),
        taken_in=sum(whole(line.get("bytes")) or 0 for line in lines),
        cpu=sum(_amounts(lines, "cpu")),
        observed=max(_amounts(lines, "observed")),
    )


def _amounts(lines: Iterable[Line], key: str) -> list[float]:
    return [number(line.get(key)) or 0.0 for line in lines]


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
