"""Measuring, as flows need it: the load, staging, and whoever watches or steers."""

from pathlib import Path
from typing import Any, Protocol

from bot.core.evidence import DeploymentObservation, ScenarioEvidence
from bot.core.loadplan import LoadPlan, ScenarioPlan
from bot.core.orders import Order


class Watcher(Protocol):
    """Sees a scenario while it runs; called from the flow's own thread about once a second."""

    def scenario_started(self, plan: ScenarioPlan, number: int, of: int) -> None:
        """A scenario begins."""
        ...

    def second(self, line: dict[str, object]) -> None:
        """One observation line of the scenario's ndjson file, as it appears."""
        ...

    def scenario_ended(self, evidence: ScenarioEvidence) -> None:
        """A scenario has ended and was read."""
        ...

    def step(self, name: str, detail: str = "") -> None:
        """A step of the night begins (`fetch`, `judge`, `push`, …)."""
        ...

    def close(self) -> None:
        """Give the terminal back; safe to call at any time."""
        ...


class Pilot(Protocol):
    """Steers one scenario while it runs."""

    def line(self, line: dict[str, Any]) -> Order | None:
        """What the load is to be told after that line; called in the order of the file."""
        ...


class Load(Protocol):
    """Runs scenarios in child processes and reads what they left."""

    def run(
        self,
        plan: LoadPlan,
        scenario: ScenarioPlan,
        candidate_sha: str,
        folder: Path,
        watcher: Watcher,
        *,
        pilot: Pilot | None = None,
    ) -> None:
        """Run one scenario with its probes and staging proof; always returns, whatever the child does."""
        ...

    def read(self, scenario: ScenarioPlan, folder: Path) -> ScenarioEvidence:
        """Read one scenario's evidence from its files alone; what is missing or broken is said in the value."""
        ...


class Staging(Protocol):
    """Asks staging which commit it runs."""

    def check(self, candidate_sha: str) -> DeploymentObservation:
        """What staging says now, before any load is sent."""
        ...
