"""The manifest of a run: what was planned and what was really done, side by side."""

from dataclasses import replace

from bot.core.evidence import ScenarioEvidence
from bot.core.loadplan import OpenModel, ScenarioPlan


def scenario_files(plan: ScenarioPlan) -> tuple[str, str]:
    """The names of the two files that a scenario's evidence is read from."""
    return f"{plan.name}.hlog", f"{plan.name}.ndjson"


def manifest(
    scenarios: tuple[ScenarioEvidence, ...], files: tuple[tuple[str, str], ...], versions: tuple[tuple[str, str], ...]
) -> dict[str, object]:
    """The document of manifest.json: durations in seconds, `files` as name -> SHA-256."""
    return {
        "schema_version": 1,
        "planned": {each.plan.name: _planned(each.plan) for each in scenarios},
        "done": {each.plan.name: _done(each) for each in scenarios},
        "versions": dict(versions),
        "files": dict(files),
    }


def _planned(plan: ScenarioPlan) -> dict[str, object]:
    model = {"rate": plan.model.rate} if isinstance(plan.model, OpenModel) else {"users": plan.model.users}
    return {"kind": plan.kind.value, **model, "duration": plan.duration, "warmup": plan.warmup}


def _done(evidence: ScenarioEvidence) -> dict[str, object]:
    arrivals = evidence.arrivals
    return {
        "ending": evidence.ending.value,
        "started_at": evidence.started_at,
        "duration": evidence.measured,
        "requests": sum(endpoint.ok + endpoint.failed for endpoint in evidence.endpoints),
        "arrivals_due": arrivals.due if arrivals else None,
        "arrivals_started": arrivals.started if arrivals else None,
    }


def held_against(evidence: ScenarioEvidence, recorded: dict[str, str], found: dict[str, str]) -> ScenarioEvidence:
    """The evidence, with every file named that is not the one whose SHA-256 the manifest recorded."""
    altered = tuple(
        f"{name} is not the file that the manifest recorded"
        for name in scenario_files(evidence.plan)
        if recorded.get(name) != found.get(name)
    )
    # First, because whoever lists only some of the flaws must name the file and not what followed from it.
    return replace(evidence, truncated=altered + evidence.truncated) if altered else evidence
