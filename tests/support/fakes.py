"""A night with everything real but the load: real git, real disk, real database; and parts that fail on demand."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from support.evidence import evenly, load, load_plan, proof
from support.gitrepos import Repo, make_remote
from support.nights import FakeClock

from bot.adapters.git import GitRepository
from bot.adapters.history import SqlHistory
from bot.adapters.lock import FileLock
from bot.adapters.records import Sha256Digests
from bot.adapters.runs import FileRunStore
from bot.core.evidence import DeploymentObservation, Ending, ProofPhase, ScenarioEvidence
from bot.core.loadplan import LoadPlan, ScenarioPlan
from bot.core.promotion import PushOutcome, PushReport
from bot.core.record import Repository, RunKind, RunRecord, Trigger
from bot.core.selectors import RunSummary, repository_key
from bot.errors import BotError, Reason
from bot.flows.promote import promote
from bot.flows.request import Effect, Request, Tools
from bot.render.notes import MarkdownNotes


class Killed(BaseException):
    """What SIGKILL looks like from inside: nothing after it is run."""


class Instead:
    """A real part, some of whose methods are other ones."""

    def __init__(self, part: Any, **methods: Callable[..., Any]) -> None:
        self._part = part
        self._methods = methods

    def __getattr__(self, name: str) -> Any:
        return self._methods.get(name) or getattr(self._part, name)


def raising(error: BaseException) -> Callable[..., Any]:
    """A method that ends with that error."""

    def method(*_args: object, **_named: object) -> Any:
        raise error

    return method


def broken(reason: Reason = Reason.REMOTE_UNREACHABLE) -> Callable[..., Any]:
    """A method that fails as an adapter does."""
    return raising(BotError(reason, "It broke."))


def in_turn(*methods: Callable[..., Any]) -> Callable[..., Any]:
    """A method that is another one at each call; the last one stays."""
    waiting = itertools.chain(methods, itertools.repeat(methods[-1]))

    def method(*args: object, **named: object) -> Any:
        return next(waiting)(*args, **named)

    return method


def unanswered(*_args: object) -> PushReport:
    """A push of which nothing arrived, and nobody knows."""
    return PushReport(PushOutcome.UNKNOWN, (), "the connection was lost")


class FakeLoad:
    """Runs nothing; what was measured is made up, in few numbers. `during` happens while a scenario runs."""

    def __init__(self) -> None:
        self.make: Callable[..., ScenarioEvidence] = partial(load, spread=evenly)
        self.during: Callable[[], object] = lambda: None
        self.ran: list[str] = []
        self._sha = ""

    def run(
        self, plan: LoadPlan, scenario: ScenarioPlan, candidate_sha: str, folder: Path, watcher: Any, *, pilot: Any
    ) -> None:
        del plan, watcher, pilot
        self._sha = candidate_sha
        self.ran.append(scenario.name)
        for suffix in ("hlog", "ndjson"):
            (folder / f"{scenario.name}.{suffix}").write_text(f"{scenario.name}\n")
        self.during()

    def read(self, scenario: ScenarioPlan, folder: Path) -> ScenarioEvidence:
        if not (folder / f"{scenario.name}.hlog").exists():
            return replace(
                load(scenario, endpoints=(), arrivals=None, deployment=()), ending=Ending.NOT_RUN, measured=0
            )
        return self.make(scenario, deployment=proof(scenario.duration, self._sha))


class FakeStaging:
    """Says in turn which commit staging runs; "" is the candidate."""

    def __init__(self, *answers: str) -> None:
        self._answers = iter(answers)

    def check(self, candidate_sha: str) -> DeploymentObservation:
        sha = next(self._answers, "") or candidate_sha
        return DeploymentObservation(0.0, ProofPhase.BEFORE, sha, "")


class Watcher:
    """Keeps every step."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, str]] = []

    def step(self, name: str, detail: str = "") -> None:
        self.steps.append((name, detail))

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_args, **_named: None


class PlainReports:
    """One small report: what the real ones look like is tested elsewhere."""

    def prepare(self) -> None:
        pass

    def write(self, record: RunRecord, folder: Any) -> Iterator[Path]:
        yield folder.write("report.md", f"{record.outcome}: {record.reason}\n")


# What was measured is seldom what a night here is about: seconds are quick to write down and to read again.
_SECONDS = 5.0


@dataclass
class Shop:
    """One repository and its installation; `run()` is one night. Several may share a `remote`."""

    folder: Path
    remote: Repo | None = None
    clock: FakeClock = field(default_factory=lambda: FakeClock("2026-11-21T02:00:00"))
    load: FakeLoad = field(default_factory=FakeLoad)
    staging: FakeStaging = field(default_factory=FakeStaging)
    watcher: Watcher = field(default_factory=Watcher)
    plan: LoadPlan = field(
        default_factory=lambda: LoadPlan(
            "http://127.0.0.1:9",
            ("127.0.0.1:9",),
            tuple(load_plan(name=name, duration=_SECONDS) for name in ("load-1k", "more")),
            proof=True,
        )
    )

    def __post_init__(self) -> None:
        self.remote = self.remote or make_remote(self.folder / "remote.git")
        self.runs = FileRunStore(self.folder / "state", self.clock)
        self.facts = Repository(self.remote.url, "staging", "main", None)
        self.history = SqlHistory(self.folder / "state", "", repository_key(self.facts))
        self.digests = Sha256Digests()
        cache = self.folder / "state" / "cache.git"
        self.repository = GitRepository(
            remote=self.remote.url, cache=cache, source="staging", target="main", tag_prefix="release/"
        )
        self._numbers = itertools.count(1)

    def run(self, *, kind: RunKind = RunKind.PROMOTION, effect: Effect = Effect.WRITE, **tools: Any) -> RunRecord:
        """One run, with those tools instead of the real ones."""
        return promote(self.tools(**tools), self.request(kind, effect))

    def tools(self, **others: Any) -> Tools:
        values = {
            "clock": self.clock,
            "lock": FileLock(self.folder / "state" / "lock", "a run"),
            "repository": self.repository,
            "staging": self.staging,
            "load": self.load,
            "runs": self.runs,
            "history": self.history,
            "digests": self.digests,
            "notes": MarkdownNotes(),
            "reporter": PlainReports(),
            "watcher": self.watcher,
            "versions": (("python", "3"),),
        }
        return Tools(**(values | others))

    def request(self, kind: RunKind, effect: Effect) -> Request:
        """The next run; a minute has passed since the last one."""
        self.clock.pass_time(60)
        number = next(self._numbers)
        return Request(
            kind=kind,
            trigger=Trigger.NIGHTLY,
            effect=effect,
            actor="ada",
            run_id=f"20261121-0200{number:02}-000{number}",
            slot=f"2026-11-{number:02}",
            plan=self.plan,
            repository=self.facts,
            tag_prefix="release/",
            title_template="Nightly Release: {date}",
        )

    def events(self, record_or_id: RunRecord | str) -> list[str]:
        """What the journal of that run says, in order."""
        run_id = record_or_id if isinstance(record_or_id, str) else record_or_id.run_id
        return [line["event"] for line in self.runs.folder(run_id).journal_lines()]

    def known(self, run_id: str) -> RunSummary:
        """That run as the history tells it."""
        return next(run for run in self.history.query() if run.run_id == run_id)


def at_length(shop: Shop) -> Shop:
    """The same shop, whose nights measure two minutes, in as many numbers as real ones."""
    shop.plan = replace(shop.plan, scenarios=tuple(replace(each, duration=120.0) for each in shop.plan.scenarios))
    shop.load.make = load
    return shop
