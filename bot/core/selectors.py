"""Run summaries, and the one run that an argument such as `last`, an id, a commit or a tag means."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from bot.core.record import Outcome, Repository, RunRecord
from bot.core.text import plain

LAST: Final = "last"
_TAGS: Final = "refs/tags/"
_SHORTEST_COMMIT: Final = 7
_NAMED: Final = 5


class Source(StrEnum):
    """Where a summary comes from: a run of this installation, or the ledger alone."""

    RUN = "run"
    LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run on one line. `repository` is its key, times are UTC ISO 8601; texts are raw data (invariant I21).

    `justification` is why a person did it or went past a rule, in their own words.
    """

    run_id: str
    repository: str
    kind: str
    trigger: str | None
    actor: str
    outcome: Outcome
    reason_code: str
    reason: str
    sha: str | None
    base_sha: str | None
    tag: str | None
    slot: str | None
    started_at: str
    finished_at: str
    source: Source = Source.RUN
    dry_run: bool = False
    justification: str | None = None


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Which runs are wanted, newest first; None is no condition.

    `since` (inclusive) and `until` (exclusive) are moments of the run's start, `sha` an id or its beginning,
    `search` a text anywhere in id, commit, tag, actor, reason, reason code or justification, whatever its case.
    """

    since: datetime | None = None
    until: datetime | None = None
    outcome: str | None = None
    kind: str | None = None
    sha: str | None = None
    actor: str | None = None
    search: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class NoSuchRun:
    """Why an argument means no single run, naming the candidates or the nearest.

    `action` is what to do instead of looking at the list of all runs, None where that helps.
    """

    sentence: str
    action: str | None = None


def repository_key(repository: Repository) -> str:
    """What keeps the runs of several repositories apart in one database."""
    return f"{repository.remote} {repository.source} {repository.target}"


def new_run_id(now: datetime, entropy: bytes) -> str:
    """A run id that sorts by time, such as `20261121-020000-3f9a`; needs two bytes of entropy."""
    return f"{now.astimezone(UTC):%Y%m%d-%H%M%S}-{entropy[:2].hex()}"


def summary_of(record: RunRecord) -> RunSummary:
    """The summary of a whole record."""
    return RunSummary(
        run_id=record.run_id,
        repository=repository_key(record.repository),
        kind=record.kind,
        trigger=record.trigger,
        actor=record.actor,
        outcome=record.outcome,
        reason_code=record.reason_code,
        reason=record.reason,
        sha=record.candidate.sha if record.candidate else None,
        base_sha=record.candidate.base_sha if record.candidate else None,
        tag=record.tag or None,
        slot=record.slot,
        started_at=record.started_at,
        finished_at=record.finished_at,
        dry_run=record.dry_run,
        justification=record.justification,
    )


_NO_RUN: Final = NoSuchRun("There is no run yet.", "Begin with `promote gate` or `promote --now`.")


_UNKNOWN: Final = (
    "List the runs with `promote history`; where the local state was lost, `promote status` reads the releases again "
    "from the ledger."
)


def only_in_ledger(run: RunSummary) -> NoSuchRun:
    """What is left to say of a run whose record and files are not on this machine."""
    named = f" as {plain(run.tag)}" if run.tag else ""
    told = f"{plain(run.kind)} of {(run.sha or '')[:12]}{named} by {plain(run.actor)} at {plain(run.finished_at)}"
    return NoSuchRun(
        f"Of run {plain(run.run_id)} only the ledger's entry is left: {told}.",
        "Read it whole with `git log --notes=promotions`, and the notes in its tag; its evidence was on that machine.",
    )


def select(summaries: Sequence[RunSummary], argument: str) -> RunSummary | NoSuchRun:
    """The run that `argument` means: run id, `last`, tag, the start of one run id, or a commit id (7 digits or more).

    Of several runs of one commit or tag the newest is meant.
    """
    newest_first = sorted(summaries, key=lambda run: (run.started_at, run.run_id), reverse=True)
    tag = argument.removeprefix(_TAGS)
    exact = [run for run in newest_first if argument == run.run_id or (tag and tag == run.tag)]
    if exact:
        return exact[0]
    if argument == LAST:
        return newest_first[0] if newest_first else _NO_RUN
    return _by_beginning(newest_first, argument)


def _by_beginning(newest_first: Sequence[RunSummary], argument: str) -> RunSummary | NoSuchRun:
    by_id = [run for run in newest_first if argument and run.run_id.startswith(argument)]
    by_commit = _newest_of_each_commit(newest_first, argument.lower())
    found = list({run.run_id: run for run in (*by_id, *by_commit)}.values())
    match found:
        case [only]:
            return only
        case []:
            return NoSuchRun(f"No run matches {argument!r}{_nearest(newest_first, argument)}.", _UNKNOWN)
        case _:
            return NoSuchRun(f"{argument!r} means more than one run: {_named(found)}.")


def _newest_of_each_commit(newest_first: Iterable[RunSummary], prefix: str) -> list[RunSummary]:
    if len(prefix) < _SHORTEST_COMMIT:
        return []
    newest: dict[str, RunSummary] = {}
    for run in newest_first:
        if run.sha is not None and run.sha.startswith(prefix):
            newest.setdefault(run.sha, run)
    return list(newest.values())


def _named(runs: Sequence[RunSummary]) -> str:
    shown = [f"{run.run_id} ({run.sha[:12] if run.sha else 'no commit'}, {run.outcome})" for run in runs[:_NAMED]]
    more = len(runs) - _NAMED
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _nearest(runs: Sequence[RunSummary], argument: str) -> str:
    names = [name for run in runs for name in (run.run_id, run.tag) if name]
    near = get_close_matches(argument, names, n=3)
    return f"; nearest: {', '.join(near)}" if near else ""
