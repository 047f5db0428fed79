"""The load process itself: its plan file, its environment, its log."""

import contextlib
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from bot.adapters.files import state_errors
from bot.core.evidence import Abort, Ending
from bot.core.limits import Unit
from bot.core.loadplan import ClosedModel, LoadPlan, OpenModel, ScenarioPlan
from bot.core.orders import Extend, Order

GENERATOR: Final = "loadtests.generator"
DISK_FULL_EXIT: Final = 74
HEADING: Final = "=== {} ==="


class NotStarted(Exception):  # noqa: N818 - it is not an error of the run, which has measured nothing
    """There is no load process, and why."""


@dataclass(frozen=True, slots=True)
class ScenarioFiles:
    """Where one scenario's files are."""

    folder: Path
    plan: Path
    ndjson: Path
    hlog: Path
    log: Path


def files_of(scenario: ScenarioPlan, folder: Path) -> ScenarioFiles:
    """The paths of that scenario's files."""
    return ScenarioFiles(
        folder=folder,
        plan=folder / f"{scenario.name}.plan.json",
        ndjson=folder / f"{scenario.name}.ndjson",
        hlog=folder / f"{scenario.name}.hlog",
        log=folder / "locust.log",
    )


def prepare(plan: LoadPlan, scenario: ScenarioPlan, folder: Path, *, startup: float, drain: float) -> ScenarioFiles:
    """Write the plan file, and set aside what an earlier run of the same scenario left here.

    Raises BotError(DISK_FULL or STATE_UNUSABLE).
    """
    files = files_of(scenario, folder.resolve())
    with state_errors(files.folder):
        for path in (files.ndjson, files.hlog):
            if path.exists():
                path.replace(path.with_name(path.name + ".previous"))
        files.ndjson.touch()
        files.plan.write_text(json.dumps(_document(plan, scenario, startup, drain), indent=2) + "\n", encoding="utf-8")
        with files.log.open("a", encoding="utf-8") as log:
            log.write(HEADING.format(scenario.name) + "\n")
    return files


def _document(plan: LoadPlan, scenario: ScenarioPlan, startup: float, drain: float) -> dict[str, Any]:
    """What `loadtests.plan.read_plan` reads."""
    model = scenario.model
    rate, users = (model.rate, model.pool) if isinstance(model, OpenModel) else (None, model.users)
    return {
        "base_url": plan.base_url,
        "allow_hosts": list(plan.allow_hosts),
        "locustfile": scenario.locustfile,
        "options": scenario.options,
        "rate": rate,
        "users": users,
        "warmup": scenario.warmup,
        "duration": scenario.duration,
        "startup": startup,
        "drain": drain,
        "parent": os.getpid(),
        **_course(model),
        "tags": list(scenario.tags),
        "exclude_tags": list(scenario.exclude_tags),
        "config_users": list(scenario.config_users),
        **_watches(scenario),
        "workers": asdict(scenario.workers),
    }


def _course(model: OpenModel | ClosedModel) -> dict[str, Any]:
    """How the rate goes and what it is made of; nothing in the closed model."""
    if not isinstance(model, OpenModel):
        return {}
    return {
        "course": [[stretch.seconds, stretch.start, stretch.end] for stretch in model.course],
        "spacing": model.spacing.value,
        "seed": model.seed,
        "mix": [list(share) for share in model.mix],
    }


def _watches(scenario: ScenarioPlan) -> dict[str, Any]:
    """The latency limits and the endpoints that the load process counts apart, each once, in the order of the plan."""
    limits = {
        (each.endpoint, each.limit.value): None for each in scenario.objectives if each.limit.unit is Unit.SECONDS
    }
    named = [each.endpoint for each in scenario.objectives] + [each.endpoint for each in scenario.relative]
    return {
        "limits": [{"endpoint": endpoint, "seconds": seconds} for endpoint, seconds in limits],
        "watched": [name for name in dict.fromkeys(named) if name is not None],
    }


def start(files: ScenarioFiles, hidden: frozenset[str]) -> "subprocess.Popen[bytes]":
    """Start the load process in a session of its own; only the plan's path is in its arguments. Raises NotStarted."""
    # -P: what lies in the run folder must never be importable.
    # Its standard input stays open: orders come through it.
    command = [sys.executable, "-P", "-m", GENERATOR, str(files.plan)]
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    try:
        with files.log.open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=files.folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=environment,
            )
    except OSError as error:
        raise NotStarted(error) from None


def tell(child: "subprocess.Popen[bytes]", order: Order) -> None:
    """Tell the load process; never waits, and one that has ended or does not listen is told nothing."""
    message = {"extend": order.seconds} if isinstance(order, Extend) else {"stop": order.abort.words}
    if child.stdin is not None:
        with contextlib.suppress(OSError, ValueError):
            os.set_blocking(child.stdin.fileno(), False)
            os.write(child.stdin.fileno(), json.dumps(message).encode() + b"\n")


def note_abort(ndjson: Path, why: Abort) -> None:
    """Append why the bot told the load to stop."""
    _note(ndjson, {"kind": "aborted", "t": time.time(), **asdict(why)})


def note_ending(ndjson: Path, ending: Ending, detail: str) -> None:
    """Append why the bot itself ended the load."""
    _note(ndjson, {"kind": "ended-by-bot", "t": time.time(), "ending": ending.value, "detail": detail})


def _note(ndjson: Path, line: dict[str, Any]) -> None:
    """One line of its own, even if the child died within a line; written at once, beside what the child writes."""
    try:
        with ndjson.open("ab", buffering=0) as file:
            file.write(b"\n" + json.dumps(line, allow_nan=False).encode() + b"\n")
    except OSError:
        return  # without this line the scenario reads as crashed, which is no better
