"""What one case of the drill is: what goes wrong in it, and what the gate must say to that."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from bot.core.verdict import Result
from bot.selftest.scene import Scene

Table = Mapping[str, Any]
Injection = Callable[[Scene], None]
Props = Callable[[Scene], AbstractContextManager[Mapping[str, str]]]

# A drill shares its cores with the service, with other cases and with whatever else the machine does. What must be
# noticed of the generator is injected well beyond the defaults, which those cases keep.
PATIENT: Final[Table] = {
    "max_cpu": "1000%",
    "max_wait": "100%",
    "max_throttled": "100%",
    "max_lag": "1m",
    "max_lateness": "10s",
}


@dataclass(frozen=True, slots=True)
class Must:
    """The verdict that a case must get, and for which reason.

    `cause` is the objective or condition whose check must come to that result, `says` are words of its sentence: a gate
    that says no because of something else has not noticed what was wrong. A PASS has no cause.
    """

    result: Result
    cause: str = ""
    says: str = ""


class Patience(Enum):
    """How long the bot waits for late answers and for the load process: as a rule, for no answers, or for neither."""

    USUAL = "usual"
    NO_ANSWERS = "no answers"
    NEITHER = "neither"


class Company(Enum):
    """Whether other cases may run at the same time: not where this one takes the cores away from them."""

    OTHERS = "others"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Case:
    """One run of the drill.

    `what` says in words what is injected. `scenario`, `generator`, `staging` and `probe` are tables of the
    configuration, laid over those of a small healthy run; None takes a key away, and `generator` None leaves the
    defaults. `service` is the behaviour of the embedded service from the start (see `bot.demo.behaviour`). Texts in all
    of them may name `{url}`, `{pid_file}` and what `props` provides.

    `during` happens in a thread of its own, once the measured time has begun; `after` once the load has ended, before
    anything is read; `later` once the run was judged, which is then judged again: that verdict is the one that counts.
    """

    name: str
    what: str
    must: Must
    scenario: Table = field(default_factory=dict)
    generator: Table | None = field(default_factory=lambda: PATIENT)
    staging: Table = field(default_factory=dict)
    service: Table = field(default_factory=dict)
    probe: Table = field(default_factory=dict)
    props: Props | None = None
    during: Injection | None = None
    after: Injection | None = None
    later: Injection | None = None
    patience: Patience = Patience.USUAL
    company: Company = Company.OTHERS

    @property
    def healthy(self) -> bool:
        """Whether this one must pass."""
        return self.must.result is Result.PASS
