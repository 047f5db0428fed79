"""Playing one case: the same path as a night, from the configuration to the gate's answer, only without git."""

import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bot.core.candidate import Candidate
from bot.core.gate import Approval, Refusal, decide
from bot.core.loadplan import LoadPlan
from bot.core.moments import iso
from bot.core.reasons import Reason
from bot.core.record import Outcome as Ended
from bot.core.record import Repository, RunKind, Trigger
from bot.core.selectors import new_run_id
from bot.core.verdict import Verdict
from bot.errors import BotError, ConfigurationError
from bot.flows import ports
from bot.flows.attempts import measure_with_retries
from bot.flows.rejudge import Judging, rejudge
from bot.flows.request import Effect, Request, Tools
from bot.flows.run import Ending, Run, refused
from bot.selftest.case import Case, Patience
from bot.selftest.documents import document, fill
from bot.selftest.meddling import MeddledLoad, Meddler
from bot.selftest.outcome import Outcome, Seen, assess, broken
from bot.selftest.scene import SHA, Scene, scene

BASE: Final = "ba5eba11" * 5
_ACTOR: Final = "selftest"
_TRESPASS: Final = "the load reached an address that is not allowed"


@dataclass(frozen=True, slots=True)
class Gear:
    """What a configuration comes to: the plan, and the tools of a night that knows no git and no earlier nights."""

    plan: LoadPlan
    tools: Tools
    judging: Judging
    repository: Repository


Equip = Callable[[Mapping[str, Any], Path, ports.Watcher, Patience], Gear]
"""Makes the gear of a configuration document; raises ConfigurationError. The folder is that of the case."""


def play(case: Case, folder: Path, equip: Equip) -> Outcome:
    """Play that case in a new folder; whatever goes wrong, there is an outcome."""
    begun = time.monotonic()
    try:
        with scene(folder) as stage:
            seen = _play(case, stage, equip)
    except ConfigurationError as error:
        words = "; ".join(f"{each.path} {each.wrong}" for each in error.problems)
        return broken(case, f"The configuration of the case is wrong: {words}", time.monotonic() - begun)
    except BotError as error:
        return broken(case, error.sentence, time.monotonic() - begun)
    except Exception as error:  # noqa: BLE001 - one case that breaks must not hide what the others show
        return broken(case, f"{type(error).__name__}: {error}", time.monotonic() - begun)
    return assess(case, seen, time.monotonic() - begun)


def _play(case: Case, stage: Scene, equip: Equip) -> Seen:
    with ExitStack() as props:
        provided = props.enter_context(case.props(stage)) if case.props else {}
        values = {"url": stage.service.url, "pid_file": str(stage.pid_file), **provided}
        stage.service.control(**fill(case.service, values))
        meddler = Meddler(case, stage)
        gear = equip(document(case, stage.folder, values), stage.folder, meddler, case.patience)
        tools = replace(gear.tools, load=MeddledLoad(gear.tools.load, meddler, stage))
        seen = _night(case, stage, replace(gear, tools=tools))
    # What a prop counted is known once it is gone.
    return replace(seen, trouble=_TRESPASS) if stage.facts.get("visits") else seen


def _night(case: Case, stage: Scene, gear: Gear) -> Seen:
    """Measure, judge and decide; then judge what was kept of it again."""
    run = Run(gear.tools, _request(gear))
    candidate = Candidate(SHA, BASE, (), iso(gear.tools.clock.now()))
    judged = measure_with_retries(run, candidate)
    answer = decide(candidate, judged, now=_now(gear).timestamp())
    run.end(_ending(answer))
    gear.tools.runs.save(run.record)
    run.folder.journal("ended")
    if case.later:
        case.later(stage)
    _, again = rejudge(gear.judging, run.request.run_id, lambda plan: plan)
    if case.later:
        answer = decide(candidate, again, now=_now(gear).timestamp())
        return Seen(again, isinstance(answer, Approval))
    return Seen(judged, isinstance(answer, Approval), _disagreement(judged, again))


def _disagreement(judged: Verdict, again: Verdict) -> str:
    return "" if again == judged else f"judged again it came to another verdict ({again.result.value})"


def _now(gear: Gear) -> datetime:
    return gear.tools.clock.now()


def _ending(answer: Approval | Refusal) -> Ending:
    if isinstance(answer, Refusal):
        return refused(answer)
    return Ending(Ended.PASSED, Reason.GATE_PASSED, "All checks passed; nothing was moved.")


def _request(gear: Gear) -> Request:
    return Request(
        kind=RunKind.GATE,
        trigger=Trigger.MANUAL,
        effect=Effect.DRY_RUN,
        actor=_ACTOR,
        run_id=new_run_id(_now(gear), os.urandom(2)),
        slot=None,
        plan=gear.plan,
        repository=gear.repository,
        tag_prefix="release/",
        title_template="{date}",
    )
