"""What the flows need of the world, as small interfaces; adapters satisfy them without knowing them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from bot.core.backport import Begun, Resolution
from bot.core.candidate import BranchFacts, Commit
from bot.core.control import Control
from bot.core.evidence import DeploymentObservation, Evidence, Past, ScenarioEvidence
from bot.core.loadplan import LoadPlan, ScenarioPlan
from bot.core.merging import Merged
from bot.core.notes import ReleaseNotes
from bot.core.orders import Order
from bot.core.pick import Original
from bot.core.promotion import LedgerEntry, LockProof, Prepared, PushPlan, PushReport, ReadBack
from bot.core.record import Nights, RunRecord
from bot.core.selectors import HistoryFilter, RunSummary
from bot.core.trail import Gap, Sighting, Trail


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let that much time pass."""
        ...


class Points(Protocol):
    """Told before and after every effect; tests end the process there, everybody else does nothing."""

    def reached(self, name: str) -> None:
        """A point was reached: an effect's name, and whether it is before or after it."""
        ...


class Lock(Protocol):
    """Keeps two runs on one machine apart."""

    def hold(self) -> AbstractContextManager[LockProof]:
        """Hold the lock; raises BotError(LOCKED) when another run has it."""
        ...


class Auditable(Protocol):
    """What an audit looks at, as fetched, and what earlier audits of this installation saw."""

    @property
    def rule(self) -> str:
        """What signatures are held to, as a digest; empty where they are not checked."""
        ...

    def trail(self) -> Trail:
        """The target's tip, all release tags and the whole history of the ledger."""
        ...

    def gap(self, older: str, newer: str) -> Gap:
        """How the target got from one commit to the other."""
        ...

    def sighting(self) -> Sighting:
        """What earlier audits saw; nothing where that was lost."""
        ...

    def remember(self, sighting: Sighting) -> None:
        """Keep what this audit saw for the next one."""
        ...


class Repository(Protocol):
    """The remote and its bare cache; every failure is a BotError with its reason."""

    def fetch(self) -> None:
        """Bring source, target, release tags and the ledger into the cache, by explicit refspecs."""
        ...

    def branch_facts(self) -> BranchFacts:
        """Resolve both branches once and say how they relate, on complete history."""
        ...

    def commits(self, base: str, tip: str) -> tuple[Commit, ...]:
        """The commits in `base..tip`, newest first, read by one `git log`; `base` may be empty for all of history."""
        ...

    def commit(self, sha: str) -> Commit:
        """One commit of the cache, by its full id."""
        ...

    def contains(self, ref_sha: str, sha: str) -> bool:
        """Whether `sha` is reachable from `ref_sha`."""
        ...

    def ledger(self) -> tuple[LedgerEntry, ...]:
        """All promotions of the ledger, oldest first."""
        ...

    def controls(self) -> tuple[Control, ...]:
        """All freezes, quarantines and their ends as fetched, in the order in which they were written."""
        ...

    def branch_tip(self, branch: str) -> str | None:
        """Where a branch of the remote is now, brought into the cache; None when there is none of that name."""
        ...

    def merge(self, ours: str, theirs: str) -> Merged:
        """Merge two commits (full ids) as git does, without a work tree; nothing but objects is written."""
        ...

    def tree_of(self, sha: str) -> str:
        """The id of a commit's tree."""
        ...

    def original(self, sha: str) -> Original:
        """A commit as a cherry-pick needs it: its author, their time and zone, and its whole message."""
        ...

    def has_twin(self, tip: str, sha: str, parent: str) -> bool:
        """Whether a branch at `tip` has the patch of that commit (with that only parent) already."""
        ...

    def pick(self, tree: str, sha: str, parent: str) -> Merged:
        """What a commit changed since its only parent, applied to a tree; nothing but objects is written."""
        ...

    def touched(self, paths: Sequence[str], base: str, tip: str, limit: int = 20) -> tuple[Commit, ...]:
        """The commits in `base..tip` that touched any of those paths, newest first, at most `limit`."""
        ...

    def ledger_tip(self) -> str | None:
        """The ledger's object id as fetched, None where there is none."""
        ...

    def release_tags(self) -> tuple[str, ...]:
        """The names of all release tags, ascending."""
        ...

    def resolve(self, name: str) -> str | None:
        """The full commit id of a full or abbreviated id, a branch or a tag of the cache; None when there is none."""
        ...

    def source_still_contains(self, sha: str) -> bool:
        """Whether the source branch on the remote, asked anew, still has that commit."""
        ...

    def authors(self, tip: str) -> frozenset[str]:
        """The lower-cased e-mail addresses of everybody who authored a commit reachable from `tip`."""
        ...

    def check_signing(self) -> None:
        """That the key which signs tags can be used, where there is one."""
        ...

    def sign(self, plan: PushPlan, part: Callable[[str], AbstractContextManager[object]] = ...) -> PushPlan:
        """The plan with its tag signed, where there is a key; to be journalled before anything is made of it."""
        ...

    def auditable(self) -> Auditable:
        """What an audit looks at, as fetched."""
        ...

    def prepare(self, plan: PushPlan, part: Callable[[str], AbstractContextManager[object]] = ...) -> Prepared:
        """Make commits, tag object and ledger commit in the cache, deterministically; nothing is sent.

        `part` is entered by name around each of them.
        """
        ...

    def push(self, prepared: Prepared, lock: LockProof) -> PushReport:
        """Send all that was prepared in one atomic push with a lease on each ref."""
        ...

    def read_back(self, prepared: Prepared) -> ReadBack:
        """What the remote holds now under the refs of that plan, asked anew."""
        ...


class Workbench(Protocol):
    """The one place with a work tree: that of a person who resolves a back-merge. Used under this machine's lock."""

    @property
    def path(self) -> Path:
        """Where the work tree is, or will be."""
        ...

    def begun(self) -> Begun | None:
        """The back-merge that waits there for a person; None where there is none."""
        ...

    def begin(self, begun: Begun, subject: str) -> None:
        """Make the work tree with the merge begun, all of it or nothing."""
        ...

    def resolution(self) -> Resolution:
        """What the person made of it."""
        ...

    def marked(self, sha: str, paths: Sequence[str]) -> tuple[str, ...]:
        """Which of those files have lines with conflict markers in that commit."""
        ...

    def hand_in(self, sha: str) -> None:
        """Bring the person's commit into the cache."""
        ...

    def remove(self) -> bool:
        """Take it away, whatever is in it; returns whether there was any."""
        ...


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


class RunFolder(Protocol):
    """The folder of one run."""

    @property
    def path(self) -> Path:
        """Where it is."""
        ...

    def journal(self, event: str, **facts: object) -> None:
        """Append one line to journal.ndjson and fsync it."""
        ...

    def journal_lines(self) -> tuple[dict[str, Any], ...]:
        """What the journal says, oldest first."""
        ...

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file whole: a reader sees the old one or the new one, never half."""
        ...

    def names(self) -> Sequence[str]:
        """The names of the files in it, ascending; what could not be written by `write` is left out."""
        ...

    def digests(self, names: Iterable[str]) -> dict[str, str]:
        """The SHA-256 (hex) of each of these files; a file that is not there is left out."""
        ...


class RunStore(Protocol):
    """All run folders of one state directory."""

    def create(self, run_id: str) -> RunFolder:
        """Make the folder of a new run."""
        ...

    def save(self, record: RunRecord) -> Path:
        """Write run.json."""
        ...

    def load(self, run_id: str, attempt: str = "") -> RunRecord:
        """Read run.json, of the run or of an attempt that was set aside; BotError(RUN_NOT_FOUND) when there is none."""
        ...

    def folder(self, run_id: str, attempt: str = "") -> RunFolder:
        """The folder of an existing run, or of an attempt of it that was set aside."""
        ...

    def set_aside(self, record: RunRecord, attempt: str, names: Iterable[str]) -> None:
        """Keep an attempt in a folder of that name below the run's: the record as given, and these files of the run."""
        ...

    def unfinished(self) -> Sequence[str]:
        """The runs whose journal has no `ended` line: killed, or not settled; oldest first."""
        ...


class History(Protocol):
    """What is known of past runs, for trends and "since when"; losing it loses nothing that matters."""

    def add(self, record: RunRecord) -> None:
        """Remember one ended run; adding it again replaces it."""
        ...

    def restore(self, entries: Sequence[LedgerEntry]) -> int:
        """Take in promotions that only the ledger knows; returns how many were new."""
        ...

    def query(self, wanted: HistoryFilter) -> tuple[RunSummary, ...]:
        """The runs that match, newest first."""
        ...

    def past(self, plan: LoadPlan, *, without: frozenset[str] = frozenset()) -> tuple[Past, ...]:
        """What earlier valid passed runs of the same profiles showed: one entry for each objective with a history.

        Runs of the commits `without` (full ids) are left out: what was taken back from production is no good history.
        """
        ...

    def nights(self, plan: LoadPlan) -> tuple[Nights, ...]:
        """What the last 30 nights of the same profiles showed, whatever they came to: one entry for each objective."""
        ...

    def close(self) -> None:
        """Let go of every connection."""
        ...


class Staging(Protocol):
    """Asks staging which commit it runs."""

    def check(self, candidate_sha: str) -> DeploymentObservation:
        """What staging says now, before any load is sent."""
        ...


class Digests(Protocol):
    """The SHA-256 digests that verdict, tag and ledger carry."""

    def evidence(self, evidence: Evidence) -> str:
        """Over the evidence part of run.json."""
        ...

    def objectives(self, plan: LoadPlan) -> str:
        """Over every scenario's objectives."""
        ...


class NotesWriter(Protocol):
    """Renders release notes as Markdown."""

    def whole(self, notes: ReleaseNotes) -> str:
        """All of it, as notes.md holds it."""
        ...

    def below_a_title(self, notes: ReleaseNotes, limit: int) -> str:
        """Without a heading of its own, cut at an entry where it would be longer than `limit` characters."""
        ...


class Reporter(Protocol):
    """Writes the reports of a run beside its run.json."""

    def prepare(self) -> None:
        """Start now what is slow to start, so that writing later is quick."""
        ...

    def write(self, record: RunRecord, folder: RunFolder) -> Iterator[Path]:
        """Render every format into the folder and yield the paths."""
        ...
