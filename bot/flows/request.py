"""What one run was asked to do, and the tools it may do it with."""

from dataclasses import dataclass, field
from enum import Enum, Flag

from bot.core.labels import LabelRules
from bot.core.loadplan import LoadPlan
from bot.core.record import Repository, RunKind, Trigger
from bot.flows import ports
from bot.flows.nohost import NoHost, Silence


class Effect(Enum):
    """Whether a run that passes may write to the remote."""

    WRITE = "write"
    DRY_RUN = "dry-run"


class Override(Flag):
    """What a person goes past: the stopped line (a freeze, a quarantine), the window of the schedule, or both."""

    NOTHING = 0
    LINE = 1
    WINDOW = 2


@dataclass(frozen=True, slots=True)
class Request:
    """One run as asked for: all of it decided before anything is touched.

    `plan` is None where nothing is measured; `justification` is why a person goes past a rule, in their own words;
    `accepted` are keys of differences that an audit may find (see `bot.core.differences`); `required_checks` are names
    of checks that must have succeeded on the candidate, waited for `checks_wait` seconds at most. `label_rules` are the
    configuration's own for release notes, None where it has none and the repository's count.
    """

    kind: RunKind
    trigger: Trigger
    effect: Effect
    actor: str
    run_id: str
    slot: str | None
    plan: LoadPlan | None
    repository: Repository
    tag_prefix: str
    title_template: str
    justification: str | None = None
    override: Override = Override.NOTHING
    accepted: tuple[str, ...] = ()
    required_checks: tuple[str, ...] = ()
    checks_wait: float = 0.0
    label_rules: LabelRules | None = None


class NoPoints:
    """Nobody watches the points of a run."""

    def reached(self, name: str) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class Tools:
    """Every effect a run may have, as ports; `bot.cli.wiring` fills them."""

    clock: ports.Clock
    lock: ports.Lock
    repository: ports.Repository
    staging: ports.Staging
    load: ports.Load
    runs: ports.RunStore
    history: ports.History
    digests: ports.Digests
    notes: ports.NotesWriter
    reporter: ports.Reporter
    watcher: ports.Watcher
    versions: tuple[tuple[str, str], ...]
    points: ports.Points = field(default_factory=NoPoints)
    host: ports.Host = field(default_factory=NoHost)
    herald: ports.Herald = field(default_factory=Silence)
