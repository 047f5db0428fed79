"""Judge a stored run again, from its evidence alone."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.core.evidence import Ending, Evidence, ScenarioEvidence
from bot.core.judge import verdict
from bot.core.loadplan import LoadPlan, ScenarioPlan
from bot.core.manifest import held_against, scenario_files
from bot.core.reasons import Reason
from bot.core.record import RunRecord
from bot.core.verdict import Verdict
from bot.errors import BotError
from bot.flows import ports


@dataclass(frozen=True, slots=True)
class Judging:
    """What judging again needs: the stored runs, the reader of evidence, and the digests."""

    runs: ports.RunStore
    load: ports.Load
    digests: ports.Digests


def rejudge(tools: Judging, run_id: str, change: Callable[[ScenarioPlan], ScenarioPlan]) -> tuple[RunRecord, Verdict]:
    """The stored record, and the verdict that its files lead to under objectives that `change` may replace.

    Raises BotError(RUN_NOT_FOUND) where the run measured nothing.
    """
    record = tools.runs.load(run_id)
    if record.plan is None or record.evidence is None:
        raise BotError(Reason.RUN_NOT_FOUND, f"Run {run_id} measured nothing: {record.reason}")
    plan = replace(record.plan, scenarios=tuple(map(change, record.plan.scenarios)))
    evidence = _read_again(tools, record.evidence, plan, run_id)
    return record, verdict(
        evidence,
        evidence_sha256=tools.digests.evidence(evidence),
        objectives_sha256=tools.digests.objectives(plan),
    )


def _read_again(tools: Judging, stored: Evidence, plan: LoadPlan, run_id: str) -> Evidence:
    """The evidence from its files; a file that is not the one the manifest recorded is named in it."""
    folder = tools.runs.folder(run_id)
    names = [name for scenario in plan.scenarios for name in scenario_files(scenario)]
    found = folder.digests(names)
    recorded = _recorded_files(folder)
    scenarios = tuple(
        held_against(_scenario(tools, folder, scenario, before), recorded, found)
        for scenario, before in zip(plan.scenarios, stored.scenarios, strict=True)
    )
    return Evidence(stored.candidate_sha, stored.proof, scenarios, tuple(found.items()), stored.probes)


def _scenario(
    tools: Judging, folder: ports.RunFolder, plan: ScenarioPlan, before: ScenarioEvidence
) -> ScenarioEvidence:
    """A scenario that never ran left no file: what the record says of it is all there is."""
    if before.ending is Ending.NOT_RUN:
        return replace(before, plan=plan)
    return tools.load.read(plan, folder.path)


def _recorded_files(folder: ports.RunFolder) -> dict[str, str]:
    try:
        document = json.loads((folder.path / "manifest.json").read_bytes())
        return dict(document["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}
