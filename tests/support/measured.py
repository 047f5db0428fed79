"""What a night tests and measures, built from fixed seeds: the same on every machine and in every run."""

import dataclasses
import itertools
import math
import random
from collections.abc import Iterator
from statistics import NormalDist

from bot.core.candidate import Candidate, Commit
from bot.core.evidence import (
    ArrivalEvidence,
    Block,
    Blocks,
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
    Second,
)
from bot.core.limits import Comparison, Limit, Unit
from bot.core.loadplan import LoadPlan, Objective, OpenModel, ScenarioKind, ScenarioPlan
from bot.core.verdict import Check, Result, Verdict, worst

SHA = "7d3f0c41b2a95e8864f1d02c3b7e6a9580412fd3"
BASE = "1c9e5a77d04b8f236a1e0d5c4b3f2a1908e7d6c5"
GOOD = BASE
OTHER = "e2b4c6d8f0a1937555d1c3b5a7f9e0d2c4b6a8f0"
TAG = "release/20261121-022104"
TAG_OID = "90d1c2b3a4f5e6d7c8b9a0f1e2d3c4b5a6978877"
LEDGER_OID = "5f6e7d8c9b0a1f2e3d4c5b6a7988776655443322"
LEDGER_BEFORE = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"
MIB = 1024.0 * 1024.0

_LIMITS = {
    "error_rate": Limit(Comparison.BELOW, 0.02, Unit.SHARE, "< 2%"),
    "p95": Limit(Comparison.BELOW, 1.5, Unit.SECONDS, "< 1.5s"),
    "p99": Limit(Comparison.BELOW, 3.0, Unit.SECONDS, "< 3s"),
    "memory_growth": Limit(Comparison.BELOW, 0.10, Unit.SHARE, "< 10%"),
    "cpu": Limit(Comparison.BELOW, 0.70, Unit.SHARE, "< 70%"),
    "rate": Limit(Comparison.AT_LEAST, 0.99, Unit.SHARE, ">= 99%"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Behaviour:
    """How the service of a sample behaves: latency in seconds, shares, and growth over the scenario."""

    median: float = 0.012
    sigma: float = 0.55
    errors: float = 0.0006
    growth: float = 0.012
    cpu: float = 0.38
    late: float = 0.0
    unsent: float = 0.0
    lateness: float = 0.0004
    busy: float = 0.42

    @property
    def held_up(self) -> float:
        """By how much the generator itself makes the median response longer; nothing that could be seen, if well."""
        return self.lateness if self.busy > 0.9 else 0.0


HEALTHY = Behaviour()
SLOW = Behaviour(median=0.62, sigma=0.62, errors=0.004, cpu=0.61)
LEAKING = Behaviour(growth=0.342)
SATURATED = Behaviour(late=0.061, unsent=0.034, lateness=0.019)
WEAK = Behaviour(late=0.31, unsent=0.034, lateness=0.035, busy=0.995)


def scenario_plan(name: str = "load-1k", rate: float = 1000.0, duration: float = 120.0) -> ScenarioPlan:
    kind = ScenarioKind.SOAK if name.startswith("soak") else ScenarioKind.LOAD
    keys = ["error_rate", "p95", "p99", "rate"]
    keys += ["memory_growth", "cpu"] if kind is ScenarioKind.SOAK else []
    return ScenarioPlan(
        name=name,
        kind=kind,
        locustfile="/opt/promotion-bot/loadtests/payload.py",
        model=OpenModel(rate=rate, pool=2000),
        duration=duration,
        warmup=10.0,
        objectives=tuple(Objective(key, _LIMITS[key]) for key in keys),
        options={"payload": "64KiB" if name.endswith("64k") else "1KiB"},
    )


def load_plan(*scenarios: ScenarioPlan, proof: bool = True) -> LoadPlan:
    return LoadPlan(
        base_url="https://staging.acme.example",
        allow_hosts=("staging.acme.example:443",),
        scenarios=scenarios or nightly_scenarios(),
        proof=proof,
        probes=("app",),
    )


def nightly_scenarios() -> tuple[ScenarioPlan, ...]:
    return (
        scenario_plan("load-1k"),
        scenario_plan("load-64k"),
        scenario_plan("soak", rate=500.0, duration=900.0),
    )


def histogram(count: int, median: float, sigma: float) -> Histogram:
    """A lognormal latency distribution of that many requests in some 120 buckets."""
    normal = NormalDist(math.log(median * 1e6), sigma)
    edges = [0.0, *[(step + 0.5) / 120 for step in range(119)], 0.9985, 0.9998, 1.0]
    values, counts, before = [], [], 0
    for low, high in itertools.pairwise(edges):
        upto = round(count * high)
        value = round(math.exp(normal.inv_cdf(min((low + high) / 2, 0.99995))))
        if upto > before:
            values.append(value)
            counts.append(upto - before)
        before = upto
    return Histogram(tuple(values), tuple(counts))


def timeline(plan: ScenarioPlan, how: Behaviour, seed: int = 7) -> tuple[Second, ...]:
    """One value a second: a wavering latency with a spike now and then."""
    chance = random.Random(seed)
    rate = plan.model.rate if isinstance(plan.model, OpenModel) else 40.0
    return tuple(_second(float(at), rate, how, chance) for at in range(int(plan.duration)))


def _second(at: float, rate: float, how: Behaviour, chance: random.Random) -> Second:
    wave = 1 + 0.12 * math.sin(at / 17) + 0.10 * (chance.random() - 0.5)
    spike = 2.6 if chance.random() < 0.02 else 1.0
    due = int(rate)
    sent = due - int(due * how.unsent * 2 * chance.random())
    failed = int(sent * how.errors * 2 * chance.random() + (chance.random() < 0.05))
    p50 = how.median * wave
    p99 = round(p50 * math.exp(2.326 * how.sigma) * spike, 6)
    waited = how.lateness * wave * math.exp(2.326 * 0.8)
    return Second(
        at=at,
        due=due,
        sent=sent,
        ok=sent - failed,
        failed=failed,
        late=int(sent * how.late * 2 * chance.random()),
        p50=round(p50 + how.held_up, 6),
        p95=round(p50 * math.exp(1.645 * how.sigma) + 3 * how.held_up, 6),
        p99=round(p99 + 8 * how.held_up, 6),
        service_p99=round(p99 * 0.93, 6),
        lateness_p99=round(waited, 6),
        failures=tuple((kind, n) for kind, n in (("HTTP 503", failed - failed // 4), ("timeout", failed // 4)) if n),
    )


def resources(plan: ScenarioPlan, how: Behaviour, seed: int = 11) -> tuple[ResourceSeries, ...]:
    """Memory as a sawtooth on a trend, and CPU seconds that add up."""
    chance = random.Random(seed)
    used, samples = 40.0, []
    for at in range(-10, int(plan.duration) + 1):
        grown = 1 + how.growth * max(at, 0) / plan.duration
        memory = 182 * MIB * grown + (at % 45) * 0.16 * MIB + chance.random() * MIB
        used += how.cpu * (0.85 + 0.3 * chance.random())
        samples.append(ResourceSample(float(at), round(memory, 0), round(used, 4)))
    return (ResourceSeries("app", "1204@1795226401.5", 1.0, 1.0, tuple(samples), 0, ""),)


def _proof(plan: ScenarioPlan, sha: str) -> tuple[DeploymentObservation, ...]:
    asked = [(-12.0, ProofPhase.BEFORE), *[(float(at), ProofPhase.DURING) for at in range(5, int(plan.duration), 5)]]
    asked.append((plan.duration + 1.0, ProofPhase.AFTER))
    return tuple(DeploymentObservation(at, phase, sha, "") for at, phase in asked)


def scenario_evidence(plan: ScenarioPlan, how: Behaviour = HEALTHY, sha: str = SHA, seed: int = 7) -> ScenarioEvidence:
    rate = plan.model.rate if isinstance(plan.model, OpenModel) else 40.0
    due = int(plan.model.arrivals(plan.duration) if isinstance(plan.model, OpenModel) else rate * plan.duration)
    unsent = int(due * how.unsent)
    started = due - unsent
    failed = int(started * how.errors)
    return ScenarioEvidence(
        plan=plan,
        ending=Ending.COMPLETED,
        ending_detail="",
        started_at="2026-11-21T02:00:24Z",
        measured=plan.duration,
        arrivals=ArrivalEvidence(
            due=due,
            started=started,
            late=int(started * how.late),
            unsent=unsent,
            lateness=histogram(started, how.lateness, 0.8),
            pool_size=2000,
            pool_peak=64 if not how.unsent else 2000,
        ),
        endpoints=(
            EndpointEvidence(
                endpoint="POST /echo",
                ok=started - failed,
                failed=failed,
                failures=(("HTTP 503", failed - failed // 4), ("timeout", failed // 4)) if failed else (),
                response=histogram(started, how.median + how.held_up, how.sigma),
                service=histogram(started, how.median * 0.93, how.sigma * 0.97),
            ),
        ),
        resources=resources(plan, how, seed),
        deployment=_proof(plan, sha),
        refused_connects=(),
        user_errors=(),
        truncated=(),
        timeline=timeline(plan, how, seed),
        health=(health("main", plan.duration, how.busy),),
        blocks=(Blocks(None, 10.0, tuple(_blocks(plan, how))),),
    )


def health(process: str, seconds: float, busy: float = 0.42) -> GeneratorHealth:
    """A load process that is `busy` on its core: from nine tenths on it is late for everything."""
    starved = busy > 0.9
    samples = (
        HealthSample(
            at=at + 1.0,
            cpu=round(min(1.0, busy + 0.03 * math.sin(at / 9)), 4),
            wait=0.61 if starved else 0.003,
            throttled=0.0,
            lag=round((0.09 if starved else 0.004) * (1 + 0.3 * math.sin(at / 5)), 5),
            files=0.02,
            sockets=70,
        )
        for at in range(int(seconds))
    )
    return GeneratorHealth(process, tuple(samples))


def _blocks(plan: ScenarioPlan, how: Behaviour) -> Iterator[Block]:
    rate = plan.model.rate if isinstance(plan.model, OpenModel) else 40.0
    for at in range(0, int(plan.duration), 10):
        waved = (how.median + how.held_up) * (1 + 0.12 * math.sin(at / 17))
        latency = histogram(int(rate * 10), waved, how.sigma)
        failed = int(latency.total * how.errors)
        yield Block(float(at), latency.total - failed, failed, latency)


def evidence(*scenarios: ScenarioEvidence, proof: bool = True) -> Evidence:
    files = [
        (f"{one.plan.name}.{ending}", f"{index:x}{number:x}" * 32)
        for index, one in enumerate(scenarios, 10)
        for number, ending in enumerate(("hlog", "ndjson"), 1)
    ]
    return Evidence(SHA, proof, scenarios, tuple(files))


def check(
    scenario: str,
    objective: str,
    observed: float | None,
    result: Result = Result.PASS,
    *,
    samples: int = 120_000,
    spread: float = 0.02,
    reason: str = "",
    endpoint: str | None = None,
) -> Check:
    limit = _LIMITS[objective].text
    high = None if observed is None else observed * (1 + spread)
    return Check(
        scenario=scenario,
        endpoint=endpoint,
        objective=objective,
        limit=limit,
        observed=observed,
        low=None if observed is None else observed * (1 - spread),
        high=min(high, 1.0) if high is not None and objective in ("rate", "error_rate") else high,
        samples=samples,
        result=result,
        reason=reason or f"{scenario}, all endpoints: {objective} {limit}: {result} over {samples} samples.",
    )


def checks_of(one: ScenarioEvidence) -> list[Check]:
    """What the judge would say of a healthy scenario: everything measured, everything within."""
    name, total = one.plan.name, one.endpoints[0].ok + one.endpoints[0].failed
    observed = {
        "error_rate": one.endpoints[0].failed / total,
        "p95": quantile(one.endpoints[0].response, 0.95),
        "p99": quantile(one.endpoints[0].response, 0.99),
        "rate": one.arrivals.started / one.arrivals.due if one.arrivals else None,
        "memory_growth": 0.011,
        "cpu": 0.381,
    }
    return [check(name, goal.key, observed[goal.key], samples=total) for goal in one.plan.objectives]


def quantile(hist: Histogram, share: float) -> float:
    seen = 0
    for value, count in zip(hist.values, hist.counts, strict=True):
        seen += count
        if seen >= share * hist.total:
            return value / 1e6
    return 0.0


def verdict(*checks: Check) -> Verdict:
    return Verdict(worst(checks), checks, "c0ffee" * 10 + "dead", "beef" * 16)


_SUBJECTS = (
    ("Ada Okafor", "feat(checkout)!: charge in the currency of the basket"),
    ("Bo Lindqvist", "perf(search): read the index in one query (#412)"),
    ("Ada Okafor", "fix(checkout): round half to even, as the bank does"),
    ("Chiara Russo", "refactor(session): keep every session in a dictionary"),
    ("Dmitri Ivanov", "fix: restore the timeout of the payment client"),
    ("Bo Lindqvist", "chore(deps): raise the HTTP client to 3.4"),
)


def commits(count: int = 6) -> tuple[Commit, ...]:
    made = []
    for number in range(count):
        author, subject = _SUBJECTS[number % len(_SUBJECTS)]
        moment = 1_795_200_000 - number * 5400
        sha = SHA if number == 0 else f"{number:02x}" * 20
        mail = author.lower().replace(" ", ".") + "@acme.example"
        made.append(Commit(sha, (f"{number + 1:02x}" * 20,), author, mail, moment, moment, subject, ""))
    return tuple(made)


def candidate(count: int = 6) -> Candidate:
    return Candidate(SHA, BASE, commits(count), "2026-11-21T02:00:02Z")
