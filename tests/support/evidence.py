"""Evidence as scenarios leave it: healthy by default, and one changed fact away from every trouble."""

import random
from dataclasses import replace
from statistics import NormalDist

from bot.core.evidence import (
    ArrivalEvidence,
    DeploymentObservation,
    Ending,
    EndpointEvidence,
    Evidence,
    GeneratorHealth,
    HealthSample,
    Histogram,
    ProofPhase,
    ResourceSample,
    ResourceSeries,
    ScenarioEvidence,
)
from bot.core.limits import Comparison, Limit, Unit
from bot.core.loadplan import ClosedModel, Objective, OpenModel, ScenarioKind, ScenarioPlan

CANDIDATE = "4f2a9c1d0b8e7f6a5c4d3e2f1a0b9c8d7e6f5a4b"
OTHER = "0123456789abcdef0123456789abcdef01234567"
ECHO = "POST /echo"
MEBIBYTE = 1024.0 * 1024.0


def below(value, unit=Unit.SECONDS):
    """`< value`, in seconds or as a share."""
    return Limit(Comparison.BELOW, value, unit, f"< {value:g}s" if unit is Unit.SECONDS else f"< {value * 100:g}%")


def at_most(value, unit=Unit.SECONDS):
    """`<= value`, in seconds or as a share."""
    return Limit(Comparison.AT_MOST, value, unit, f"<= {value:g}s" if unit is Unit.SECONDS else f"<= {value * 100:g}%")


def at_least(value, unit=Unit.SHARE):
    """`>= value`, as a share or in seconds."""
    return Limit(Comparison.AT_LEAST, value, unit, f">= {value:g}s" if unit is Unit.SECONDS else f">= {value * 100:g}%")


LOAD_OBJECTIVES = (
    Objective("error_rate", below(0.02, Unit.SHARE)),
    Objective("p95", below(1.5)),
    Objective("p99", below(3.0)),
)
SOAK_OBJECTIVES = (
    *LOAD_OBJECTIVES,
    Objective("memory_growth", below(0.10, Unit.SHARE)),
    Objective("cpu", below(0.70, Unit.SHARE)),
)


def load_plan(objectives=LOAD_OBJECTIVES, name="load-1k", model=None, duration=120.0, kind=ScenarioKind.LOAD):
    return ScenarioPlan(
        name=name,
        kind=kind,
        locustfile="/loadtests/payload.py",
        model=model or OpenModel(rate=1000.0, pool=500),
        duration=duration,
        warmup=10.0,
        objectives=tuple(objectives),
    )


def equivalent(microseconds):
    """The highest value that an HDR histogram of three digits cannot tell from this one."""
    lost = max(0, int(microseconds).bit_length() - 11)
    return int(microseconds) | ((1 << lost) - 1)


def histogram_of(latencies):
    """The histogram of latencies in seconds."""
    counts = {}
    for latency in latencies:
        value = equivalent(max(1, round(latency * 1e6)))
        counts[value] = counts.get(value, 0) + 1
    return Histogram(tuple(sorted(counts)), tuple(counts[value] for value in sorted(counts)))


def lognormal(total, median, sigma=0.6, buckets=400):
    """A lognormal latency distribution of exactly `total` requests, without chance; `median` in seconds."""
    normal = NormalDist()
    counts = {}
    for index in range(buckets):
        latency = median * 2.718281828459045 ** (sigma * normal.inv_cdf((index + 0.5) / buckets))
        value = equivalent(max(1, round(latency * 1e6)))
        share = total * (index + 1) // buckets - total * index // buckets
        counts[value] = counts.get(value, 0) + share
    filled = sorted(value for value in counts if counts[value])
    return Histogram(tuple(filled), tuple(counts[value] for value in filled))


def evenly(total, median):
    """As many requests, each of which took that long: few numbers are quick to write down and to read."""
    return replace(histogram_of([median]), counts=(total,))


def endpoint(name=ECHO, total=120_000, failed=0, median=0.020, spread=lognormal):
    """One endpoint whose response and service times are the same, spread around the median."""
    times = spread(total, median)
    failures = (("HTTP 500", failed),) if failed else ()
    return EndpointEvidence(name, total - failed, failed, failures, times, times)


def arrivals(due=120_000, unsent=0, lateness=0.0005, pool_peak=20, pool_size=500, *, empty=0, spread=lognormal):
    """Arrivals of which `unsent` were never sent; `lateness` is the median in seconds."""
    return ArrivalEvidence(
        due=due,
        started=due - unsent,
        late=0,
        unsent=unsent,
        lateness=spread(due - unsent, lateness),
        pool_size=pool_size,
        pool_peak=pool_peak,
        empty=empty,
    )


def proof(duration=120.0, sha=CANDIDATE, every=5.0):
    """The same answer before, every few seconds during, and after the load."""
    during = int(duration / every)
    return (
        DeploymentObservation(-12.0, ProofPhase.BEFORE, sha, ""),
        *(DeploymentObservation(every * (i + 0.5), ProofPhase.DURING, sha, "") for i in range(during)),
        DeploymentObservation(duration + 2.0, ProofPhase.AFTER, sha, ""),
    )


def health(duration=120.0, process="main", **changes):
    """A load process that was well in every second; any reading can be given instead."""
    well = {"cpu": 0.4, "wait": 0.002, "throttled": 0.0, "lag": 0.002, "files": 0.02, "sockets": 60} | changes
    return GeneratorHealth(process, tuple(HealthSample(at + 1.0, **well) for at in range(int(duration))))


def load(plan=None, spread=lognormal, **changes):
    """A healthy two-minute load of 1000 arrivals a second; any field can be given instead."""
    plan = plan or load_plan()
    total = round(plan.duration * 1000)
    healthy = ScenarioEvidence(
        plan=plan,
        ending=Ending.COMPLETED,
        ending_detail="",
        started_at="2025-01-02T02:00:10Z",
        measured=plan.duration,
        arrivals=arrivals(total, spread=spread) if isinstance(plan.model, OpenModel) else None,
        endpoints=(endpoint(total=total, spread=spread),),
        resources=(),
        deployment=proof(plan.duration),
        refused_connects=(),
        user_errors=(),
        truncated=(),
        timeline=(),
        health=(health(min(plan.duration, 10_000)),),
    )
    return replace(healthy, **changes)


def slow(plan=None, **changes):
    """Every request takes seconds."""
    plan = plan or load_plan()
    total = round(plan.duration * 1000)
    return load(plan, **({"endpoints": (endpoint(total=total, median=2.0),)} | changes))


def failing(plan=None, **changes):
    """One request in ten fails."""
    plan = plan or load_plan()
    total = round(plan.duration * 1000)
    return load(plan, **({"endpoints": (endpoint(total=total, failed=total // 10),)} | changes))


def empty(plan=None, **changes):
    """The load process completed and did nothing at all."""
    return load(plan, **({"endpoints": (), "arrivals": arrivals(0)} | changes))


def closed(**changes):
    """A healthy closed-model run: no arrivals are planned, response times have no due time to count from."""
    plan = load_plan(model=ClosedModel(users=200))
    whole = endpoint()
    return load(plan, **({"endpoints": (replace(whole, response=Histogram()),), "users_lowest": 200} | changes))


def memory(at, duration, chance, *, growth=0.0, noise=0.01, sawtooth=0.0, period=10.0):
    """Bytes of resident memory at a moment: 100 MiB that grow, breathe and tremble."""
    level = 1 + growth * at / duration + sawtooth * (at / period % 1) + chance.gauss(0, noise)
    return 100 * MEBIBYTE * level


def series(duration=900.0, interval=1.0, *, growth=0.0, noise=0.01, sawtooth=0.0, period=10.0, cpu=0.4, seed=1):
    """One process read every `interval` seconds from shortly before the window to shortly after it."""
    chance = random.Random(seed)
    times = [-2.5 + interval * i for i in range(int((duration + 5) / interval))]

    def shape(at):
        return memory(at, duration, chance, growth=growth, noise=noise, sawtooth=sawtooth, period=period)

    samples = tuple(ResourceSample(at, shape(at), 5 + cpu * (at + 3)) for at in times)
    return ResourceSeries("app", "1234@1700000000.1", interval, 1.0, samples, 0, "")


def soak(duration=900.0, interval=1.0, objectives=SOAK_OBJECTIVES, resources=None, **changes):
    """A healthy soak of 500 arrivals a second with a probe."""
    plan = load_plan(objectives, "soak", OpenModel(rate=500.0, pool=500), duration, ScenarioKind.SOAK)
    total = round(duration * 500)
    facts = {
        "arrivals": arrivals(total),
        "endpoints": (endpoint(total=total),),
        "resources": (series(duration, interval),) if resources is None else resources,
    }
    return load(plan, **(facts | changes))


def leaking(duration=900.0, interval=1.0, growth=0.48, **changes):
    """A soak whose service keeps what it allocates."""
    return soak(duration, interval, resources=(series(duration, interval, growth=growth),), **changes)


def evidence(*scenarios, proof=True, candidate=CANDIDATE, probes=()):
    """A night of these scenarios."""
    return Evidence(candidate_sha=candidate, proof=proof, scenarios=scenarios, files=(), probes=probes)
