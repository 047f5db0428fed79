"""What is kept of runs, and what is written of them."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from bot.core.evidence import Evidence, Past
from bot.core.loadplan import LoadPlan
from bot.core.notes import ReleaseNotes
from bot.core.promotion import LedgerEntry
from bot.core.record import Nights, RunRecord
from bot.core.selectors import HistoryFilter, RunSummary


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

    def read(self, name: str) -> str:
        """The text of a file; empty where there is none."""
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

    def discard(self, run_id: str) -> None:
        """Remove a run with all its files; where that is cut off, the rest is a run that never ended."""
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

    def untold(self) -> Sequence[str]:
        """The runs that have ended and say so on a host, but have not said all of it; oldest first."""
        ...

    def run_ids(self) -> Sequence[str]:
        """All run ids, oldest first."""
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
