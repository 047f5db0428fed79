"""Where memory and CPU of the service under test come from: what a probe is, and what it answers."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ProbeReading:
    """One reading of one process life.

    `instance` names that life: it changes exactly when the service has restarted, and is empty where the source cannot
    tell. `memory` is resident bytes,
    `cpu_seconds` the CPU time used since that life began; None where the source does not tell, never both.
    """

    instance: str
    memory: float | None
    cpu_seconds: float | None


@dataclass(frozen=True, slots=True)
class ProbeFailure:
    """No reading: one short sentence that says why, harmless to print."""

    text: str


class Probe(Protocol):
    """One source of readings; `interval` is the planned seconds between them, `cores` what 100 % CPU stands for."""

    @property
    def name(self) -> str:
        """The probe's name in the configuration."""
        ...

    @property
    def interval(self) -> float:
        """Planned seconds between readings."""
        ...

    @property
    def cores(self) -> float:
        """The number of cores that 100 % CPU stands for."""
        ...

    def sample(self) -> ProbeReading | ProbeFailure:
        """Take one reading now; ends by itself within seconds. Called by one thread at a time."""
        ...
