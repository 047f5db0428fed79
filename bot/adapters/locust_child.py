"""The load process itself: its plan file, its environment, its log."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.adapters.files import state_errors
from bot.core.evidence import Ending
from bot.core.loadplan import LoadPlan, OpenModel, ScenarioPlan

GENERATOR: Final = "loadtests.generator"
DISK_FULL_EXIT: Final = 74
HEADING: Final = "=== {} ==="


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
    }


def start(files: ScenarioFiles, hidden: frozenset[str]) -> "subprocess.Popen[bytes]":
    """Start the load process in a session of its own; only the plan's path is in its arguments. Raises OSError."""
    # -P: what lies in the run folder must never be importable.
    command = [sys.executable, "-P", "-m", GENERATOR, str(files.plan)]
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    with files.log.open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=files.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=environment,
        )


def note_ending(ndjson: Path, ending: Ending, detail: str) -> None:
    """Append why the bot itself ended the load; on a line of its own even if the child died within a line."""
    line = {"kind": "ended-by-bot", "t": time.time(), "ending": ending.value, "detail": detail}
    try:
        with ndjson.open("ab", buffering=0) as file:
            file.write(b"\n" + json.dumps(line).encode() + b"\n")
    except OSError:
        return  # without this line the scenario reads as crashed, which is no better
