"""Measure the candidate on staging, and judge what was measured."""

import json
from dataclasses import replace

from bot.core.candidate import Candidate
from bot.core.evidence import DeploymentObservation, Evidence, ScenarioEvidence
from bot.core.judge import verdict
from bot.core.loadplan import ScenarioPlan
from bot.core.manifest import finished_files, manifest, scenario_files
from bot.core.moments import iso
from bot.core.record import Attempt
from bot.core.verdict import Verdict
from bot.flows.run import Run


def measure(run: Run, candidate: Candidate) -> Verdict:
    """Run every scenario, keep the evidence, judge it; the verdict rests on the files of the run alone."""
    begun = iso(run.tools.clock.now())
    scenarios = _run_scenarios(run, candidate)
    with run.step("judge"):
        evidence = _collect(run, candidate, scenarios)
        digests = run.tools.digests
        judged = verdict(
            evidence,
            evidence_sha256=digests.evidence(evidence),
            objectives_sha256=digests.objectives(run.request.plan),
        )
        run.know(evidence=evidence, verdict=judged, attempts=(Attempt(1, begun, judged.result.value),))
    run.folder.journal("judged", result=judged.result.value, evidence=judged.evidence_sha256)
    return judged


def _run_scenarios(run: Run, candidate: Candidate) -> tuple[ScenarioEvidence, ...]:
    """Run them in order; once staging runs something else, the rest would only load the wrong build."""
    plan = run.request.plan
    done: list[ScenarioEvidence] = []
    wrong: DeploymentObservation | None = None
    for number, scenario in enumerate(plan.scenarios, start=1):
        wrong = wrong or _wrong_build(run, candidate)
        if wrong is None:
            done.append(_run_scenario(run, candidate, scenario, number))
        else:
            unread = run.tools.load.read(scenario, run.folder.path)
            done.append(replace(unread, deployment=(wrong,)))
    return tuple(done)


def _wrong_build(run: Run, candidate: Candidate) -> DeploymentObservation | None:
    """What staging said before any load is sent, where that already refutes the proof (I7)."""
    if not run.request.plan.proof:
        return None
    seen = run.tools.staging.check(candidate.sha)
    return None if seen.sha == candidate.sha else seen


def _run_scenario(run: Run, candidate: Candidate, scenario: ScenarioPlan, number: int) -> ScenarioEvidence:
    plan, watcher = run.request.plan, run.tools.watcher
    with run.step(f"scenario {scenario.name}"):
        watcher.scenario_started(scenario, number, len(plan.scenarios))
        run.tools.load.run(plan, scenario, candidate.sha, run.folder.path, watcher)
        evidence = run.tools.load.read(scenario, run.folder.path)
        watcher.scenario_ended(evidence)
    return evidence


def _collect(run: Run, candidate: Candidate, scenarios: tuple[ScenarioEvidence, ...]) -> Evidence:
    """Put the scenarios together, and write the manifest that holds their files to what they are now."""
    plan, folder = run.request.plan, run.folder
    digests = folder.digests(finished_files(folder.names()))
    document = manifest(plan, scenarios, digests, run.tools.versions)
    folder.write("manifest.json", json.dumps(document, indent=2) + "\n")
    evidence = [name for each in scenarios for name in scenario_files(each.plan)]
    files = tuple((name, digests[name]) for name in evidence if name in digests)
    return Evidence(candidate.sha, plan.proof, scenarios, files, plan.probes)
