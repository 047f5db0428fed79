"""The verdict on a night: every objective and every condition of a trustworthy measurement, judged from evidence alone.

Total: whatever the evidence holds, there is a verdict, and no data is never a pass (invariant I15).
"""

from collections.abc import Iterator
from typing import Final

from bot.core.against_history import AgainstHistory
from bot.core.blocks import blocks_of
from bot.core.bounds import exactly, settle
from bot.core.deployment import deployment_refuted, judge_deployment
from bot.core.error_rate import judge_errors
from bot.core.evidence import EndpointEvidence, Evidence, ScenarioEvidence
from bot.core.finding import Finding, invalid, objective_check, validity_check
from bot.core.generator import Pace, generator_limit, judge_generator, pace, rate_sent
from bot.core.latency import judge_latency, latencies, timing
from bot.core.loadplan import BaselineRule, Objective
from bot.core.quantiles import PERMILLE, Distribution
from bot.core.remarks import grown_while_settling, remarks
from bot.core.resources import judge_cpu, judge_memory
from bot.core.restart import judge_restart
from bot.core.text import plain, short
from bot.core.thresholds import THRESHOLDS
from bot.core.validity import (
    ABORT,
    COMPLETION,
    DEPLOYMENT,
    WORKERS,
    cascade,
    judge_abort,
    judge_allow_hosts,
    judge_completion,
    judge_requests,
    judge_tasks,
)
from bot.core.verdict import Check, Notice, Verdict, worst
from bot.core.wording import compared, counted, percent
from bot.core.workers import judge_workers

_WHOLE_SERVICE: Final = frozenset({"rate", "memory_growth", "cpu"})
_USUAL: Final = BaselineRule()
_NOTHING_JUDGED: Final = "no objective was set that can be judged, so nothing was judged"


def verdict(
    evidence: Evidence, *, evidence_sha256: str, objectives_sha256: str, rule: BaselineRule = _USUAL
) -> Verdict:
    """All checks and the worst of their results, with the digests of what they were made from; `rule` is the plan's."""
    judged = [_scenario(scenario, evidence, rule) for scenario in evidence.scenarios]
    checks = tuple(check for found, _ in judged for check in found)
    notices = tuple(notice for _, found in judged for notice in found)
    return Verdict(worst(checks), checks, evidence_sha256, objectives_sha256, notices)


def judge(evidence: Evidence, rule: BaselineRule = _USUAL) -> tuple[Check, ...]:
    """One check for every objective and every condition, scenario by scenario; the conditions come first."""
    return tuple(check for scenario in evidence.scenarios for check in _scenario(scenario, evidence, rule)[0])


def _scenario(
    scenario: ScenarioEvidence, evidence: Evidence, rule: BaselineRule
) -> tuple[tuple[Check, ...], tuple[Notice, ...]]:
    """The checks of one scenario, and what else is to be said of it beside earlier nights."""
    checks, unjudged = _checks(scenario, evidence, rule)
    warning, blocking = remarks(checks, evidence.past, rule)
    return (*checks, *blocking), (*unjudged, *warning, *grown_while_settling(scenario))


def _checks(
    scenario: ScenarioEvidence, evidence: Evidence, rule: BaselineRule
) -> tuple[tuple[Check, ...], tuple[Notice, ...]]:
    generator = pace(scenario)
    conditions = (
        validity_check(scenario.plan.name, name, limit, finding)
        for name, limit, finding in _conditions(scenario, evidence, generator)
        if finding is not None
    )
    objectives = _Objectives(scenario, evidence, generator, rule)
    judged = (*objectives.checks(), *objectives.history.checks())
    if not judged:
        judged = (validity_check(scenario.plan.name, "objectives", ">= 1", invalid(_NOTHING_JUDGED)),)
    refuted = deployment_refuted(scenario, evidence.candidate_sha)
    return cascade((*conditions, *judged), DEPLOYMENT if refuted else COMPLETION), tuple(objectives.history.notices())


def _conditions(
    scenario: ScenarioEvidence, evidence: Evidence, generator: Pace
) -> Iterator[tuple[str, str, Finding | None]]:
    if evidence.proof:
        yield DEPLOYMENT, short(evidence.candidate_sha), judge_deployment(scenario, evidence.candidate_sha)
    yield COMPLETION, f">= {THRESHOLDS.least_measured(scenario.planned):g}s", judge_completion(scenario)
    yield WORKERS, f"{scenario.plan.workers.total} whole", judge_workers(scenario)
    yield ABORT, "not needed", judge_abort(scenario)
    yield "requests", ">= 1", judge_requests(scenario)
    yield "tasks", f"<= {percent(THRESHOLDS.task_errors)}", judge_tasks(scenario)
    yield "allow_hosts", "none refused", judge_allow_hosts(scenario)
    yield "generator", generator_limit(scenario.plan, generator), judge_generator(generator)
    answered = sum(max(0, endpoint.ok) for endpoint in scenario.endpoints)
    yield "restart", "none", judge_restart(scenario.resources, evidence.probes, scenario.measured, answered)


class _Objectives:
    """The objectives of one scenario; histograms are merged once for each endpoint that is asked about."""

    def __init__(self, scenario: ScenarioEvidence, evidence: Evidence, generator: Pace, rule: BaselineRule) -> None:
        self._scenario = scenario
        self._probes = evidence.probes
        self._generator = generator
        self.history = AgainstHistory(scenario.plan, evidence.past, rule, self._judge)
        self._timing = timing(scenario, generator)
        self._latencies: dict[str | None, Distribution | None] = {}

    def checks(self) -> Iterator[Check]:
        """One check for each objective in numbers, in the order of the plan."""
        for objective in self._scenario.plan.objectives:
            yield objective_check(
                self._scenario.plan.name, objective, self._judge(objective), self.history.usual(objective)
            )

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
            return judge_errors(objective, endpoints, blocks_of(self._scenario, objective.endpoint))
        if objective.endpoint not in self._latencies:
            self._latencies[objective.endpoint] = latencies(endpoints, self._timing)
        blocks = blocks_of(self._scenario, objective.endpoint)
        return judge_latency(objective, self._latencies[objective.endpoint], self._generator, blocks)


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
