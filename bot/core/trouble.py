"""Since when the source cannot be promoted, and whose commits are in question."""

from collections.abc import Container, Iterable, Sequence
from itertools import takewhile
from typing import Final

from bot.core.blocking import blocks, is_seen_at_once
from bot.core.candidate import Commit
from bot.core.moments import iso_at
from bot.core.record import CommitSummary, Outcome, RunKind, Trouble
from bot.core.selectors import RunSummary

# A bad time is begun by a night that blocks the target until a person does something, and ended by these, also by a
# gate that passed. A gate that did not, like a dry run, kept nothing from the target, and the rest (errors, lost races,
# a freeze, nothing new) says nothing about it.
_GOOD: Final = frozenset({Outcome.PROMOTED, Outcome.PASSED})
_NOTHING_NEW: Final = frozenset({RunKind.ROLLBACK, RunKind.BACKPORT})
_JUDGING_KINDS: Final = frozenset({RunKind.PROMOTION, RunKind.GATE})


def trouble(
    past: Iterable[RunSummary], current: RunSummary, commits: Sequence[Commit], *, without: Container[str] = ()
) -> Trouble | None:
    """Since when and how often runs have been bad, `current` included, and the commits new since the last good one.

    `past` may be in any order and may hold `current` already; `commits` are those of the candidate, newest first. The
    commits `without` (full ids), because they were taken back, are not good. None where `current` says nothing bad
    about the source.
    """
    if not is_troubled(current):
        return None
    others = [run for run in past if run.run_id != current.run_id and run.repository == current.repository]
    bad = [*_bad(others), current]
    good = max((run for run in others if is_good(run) and run.sha not in without), key=_by_time, default=None)
    return Trouble(
        since=bad[0].started_at,
        nights=len(bad),
        last_good_sha=good.sha if good else None,
        last_good_at=good.started_at if good else None,
        suspects=tuple(commit_summary(commit) for commit in _newer(commits, good.sha if good else None)),
    )


def blocked_since(runs: Iterable[RunSummary], *, in_the_way: bool = True) -> str | None:
    """The start of the first bad run since the last good one; None where the source is not in trouble.

    `in_the_way` is whether a look at the repository shows now what would refuse a run: what was refused for such a
    reason alone is over once there is none.
    """
    bad = _bad(runs)
    if not in_the_way and all(is_seen_at_once(run.reason_code) for run in bad):
        return None
    return bad[0].started_at if bad else None


def last_promoted(runs: Iterable[RunSummary], *, without: Container[str] = ()) -> RunSummary | None:
    """The newest run that promoted something new, past the commits `without` (full ids), because they were taken back.

    A rollback and a back-merge promoted nothing new.
    """
    promoted = (run for run in runs if run.outcome is Outcome.PROMOTED and run.kind not in _NOTHING_NEW)
    return max((run for run in promoted if run.sha not in without), key=_by_time, default=None)


def is_troubled(run: RunSummary) -> bool:
    """Whether that run says something bad about the source; a gate and a dry run say it of themselves alone."""
    return run.kind in _JUDGING_KINDS and blocks(run.outcome, run.reason_code)


def is_good(run: RunSummary) -> bool:
    """Whether that run showed that its commit is good."""
    return run.kind in _JUDGING_KINDS and run.outcome in _GOOD


def is_bad(run: RunSummary) -> bool:
    """Whether that run kept its commit from the target until a person does something."""
    is_night = run.kind == RunKind.PROMOTION and not run.dry_run
    return is_night and blocks(run.outcome, run.reason_code)


def _bad(runs: Iterable[RunSummary]) -> list[RunSummary]:
    """The bad runs since the last good one, oldest first; one that was taken back since was good in its time."""
    newest_first = sorted(runs, key=_by_time, reverse=True)
    since_good = list(takewhile(lambda run: not is_good(run), newest_first))
    return [run for run in reversed(since_good) if is_bad(run)]


def _by_time(run: RunSummary) -> tuple[str, str]:
    return run.started_at, run.run_id


def _newer(commits: Sequence[Commit], good: str | None) -> list[Commit]:
    """The commits that the good one does not contain: order in a log says nothing of ancestry, parents do."""
    parents = {commit.sha: commit.parents for commit in commits}
    contained: set[str] = set()
    waiting = [good] if good in parents else []
    while waiting:
        sha = waiting.pop()
        if sha not in contained:
            contained.add(sha)
            waiting.extend(parent for parent in parents[sha] if parent in parents)
    return [commit for commit in commits if commit.sha not in contained]


def commit_summary(commit: Commit) -> CommitSummary:
    """The commit as lists name it."""
    return CommitSummary(commit.sha, commit.author_name, commit.subject, iso_at(commit.committed_at))
