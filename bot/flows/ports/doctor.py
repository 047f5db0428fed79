"""What doctor asks, and nobody else: this machine, a push that is only rehearsed, probes once, the host's rules."""

from collections.abc import Sequence
from typing import Protocol

from bot.core.doctor import Reached
from bot.core.doctor_host import Allowance, Surroundings
from bot.core.doctor_machine import Sample, StoreFacts
from bot.core.doctor_rights import Rights
from bot.core.doctor_rules import BranchRules, Rule
from bot.core.hosting import SeenCheck
from bot.core.promotion import PushReport


class Machine(Protocol):
    """This machine."""

    def open_files(self) -> int:
        """How many files, sockets among them, a child of this process may open."""
        ...


class Premises(Protocol):
    """The state directory, which may not be there yet."""

    def folder(self) -> str:
        """Where it is, proved to be writable; BotError where it is not."""
        ...

    def free(self) -> int:
        """The bytes that are free on its disk."""
        ...

    def lock(self) -> str | None:
        """Who holds the lock, None where nobody does."""
        ...

    def store(self) -> StoreFacts:
        """How the history's database stands; BotError where it cannot be used."""
        ...


class Rehearsal(Protocol):
    """A push that writes nothing."""

    def push(self, target_sha: str) -> PushReport:
        """What the remote says to a push of the target's present commit to the target."""
        ...


class Front(Protocol):
    """Staging's own address."""

    def reach(self) -> Reached:
        """How it answers."""
        ...


class Sampler(Protocol):
    """One probe."""

    @property
    def name(self) -> str:
        """As in the configuration."""
        ...

    def read(self) -> Sequence[Sample]:
        """One reading of each replica."""
        ...


class Checkup(Protocol):
    """The host of the repository, read only; every failure is a BotError with its reason."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def is_app(self) -> bool:
        """Whether the login is that of an App."""
        ...

    def rights(self, sha: str | None) -> Rights:
        """What the login may do; `sha` is a commit that is there to be asked for."""
        ...

    def allowance(self) -> Allowance:
        """How many requests are left."""
        ...

    def rules(self, branch: str) -> BranchRules:
        """Every rule in force for a branch."""
        ...

    def tag_rules(self, name: str) -> Sequence[Rule]:
        """Every rule in force for a tag of that name."""
        ...

    def checks(self, sha: str) -> Sequence[SeenCheck]:
        """The newest word of each check on that commit."""
        ...

    def has_workflows(self, sha: str) -> bool:
        """Whether that commit has workflow files."""
        ...

    def surroundings(self) -> Surroundings:
        """What else there is to know."""
        ...
