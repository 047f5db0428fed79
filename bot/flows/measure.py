"""Measure the candidate on staging, and judge what was measured."""

from dataclasses import replace

from bot.core.attempts import made
from bot.core.candidate import Candidate
from bot.core.evidence import DeploymentObservation, Evidence, ScenarioEvidence
from bot.core.judge import verdict
from bot.core.loadplan import ScenarioPlan
from bot.core.manifest import finished_files, scenario_files
from bot.core.moments import iso
from bot.core.undecided import undecided
from bot.core.validity import judge_abort
from bot.core.verdict import Check, Verdict
from bot.flows.manifests import write_manifest
from bot.flows.past import past_nights
from bot.flows.run import Run
from bot.flows.steer import Pilot


def measure(run: Run, candidate: Candidate) -> Verdict:
    """One attempt: run every scenario, keep the evidence, judge it; the verdict rests on the run's files alone."""
    number, begun = _attempt(run), iso(run.tools.clock.now())
    scenarios = _run_scenarios(run, candidate)
    with run.step(_named(run, "judge")):
        evidence = _collect(run, candidate, scenarios)
        digests = run.tools.digests
        judged = verdict(
            evidence,
            evidence_sha256=digests.evidence(evidence),
            objectives_sha256=digests.objectives(run.plan),
            rule=run.plan.baseline,
        )
        run.know(evidence=evidence, verdict=judged, attempts=(*run.record.attempts, made(number, begun, judged)))
    run.journal("judged", attempt=number, result=judged.result.value, evidence=judged.evidence_sha256)
    return judged


def _attempt(run: Run) -> int:
    """The number of the attempt under way."""
    return len(run.record.attempts) + 1


def _named(run: Run, step: str) -> str:
    """The name of a step, different in each attempt: people and jq read timings by name."""
    number = _attempt(run)
    return step if number == 1 else f"{step} (attempt {number})"


def _run_scenarios(run: Run, candidate: Candidate) -> tuple[ScenarioEvidence, ...]:
    """Run them in order, until the rest would be in vain.

    Once staging runs something else they would only load the wrong build, and once one was stopped because it could no
    longer pass the night is decided. One that was done before the order reached it is judged by the whole, later.
    """
    plan = run.plan
    done: list[ScenarioEvidence] = []
    wrong: DeploymentObservation | None = None
    for number, scenario in enumerate(plan.scenarios, start=1):
        failed = next((each.plan.name for each in done if judge_abort(each) is not None), None)
        wrong = wrong or (_wrong_build(run, candidate) if failed is None else None)
        if failed is not None:
            done.append(_unread(run, scenario, detail=f"not measured: {failed} could no longer pass"))
        elif wrong is not None:
            done.append(_unread(run, scenario, deployment=(wrong,)))
        else:
            done.append(_run_scenario(run, candidate, scenario, number))
    return tuple(done)


def _unread(
    run: Run, scenario: ScenarioPlan, *, detail: str = "", deployment: tuple[DeploymentObservation, ...] = ()
) -> ScenarioEvidence:
    """The evidence of a scenario that is not run."""
    unread = run.tools.load.read(scenario, run.folder.path)
    return replace(unread, deployment=deployment, ending_detail=detail)


def _wrong_build(run: Run, candidate: Candidate) -> DeploymentObservation | None:
    """What staging said before any load is sent, where that already refutes the proof (I7)."""
    if not run.plan.proof:
        return None
    seen = run.tools.staging.check(candidate.sha)
    return None if seen.sha == candidate.sha else seen


def _run_scenario(run: Run, candidate: Candidate, scenario: ScenarioPlan, number: int) -> ScenarioEvidence:
    plan, watcher = run.plan, run.tools.watcher
    with run.step(_named(run, f"scenario {scenario.name}")):
        watcher.scenario_started(scenario, number, len(plan.scenarios))
        pilot = _pilot(run, scenario)
        run.tools.load.run(plan, scenario, candidate.sha, run.folder.path, watcher, pilot=pilot)
        evidence = run.tools.load.read(scenario, run.folder.path)
        watcher.scenario_ended(evidence)
    return evidence


def _pilot(run: Run, scenario: ScenarioPlan) -> Pilot:
    """Who steers that scenario by what it shows while it runs."""
    plan = run.plan

    def open_questions(seen: ScenarioEvidence) -> tuple[Check, ...]:
        return undecided(seen, plan.probes, past_nights(run), plan.baseline)

    def read() -> ScenarioEvidence:
        return run.tools.load.read(scenario, run.folder.path)

    return Pilot(scenario, read=read, undecided=open_questions, proof=plan.proof)


def _collect(run: Run, candidate: Candidate, scenarios: tuple[ScenarioEvidence, ...]) -> Evidence:
    """Put the scenarios together, and write the manifest that holds their files to what they are now."""
    plan, folder = run.plan, run.folder
    digests = folder.digests(finished_files(folder.names()))
    with run.effect("write manifest"):
        write_manifest(folder, plan, scenarios, digests, run.tools.versions)
    evidence = [name for each in scenarios for name in scenario_files(each.plan)]
    files = tuple((name, digests[name]) for name in evidence if name in digests)
    return Evidence(candidate.sha, plan.proof, scenarios, files, plan.probes, past_nights(run))
