"""What doctor looks at, whom it asks, and what its first looks found for the later ones."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeAlias

from bot.core.audit import Terms
from bot.core.calendar import Schedule
from bot.core.candidate import BranchFacts, Commit
from bot.core.doctor import Finding
from bot.core.doctor_rights import Rights
from bot.core.loadplan import LoadPlan
from bot.flows import ports
from bot.flows.ports.doctor import Checkup, Front, Machine, Premises, Rehearsal, Sampler

Look: TypeAlias = Callable[[], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked at, by the configuration.

    `signing` says with what tags are signed, empty where they are not; `pushes_as_login` whether the host's login is
    also what git pushes with; `host` is why there is no host to ask, empty where there is one or none is wanted;
    `needs_host` whether a night cannot do without.
    """

    remote: str
    plan: LoadPlan
    terms: Terms
    schedule: Schedule
    late: float
    source: str
    required_checks: tuple[str, ...]
    environment: str
    signing: str = ""
    pushes_as_login: bool = False
    host: str = ""
    needs_host: bool = False


@dataclass(frozen=True, slots=True)
class Kit:
    """Whom doctor asks; `bounded` gives a look its deadline, `rehearsal` is None where git does not write the refs."""

    clock: ports.Clock
    machine: Machine
    versions: tuple[tuple[str, str], ...]
    git_version: Callable[[], str]
    premises: Premises
    repository: ports.Repository
    bench: ports.Workbench
    history: ports.History
    rehearsal: Rehearsal | None
    front: Front
    staging: ports.Staging
    samplers: Sequence[Sampler]
    checkup: Checkup | None
    bounded: Callable[[str], AbstractContextManager[None]]


@dataclass(slots=True)
class Ground:
    """What the first looks found and later ones build on; nothing where they failed."""

    facts: BranchFacts | None = None
    waiting: tuple[Commit, ...] = ()
    rights: Rights | None = None
