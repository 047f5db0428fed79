"""Whoever meddles with a run: waits for its moment, does it once, and tells whether that worked."""

import threading
from pathlib import Path
from typing import Any, Final

from bot.core.evidence import ScenarioEvidence
from bot.core.loadplan import LoadPlan, ScenarioPlan
from bot.errors import BotError, Reason
from bot.flows import ports
from bot.selftest.case import Case
from bot.selftest.scene import Scene

_DONE_WITHIN_S: Final = 40.0


class Meddler:
    """Watches the lines of the load, and injects the fault once the measured time has begun."""

    def __init__(self, case: Case, scene: Scene) -> None:
        self._case = case
        self._scene = scene
        self._thread: threading.Thread | None = None
        self._error: Exception | None = None

    # --- as the watcher of a run

    def second(self, line: dict[str, object]) -> None:
        """Inject at the first second of the measured time."""
        if self._case.during and self._thread is None and line.get("phase") == "measured":
            self._thread = threading.Thread(target=self._inject, name=f"inject-{self._case.name}", daemon=True)
            self._thread.start()

    def scenario_started(self, plan: ScenarioPlan, number: int, of: int) -> None:
        """Nothing yet."""

    def scenario_ended(self, evidence: ScenarioEvidence) -> None:
        """Nothing any more."""

    def step(self, name: str, detail: str = "") -> None:
        """The drill tells its own story."""

    def close(self) -> None:
        """Nothing is held."""

    # --- beside the run

    def _inject(self) -> None:
        try:
            if self._case.during:
                self._case.during(self._scene)
        except Exception as error:  # noqa: BLE001 - told by `finish`
            self._error = error

    def finish(self) -> None:
        """The load has ended: wait for the fault, meddle with the files; BotError(BUG) where the fault never came."""
        self._scene.over.set()
        if self._case.during:
            self._join()
        if self._case.after:
            self._case.after(self._scene)

    def _join(self) -> None:
        if self._thread is None:
            raise BotError(Reason.BUG, "The fault was never injected: the measured time never began.")
        self._thread.join(_DONE_WITHIN_S)
        if self._error is not None:
            raise BotError(Reason.BUG, f"The fault could not be injected: {self._error}") from self._error


class MeddledLoad:
    """The load of a night, between which and its reader somebody meddles."""

    def __init__(self, load: ports.Load, meddler: Meddler, scene: Scene) -> None:
        self._load = load
        self._meddler = meddler
        self._scene = scene

    def run(
        self,
        plan: LoadPlan,
        scenario: ScenarioPlan,
        candidate_sha: str,
        folder: Path,
        watcher: ports.Watcher,
        *,
        pilot: ports.Pilot | None = None,
        **more: Any,
    ) -> None:
        """Run it, and do to its files what the case wants."""
        self._scene.files = folder
        self._load.run(plan, scenario, candidate_sha, folder, watcher, pilot=pilot, **more)
        self._meddler.finish()

    def read(self, scenario: ScenarioPlan, folder: Path) -> ScenarioEvidence:
        """Read it."""
        return self._load.read(scenario, folder)
