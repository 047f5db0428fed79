"""The part of the wiring that is about doctor: everybody whom it asks."""

# ruff: noqa: PLC0415 - imports belong to the commands that need them, so that the others stay instant

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.cli import wiring, wiring_host
from bot.cli.signals import guarded
from bot.core.calendar import Schedule, parse_zone
from bot.core.cron import parse_cron
from bot.core.doctor_machine import Sample, StoreFacts
from bot.errors import BotError
from bot.settings.plan import load_plan

if TYPE_CHECKING:
    from bot.adapters.git_rehearsal import Rehearsal
    from bot.adapters.github.rules import Rulewriter
    from bot.adapters.history import SqlHistory
    from bot.adapters.machine import Premises
    from bot.adapters.probes import Probe
    from bot.core.doctor_fix import Actor
    from bot.flows.doctor_kit import Kit, Subject
    from bot.flows.ports.doctor import Checkup
    from bot.settings.schema import Settings

_LOOK_S: Final = 60.0
# A first fetch of a large repository, and an audit of thousands of signed tags.
_LONG_S: Final = {"remote": 1800.0, "trail": 1800.0}


@dataclass(frozen=True, slots=True)
class ProbeSampler:
    """One probe of the configuration, read once."""

    probe: "Probe"

    @property
    def name(self) -> str:
        """As in the configuration."""
        return self.probe.name

    def read(self) -> Sequence[Sample]:
        """One reading of each replica."""
        from bot.adapters.probes import ProbeFailure

        outcome = self.probe.sample()
        outcomes = outcome if isinstance(outcome, tuple) else (outcome,)
        return [
            Sample(self.name, each.replica, error=each.text)
            if isinstance(each, ProbeFailure)
            else Sample(self.name, each.replica, each.memory, each.cpu_seconds)
            for each in outcomes
        ]


def subject(settings: "Settings") -> "Subject":
    """What doctor looks at."""
    from bot.flows.doctor_kit import Subject

    chosen, schedule = settings.repository, settings.schedule
    trouble, needs_host = _without_host(settings)
    return Subject(
        remote=chosen.remote,
        plan=load_plan(settings),
        terms=wiring.audit_terms(settings),
        schedule=Schedule(parse_cron(schedule.cron), parse_zone(schedule.timezone)),
        late=schedule.late,
        source=chosen.source,
        required_checks=settings.gate.required_checks,
        environment=settings.host.environment,
        signing=chosen.signing_key or "",
        pushes_as_login=chosen.transport == "api" or wiring_host.git_login(settings) is not None,
        host=trouble,
        needs_host=needs_host,
    )


@contextmanager
def kit(settings: "Settings") -> Iterator["Kit"]:
    """Everybody whom doctor asks; nothing of it is left behind."""
    from bot.adapters.front import Front
    from bot.adapters.machine import Machine, Premises
    from bot.flows.doctor_kit import Kit

    premises = Premises(wiring.state_dir(settings), settings.state.database)
    with ExitStack() as stack:
        nowhere = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="promote-doctor-")))
        cache = _cache(settings, nowhere)
        clock, repository = wiring.clock(), wiring.git(settings, cache)
        yield Kit(
            clock=clock,
            machine=Machine(),
            versions=wiring.versions(),
            git_version=lambda: repository.version,
            premises=premises,
            repository=repository,
            bench=wiring.workbench(settings),
            history=stack.enter_context(_history(settings, premises, nowhere)),
            rehearsal=_rehearsal(settings, cache),
            front=Front(settings.staging.url, clock.now),
            staging=wiring.staging(settings),
            samplers=[ProbeSampler(each) for each in wiring.probes(settings)],
            checkup=_checkup(settings),
            bounded=lambda name: guarded(_LONG_S.get(name, _LOOK_S), f"Looking at {name}"),
        )


def _cache(settings: "Settings", nowhere: Path) -> Path:
    """The cache, or one for this look alone: whoever looks before the first night may not be who runs the nights."""
    found = wiring.cache_dir(settings)
    return found if found.is_dir() else nowhere / found.name


@contextmanager
def _history(settings: "Settings", premises: "Premises", nowhere: Path) -> Iterator["SqlHistory"]:
    """What is known of past runs, or an empty one elsewhere: opening it would begin or upgrade it."""
    from bot.adapters.history import SqlHistory
    from bot.core.selectors import repository_key

    key = repository_key(wiring.repository_facts(settings))
    if _store(premises).is_current:
        found = SqlHistory(wiring.state_dir(settings), settings.state.database, key)
    else:
        found = SqlHistory(nowhere, "", key)
    try:
        yield found
    finally:
        found.close()


def _store(premises: "Premises") -> StoreFacts:
    try:
        return premises.store()
    except BotError:
        # Doctor's own look at it says why.
        return StoreFacts(there=False, is_current=False)


def _rehearsal(settings: "Settings", cache: Path) -> "Rehearsal | None":
    from bot.adapters.git_fetch import Branches
    from bot.adapters.git_rehearsal import Rehearsal

    chosen = settings.repository
    if chosen.transport != "git":
        return None
    branches = Branches(chosen.source, chosen.target, chosen.tag_prefix)
    return Rehearsal(chosen.remote, cache, branches, wiring.access(settings))


def _without_host(settings: "Settings") -> tuple[str, bool]:
    """Why there is no host to ask although there is one that could be spoken to, and whether a night needs it."""
    told: list[str] = []
    try:
        wiring_host.host(settings, wiring.clock(), told.append)
    except BotError as error:
        return error.sentence, True
    return (told[0] if told else ""), False


def _checkup(settings: "Settings") -> "Checkup | None":
    """The host; None where there is none, or no login for it."""
    found = wiring_host.place(settings)
    if found is None or _without_host(settings)[0]:
        return None
    from bot.adapters.github.checkup import GitHubCheckup
    from bot.adapters.github.client import Client
    from bot.adapters.github.limits import Limits

    # Somebody waits for the answer: a host that fails is told soon, and not waited for as at night.
    limits = Limits(timeout=10.0, patience=15.0, attempts=3)
    client = Client(wiring_host.login(settings, found), found.api, found.repository, wiring.clock(), limits)
    return GitHubCheckup(client, settings.host.environment)


@dataclass(frozen=True, slots=True)
class Office:
    """Where branch rules are seen and changed: who writes them, and who shall be let past them."""

    rules: "Rulewriter"
    bot: "Actor"


def office(settings: "Settings", variable: str | None) -> Office:
    """The rules of the repository, written with the token in that variable, or with the bot's own login.

    Raises:
        BotError: there is no such host or token, or the bot is nobody who could be let past a rule.
    """
    from bot.adapters.github.login import TokenLogin
    from bot.adapters.github.permissions import actor
    from bot.adapters.github.rules import Rulewriter
    from bot.adapters.probes.bearer import Bearer

    own = wiring_host.client(settings, wiring.clock())
    writer = own
    if variable is not None:
        from bot.adapters.github.client import Client

        login = TokenLogin(Bearer(variable))
        login.ready()
        writer = Client(login, own.address, own.repository, own.clock)
    return Office(Rulewriter(writer), actor(own))
