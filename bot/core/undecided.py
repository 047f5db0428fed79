"""What a running scenario has not settled yet: whether measuring on could help."""

from collections.abc import Iterator
from dataclasses import replace

from bot.core.evidence import Ending, Evidence, Past, ScenarioEvidence, WorkerEvidence
from bot.core.judge import judge
from bot.core.loadplan import BaselineRule, ClosedModel, Workers
from bot.core.verdict import Check, Result

_USUAL = BaselineRule()


def undecided(
    scenario: ScenarioEvidence, probes: tuple[str, ...], past: tuple[Past, ...] = (), rule: BaselineRule = _USUAL
) -> tuple[Check, ...]:
    """The objectives that are INCONCLUSIVE on the evidence so far, judged as if the window ended now.

    None are where any check fails already: more evidence would only cost time.
    """
    checks = judge(
        Evidence("", proof=False, scenarios=(_as_if_over(scenario),), files=(), probes=probes, past=past), rule
    )
    if any(check.result is Result.FAIL for check in checks):
        return ()
    plan = scenario.plan
    wanted = {(each.endpoint, each.key) for each in plan.objectives}
    wanted |= {(each.endpoint, each.key) for each in plan.relative}
    return tuple(
        check for check in checks if check.result is Result.INCONCLUSIVE and (check.endpoint, check.objective) in wanted
    )


def _as_if_over(scenario: ScenarioEvidence) -> ScenarioEvidence:
    """That evidence as the whole of a shorter plan, so that what is still to come counts as nothing missing.

    What only the closing line tells, of users and of workers, counts as well until then.
    """
    model = scenario.plan.model
    return replace(
        scenario,
        plan=replace(scenario.plan, duration=scenario.measured),
        ending=Ending.COMPLETED,
        ending_detail="",
        truncated=(),
        extended=0.0,
        users_lowest=model.users if isinstance(model, ClosedModel) else None,
        users_missing=None,
        workers=tuple(_whole(scenario.plan.workers)),
    )


def _whole(workers: Workers) -> Iterator[WorkerEvidence]:
    for number in range(workers.total if workers.distributed else 0):
        yield WorkerEvidence(f"worker-{number + 1}", intervals=1, expected=1, skew=0.0, rtt=0.0, trouble=())
