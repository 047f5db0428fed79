"""The verdict on a night: every objective and every condition of a trustworthy measurement, judged from evidence alone.

Total: whatever the evidence holds, there is a verdict, and no data is never a pass (invariant I15).
"""

from collections.abc import Iterator
from typing import Final

from bot.core.bounds import exactly, settle
from bot.core.deployment import deployment_refuted, judge_deployment
from bot.core.error_rate import judge_errors
from bot.core.evidence import EndpointEvidence, Evidence, ScenarioEvidence
from bot.core.finding import Finding, invalid, objective_check, validity_check
from bot.core.generator import Pace, judge_generator, pace, rate_sent
from bot.core.latency import judge_latency, latencies, timing
from bot.core.loadplan import Objective
from bot.core.quantiles import PERMILLE, Distribution
from bot.core.resources import judge_cpu, judge_memory
from bot.core.restart import judge_restart
from bot.core.text import plain
from bot.core.thresholds import THRESHOLDS
from bot.core.validity import (
    COMPLETION,
    DEPLOYMENT,
    cascade,
    judge_allow_hosts,
    judge_completion,
    judge_requests,
    judge_tasks,
)
from bot.core.verdict import Check, Verdict, worst
from bot.core.wording import compared, counted, percent

_WHOLE_SERVICE: Final = frozenset({"rate", "memory_growth", "cpu"})


def verdict(evidence: Evidence, *, evidence_sha256: str, objectives_sha256: str) -> Verdict:
    """All checks and the worst of their results, with the digests of what they were made from."""
    checks = judge(evidence)
    return Verdict(worst(checks), checks, evidence_sha256, objectives_sha256)


def judge(evidence: Evidence) -> tuple[Check, ...]:
    """One check for every objective and every condition, scenario by scenario; the conditions come first."""
    return tuple(check for scenario in evidence.scenarios for check in _scenario(scenario, evidence))


def _scenario(scenario: ScenarioEvidence, evidence: Evidence) -> tuple[Check, ...]:
    generator = pace(scenario)
    conditions = (
        validity_check(scenario.plan.name, name, limit, finding)
        for name, limit, finding in _conditions(scenario, evidence, generator)
        if finding is not None
    )
    objectives = _Objectives(scenario, evidence.probes, generator).checks()
    refuted = deployment_refuted(scenario, evidence.candidate_sha)
    return cascade((*conditions, *objectives), DEPLOYMENT if refuted else COMPLETION)


def _conditions(
    scenario: ScenarioEvidence, evidence: Evidence, generator: Pace | None
) -> Iterator[tuple[str, str, Finding | None]]:
    if evidence.proof:
        yield DEPLOYMENT, plain(evidence.candidate_sha, 12), judge_deployment(scenario, evidence.candidate_sha)
    yield COMPLETION, f">= {THRESHOLDS.least_measured(scenario.plan.duration):g}s", judge_completion(scenario)
    yield "requests", ">= 1", judge_requests(scenario)
    yield "tasks", f"<= {percent(THRESHOLDS.task_errors)}", judge_tasks(scenario)
    yield "allow_hosts", "none refused", judge_allow_hosts(scenario)
    sent = f">= {percent(THRESHOLDS.sent)}"
    yield "generator", sent, None if generator is None else judge_generator(generator)
    yield "restart", "none", judge_restart(scenario.resources, evidence.probes, scenario.measured)
    if not scenario.plan.objectives:
        yield "objectives", ">= 1", invalid("no objective was set, so nothing was judged")


class _Objectives:
    """The objectives of one scenario; histograms are merged once for each endpoint that is asked about."""

    def __init__(self, scenario: ScenarioEvidence, probes: tuple[str, ...], generator: Pace | None) -> None:
        self._scenario = scenario
        self._probes = probes
        self._generator = generator
        self._timing = timing(scenario, generator)
        self._latencies: dict[str | None, Distribution | None] = {}

    def checks(self) -> Iterator[Check]:
        """One check for each objective, in the order of the plan."""
        for objective in self._scenario.plan.objectives:
            yield objective_check(self._scenario.plan.name, objective, self._judge(objective))

    def _judge(self, objective: Objective) -> Finding:
        key = objective.key
        if objective.endpoint is not None and key in _WHOLE_SERVICE:
            return invalid(f"{key} cannot be judged for one endpoint")
        if key in PERMILLE or key == "error_rate":
            return self._requests(objective)
        scenario = self._scenario
        match key:
            case "rate":
                return _rate(objective, scenario)
            case "memory_growth":
                return judge_memory(objective, scenario.resources, self._probes, scenario.measured)
            case "cpu":
                return judge_cpu(objective, scenario.resources, self._probes, scenario.measured)
            case _:
                return invalid(f"{plain(key)} is no objective that can be judged")

    def _requests(self, objective: Objective) -> Finding:
        endpoints = _of(self._scenario.endpoints, objective.endpoint)
        if not endpoints:
            return invalid(f"{objective.key} cannot be judged, because there were no such requests")
        if objective.key == "error_rate":
            return judge_errors(objective, endpoints)
        if objective.endpoint not in self._latencies:
            self._latencies[objective.endpoint] = latencies(endpoints, self._timing)
        return judge_latency(objective, self._latencies[objective.endpoint], self._generator)


def _of(endpoints: tuple[EndpointEvidence, ...], name: str | None) -> tuple[EndpointEvidence, ...]:
    return tuple(endpoint for endpoint in endpoints if name is None or endpoint.endpoint == name)


def _rate(objective: Objective, scenario: ScenarioEvidence) -> Finding:
    sent = rate_sent(scenario)
    if isinstance(sent, str):
        return invalid(sent)
    bounds = exactly(*sent)
    result = settle(objective.limit, bounds)
    words = compared(objective.key, objective.limit, bounds, result, counted(bounds.samples, "arrival") + " due")
    return Finding(result, bounds, words)
