"""The manifest of a run: what was planned and what was really done, side by side."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from bot.core.evidence import ScenarioEvidence
from bot.core.loadplan import LoadPlan, OpenModel, ScenarioPlan

# Of the run as a whole, and written to as long as it lasts.
_WHOLE_RUN: Final = frozenset({"run.json", "journal.ndjson"})
# Written when a run has ended, and again when somebody hears of its end.
_OF_THE_END: Final = frozenset({"run.json", "report.html", "report.md", "junit.xml", "notes.md"})
# The journal goes on after the manifest, and nothing can hold its own digest.
_NEVER_HELD: Final = frozenset({"journal.ndjson", "manifest.json"})


def scenario_files(plan: ScenarioPlan) -> tuple[str, str]:
    """The names of the two files that a scenario's evidence is read from."""
    return f"{plan.name}.hlog", f"{plan.name}.ndjson"


def finished_files(names: Iterable[str]) -> tuple[str, ...]:
    """Of the files of a run, those that do not change any more once everything was measured."""
    return tuple(name for name in names if name not in _OF_THE_END | _NEVER_HELD)


def at_the_end(
    names: Iterable[str], recorded: Mapping[str, str], digests: Callable[[Iterable[str]], Mapping[str, str]]
) -> dict[str, str]:
    """The `files` of the manifest of a run that has ended, from the names of its files and what the manifest had.

    What was measured keeps the digest that it had when it was judged: whoever altered it since does not get a new one.
    """
    kept = {name: digest for name, digest in recorded.items() if name not in _OF_THE_END}
    return kept | dict(digests([name for name in names if name not in kept and name not in _NEVER_HELD]))


def measured_files(names: Iterable[str]) -> tuple[str, ...]:
    """Of the files of a run that is being measured, those that belong to the attempt under way."""
    return tuple(name for name in names if name not in _WHOLE_RUN)


def manifest(
    plan: LoadPlan | None,
    scenarios: tuple[ScenarioEvidence, ...],
    files: Mapping[str, str],
    versions: tuple[tuple[str, str], ...],
) -> dict[str, object]:
    """The document of manifest.json: durations in seconds, `files` as name -> SHA-256, `changed` as the plan has it.

    `plan` is None for a run that measures nothing.
    """
    return {
        "schema_version": 1,
        "changed": list(plan.changed) if plan else [],
        "planned": {each.name: _planned(each) for each in plan.scenarios} if plan else {},
        "done": {each.plan.name: _done(each) for each in scenarios},
        "versions": dict(versions),
        "files": dict(files),
    }


def _planned(plan: ScenarioPlan) -> dict[str, object]:
    model = _arrivals(plan.model) if isinstance(plan.model, OpenModel) else {"users": plan.model.users}
    return {
        "kind": plan.kind.value,
        **model,
        "duration": plan.duration,
        "warmup": plan.warmup,
        "extend": plan.extend,
        "abort": plan.abort,
        "workers": {"local": plan.workers.local, "remote": plan.workers.remote},
    }


def _arrivals(model: OpenModel) -> dict[str, object]:
    """`course` as [seconds, first rate, last rate] of each stretch; empty where the rate never changes."""
    return {
        "rate": model.rate,
        "course": [[each.seconds, each.start, each.end] for each in model.course],
        "spacing": model.spacing.value,
        "seed": model.seed,
        "mix": dict(model.mix),
        "pool": model.pool,
    }


def _done(evidence: ScenarioEvidence) -> dict[str, object]:
    arrivals = evidence.arrivals
    return {
        "ending": evidence.ending.value,
        "started_at": evidence.started_at,
        "duration": evidence.measured,
        "extended": evidence.extended,
        "aborted": evidence.abort.words if evidence.abort else None,
        "requests": sum(endpoint.ok + endpoint.failed for endpoint in evidence.endpoints),
        "arrivals_due": arrivals.due if arrivals else None,
        "arrivals_started": arrivals.started if arrivals else None,
    }


def held_against(
    evidence: ScenarioEvidence, keepers: Mapping[str, Mapping[str, str]], found: Mapping[str, str]
) -> ScenarioEvidence:
    """The evidence, with every file named whose SHA-256 is not what each keeper (its name -> its files) recorded."""
    altered = tuple(filter(None, (_altered(name, keepers, found) for name in scenario_files(evidence.plan))))
    # First, because whoever lists only some of the flaws must name the file and not what followed from it.
    return replace(evidence, truncated=altered + evidence.truncated) if altered else evidence


def _altered(name: str, keepers: Mapping[str, Mapping[str, str]], found: Mapping[str, str]) -> str | None:
    against = [keeper for keeper, files in keepers.items() if files.get(name) != found.get(name)]
    return f"{name} is not the file that {' and '.join(against)} recorded" if against else None
