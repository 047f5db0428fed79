"""Judge a stored run again, from its evidence alone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from bot.core.authenticity import altered, disorder, disowned, other_version
from bot.core.evidence import SCHEMA, Ending, Evidence, ScenarioEvidence
from bot.core.judge import verdict
from bot.core.loadplan import LoadPlan, ScenarioPlan
from bot.core.manifest import held_against, scenario_files
from bot.core.reasons import Reason
from bot.core.record import Attempt, RunRecord
from bot.core.verdict import Verdict
from bot.core.wording import listed
from bot.errors import BotError
from bot.flows import ports
from bot.flows.manifests import recorded_files


@dataclass(frozen=True, slots=True)
class Judging:
    """What judging again needs: the stored runs, the reader of evidence, and the digests."""

    runs: ports.RunStore
    load: ports.Load
    digests: ports.Digests


@dataclass(frozen=True, slots=True)
class _Stored:
    """What was judged: the record, its plan, evidence and verdict, and the folder of the files behind them.

    `named` is the digest of the evidence as the run's own record names it.
    """

    record: RunRecord
    plan: LoadPlan
    evidence: Evidence
    verdict: Verdict
    folder: ports.RunFolder
    named: str


def rejudge(
    tools: Judging, run_id: str, change: Callable[[ScenarioPlan], ScenarioPlan], attempt: int | None = None
) -> tuple[RunRecord, Verdict]:
    """The stored record, and the verdict that its files lead to under objectives that `change` may replace.

    `attempt` is the number of an earlier one; None is the last, which decided. Where files, plan or evidence are not
    those that the stored verdict was made from, the verdict is INVALID.

    Raises:
        BotError: RUN_NOT_FOUND where the run measured nothing or has no such attempt, STATE_UNUSABLE where its record
            contradicts itself.
    """
    stored = _stored(tools, tools.runs.load(run_id), attempt)
    seen = _read_again(tools, stored)
    changed = _under(seen, change)
    plan = replace(stored.plan, scenarios=tuple(each.plan for each in changed.scenarios))
    found = verdict(
        changed,
        evidence_sha256=tools.digests.evidence(changed),
        objectives_sha256=tools.digests.objectives(plan),
        rule=stored.plan.baseline,
    )
    return stored.record, _believed(tools, stored, seen, found)


def _stored(tools: Judging, run: RunRecord, attempt: int | None) -> _Stored:
    """What is to be judged again: the run itself, or an attempt that was set aside."""
    aside = _aside(run, attempt)
    if aside is None:
        return _whole(run, tools.runs.folder(run.run_id), None)
    return _whole(tools.runs.load(run.run_id, aside.folder), tools.runs.folder(run.run_id, aside.folder), aside)


def _aside(run: RunRecord, number: int | None) -> Attempt | None:
    """The attempt with that number if it was set aside; None for the one that is the run's own."""
    if number is None:
        return None
    found = next((each for each in run.attempts if each.number == number), None)
    if found is None:
        known = ", ".join(str(each.number) for each in run.attempts) or "none"
        raise BotError(Reason.RUN_NOT_FOUND, f"Run {run.run_id} has no attempt {number}; on record: {known}.")
    return found if found.folder else None


def _whole(record: RunRecord, folder: ports.RunFolder, aside: Attempt | None) -> _Stored:
    if record.plan is None or record.evidence is None:
        lacks = "did not finish its last attempt" if record.attempts else "measured nothing"
        raise BotError(Reason.RUN_NOT_FOUND, f"Run {record.run_id} {lacks}: {record.reason}")
    wrong = disorder(record)
    if wrong or record.verdict is None:
        raise BotError(
            Reason.STATE_UNUSABLE,
            f"The record of run {record.run_id} contradicts itself: {wrong}.",
            "Restore its run.json; promotions are kept in the ledger.",
        )
    named = (aside or record.verdict).evidence_sha256
    return _Stored(record, record.plan, record.evidence, record.verdict, folder, named)


def _believed(tools: Judging, stored: _Stored, seen: Evidence, found: Verdict) -> Verdict:
    """The verdict that was found, or why it proves nothing."""
    if stored.evidence.schema != SCHEMA:
        return disowned(found, other_version(stored.evidence.schema))
    troubles = tuple(_troubles(tools, stored, seen))
    return disowned(found, altered(troubles)) if troubles else found


def _under(evidence: Evidence, change: Callable[[ScenarioPlan], ScenarioPlan]) -> Evidence:
    return replace(evidence, scenarios=tuple(replace(each, plan=change(each.plan)) for each in evidence.scenarios))


def _troubles(tools: Judging, stored: _Stored, seen: Evidence) -> Iterator[str]:
    """In what the run differs from what its verdict, and with it the tag and the ledger, names by digest."""
    judged = stored.verdict
    if judged.evidence_sha256 != stored.named:
        yield "the run's own record names another digest for this attempt"
    before, now = dict(stored.evidence.files), dict(seen.files)
    changed = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
    if changed:
        yield f"other files than recorded ({listed(changed)})"
    if tools.digests.evidence(stored.evidence) != judged.evidence_sha256:
        yield "the evidence in run.json has another digest than its verdict names"
    if tools.digests.evidence(seen) != judged.evidence_sha256:
        yield "its files lead to another digest than its verdict names"
    if tools.digests.objectives(stored.plan) != judged.objectives_sha256:
        yield "the objectives in run.json have another digest than its verdict names"


def _read_again(tools: Judging, stored: _Stored) -> Evidence:
    """The evidence from its files; a file that is not the one that was recorded is named in it."""
    folder = stored.folder
    names = [name for scenario in stored.plan.scenarios for name in scenario_files(scenario)]
    found = folder.digests(names)
    keepers = {"run.json": dict(stored.evidence.files), "the manifest": recorded_files(folder)}
    scenarios = tuple(
        held_against(_scenario(tools, folder, scenario, before), keepers, found)
        for scenario, before in zip(stored.plan.scenarios, stored.evidence.scenarios, strict=True)
    )
    return replace(stored.evidence, scenarios=scenarios, files=tuple(found.items()))


def _scenario(
    tools: Judging, folder: ports.RunFolder, plan: ScenarioPlan, before: ScenarioEvidence
) -> ScenarioEvidence:
    """A scenario that never ran left no file: what the record says of it is all there is."""
    if before.ending is Ending.NOT_RUN:
        return replace(before, plan=plan)
    return tools.load.read(plan, folder.path)
