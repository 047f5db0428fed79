"""Where memory and CPU of the service under test come from: what a probe is, and what it answers."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ProbeReading:
    """One reading of one process life.

    `instance` names that life: it changes exactly when the service has restarted, and is empty where the source cannot
    tell. `memory` is resident bytes,
    `cpu_seconds` the CPU time used since that life began; None where the source does not tell, never both.
    `replica` tells several processes of one probe apart, empty where there is one. `at` is the source's own time of the
    reading (epoch seconds), None where it was taken while it was asked.
    """

    instance: str
    memory: float | None
    cpu_seconds: float | None
    replica: str = ""
    at: float | None = None


@dataclass(frozen=True, slots=True)
class ProbeFailure:
    """No reading: one short sentence that says why, harmless to print.

    `replica` is the one that was not read, empty where it is none of several or all of them. `gone` says that the
    process was seen not to be there any more, which is more than that nobody could look.
    """

    text: str
    replica: str = ""
    gone: bool = False


Outcome = ProbeReading | ProbeFailure


@dataclass(slots=True)
class Spent:
    """What reading has cost so far beyond the caller's own time: bytes taken in, CPU seconds of other threads."""

    bytes: int = 0
    cpu: float = 0.0


class Probe(Protocol):
    """One source of readings; `interval` is the planned seconds between them, `cores` what 100 % CPU stands for.

    `pace` is the seconds between two calls. Where it is longer than `interval`, each call looks back at what was since
    the last one, and one more is made when everything is over.
    """

    @property
    def name(self) -> str:
        """The probe's name in the configuration."""
        ...

    @property
    def interval(self) -> float:
        """Planned seconds between readings."""
        ...

    @property
    def pace(self) -> float:
        """Planned seconds between calls."""
        ...

    @property
    def cores(self) -> float:
        """The number of cores that 100 % CPU stands for."""
        ...

    @property
    def spent(self) -> Spent:
        """What it has cost so far."""
        ...

    def sample(self) -> Outcome | tuple[Outcome, ...]:
        """Take readings now; ends by itself within seconds. Called by one thread at a time."""
        ...
