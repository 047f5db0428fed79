"""The one value that every report for people is drawn from: built once from the record, rendered many times.

All texts in it are plain single lines without control characters; escaping markup is each renderer's own business.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.core.candidate import Candidate
from bot.core.promotion import Promotion
from bot.core.record import Repository, RunKind, RunRecord, Settled, Trouble
from bot.core.verdict import Result
from bot.render.appendix import Appendix, appendix
from bot.render.checked_view import RequiredView, SaidRow, required_view, said_rows
from bot.render.checks import CheckRow, check_rows
from bot.render.conflict_view import ConflictView, conflict_view
from bot.render.figures import lasted, moment, seconds_between
from bot.render.suspects import Suspect, suspect
from bot.render.taken_back import TakenBackView, authors, taken_back_view
from bot.render.text import NAME, SUBJECT, line, short
from bot.render.words import (
    ABSENT,
    CHANGED,
    FAILING_TITLES,
    RESULTS,
    UNTESTED,
    Word,
    branch_name,
    counted,
    headline,
    is_untested,
    outcome_word,
    sentence,
)

_MOST_SUSPECTS: Final = 10
_MOST_FILES: Final = 10
_WHY: Final = 600
_SEVERAL: Final = 2
_ATTEMPTS: Final = 600
_DIFFERENCE: Final = 600


@dataclass(frozen=True, slots=True)
class Fact:
    """One key fact; `exact` says whether the value is an id or a name to be copied rather than words."""

    label: str
    value: str
    exact: bool = False


@dataclass(frozen=True, slots=True)
class TroubleView:
    """Since when, since which good commit (empty where there is none), and who and what came in."""

    since: str
    good_sha: str
    good_at: str
    total: str
    authors: str
    suspects: tuple[Suspect, ...]
    more: int


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """One file beside the report, and what is in it."""

    name: str
    content: str


@dataclass(frozen=True, slots=True)
class ReportView:
    """What a report says, in the order in which it says it; `following` counts checks that fell with their scenario."""

    title: str
    run_id: str
    outcome: Word
    headline: str
    reason: str
    reason_code: str
    action: str
    why: str
    facts: tuple[Fact, ...]
    tally: tuple[tuple[Word, int], ...]
    failing_title: str
    failing: tuple[CheckRow, ...]
    following: int
    checks: tuple[CheckRow, ...]
    notices: tuple[str, ...]
    compared: bool
    has_baseline: bool
    attempts: str
    trouble: TroubleView | None
    taken_back: TakenBackView | None
    conflict: ConflictView | None
    required: RequiredView | None
    said: tuple[SaidRow, ...]
    differences: tuple[str, ...]
    settled: tuple[str, ...]
    proof_warning: str
    changed: str
    files: tuple[EvidenceFile, ...]
    appendix: Appendix


def _settled(one: Settled) -> str:
    """What an earlier run came to that this one settled, as `promote status` names a run and its end."""
    ended = f" ended {one.outcome.value}" if one.outcome else ""
    return line(f"run {one.run_id}{ended}: {one.reason}")


def build_view(record: RunRecord) -> ReportView:
    """Decide what is said about a run."""
    rows = check_rows(record)
    more = appendix(record)
    return ReportView(
        title=f"{sentence(record.kind.value)} of {_subject(record)}",
        run_id=line(record.run_id, NAME),
        outcome=outcome_word(record),
        headline=line(headline(record)),
        reason=line(record.reason),
        reason_code=line(record.reason_code, NAME),
        action=line(record.action),
        why=line(record.justification or "", _WHY),
        facts=tuple(_facts(record)),
        tally=tuple((RESULTS[result], sum(row.result is result for row in rows)) for result in _WORST_FIRST),
        failing_title=FAILING_TITLES[rows[0].result] if rows else "",
        failing=tuple(row for row in rows if row.result is not Result.PASS and not row.follows),
        following=sum(row.follows for row in rows),
        checks=rows,
        notices=tuple(line(notice.words) for notice in record.verdict.notices) if record.verdict else (),
        compared=record.previous is not None,
        has_baseline=any(row.baseline != ABSENT for row in rows),
        attempts=_attempts(record),
        trouble=_trouble(record.trouble, record.repository) if record.trouble else None,
        taken_back=taken_back_view(record.restored, record.repository, record.outcome) if record.restored else None,
        conflict=conflict_view(record),
        required=required_view(record.required_checks),
        said=said_rows(record.announced),
        differences=tuple(line(words, _DIFFERENCE) for words in record.differences),
        settled=tuple(map(_settled, record.settled)),
        proof_warning=_proof_warning(record, more),
        changed=_changed(record),
        files=tuple(_files(record)),
        appendix=more,
    )


_WORST_FIRST: Final = sorted(Result, key=lambda result: -result.severity)


def _proof_warning(record: RunRecord, more: Appendix) -> str:
    """What every reader must know before they trust the rest: that nothing was tested, or nobody knows which build."""
    if is_untested(record):
        return UNTESTED
    return more.proof if record.evidence and not record.evidence.proof else ""


def _changed(record: RunRecord) -> str:
    """What the command line made different from the configuration: such a run shows less than a night does."""
    changed = record.plan.changed if record.plan else ()
    return line(f"{CHANGED}{'; '.join(changed)}.") if changed else ""


def _attempts(record: RunRecord) -> str:
    """What each try came to; empty where the first one was the last."""
    if len(record.attempts) < _SEVERAL:
        return ""
    told = (f"attempt {one.number}: {one.result}{f' ({one.reason})' if one.reason else ''}" for one in record.attempts)
    return line(f"Measured {len(record.attempts)} times: {'; '.join(told)}.", _ATTEMPTS)


def _subject(record: RunRecord) -> str:
    name = line(record.repository.remote.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git"), NAME) or "repository"
    return f"{name} {short(record.candidate.sha)}" if record.candidate else name


def _facts(record: RunRecord) -> Iterator[Fact]:
    if record.candidate:
        yield Fact("Candidate", short(record.candidate.sha), exact=True)
        yield Fact("Base", short(record.candidate.base_sha), exact=True)
        yield from _brought(record, record.candidate)
    yield from _branches(record)
    if record.restored:
        yield Fact("Restored", line(record.restored.tag, NAME), exact=True)
    if record.promotion:
        yield from _landed(record.promotion)
    if record.plan:
        yield Fact("Staging", line(record.plan.base_url, NAME))
    yield Fact("Started", line(moment(record.started_at), NAME))
    duration = seconds_between(record.started_at, record.finished_at)
    if duration is not None:
        yield Fact("Took", lasted(duration))
    yield Fact("By", f"{line(record.actor, NAME)}, {record.trigger.value}")


def _brought(record: RunRecord, candidate: Candidate) -> Iterator[Fact]:
    """How many commits are new; nothing where they were not counted, as in a run that was refused on sight."""
    is_counted = bool(candidate.commits) or candidate.sha == candidate.base_sha
    if is_counted and not record.restored:
        yield Fact("Commits", f"{len(candidate.commits):,}")


def _branches(record: RunRecord) -> Iterator[Fact]:
    """From where to where; of a back-merge and of picked commits, the branch that gets them, once that is known."""
    repository = record.repository
    if record.kind is not RunKind.BACKPORT:
        yield Fact("Branches", f"{line(repository.source, NAME)} → {line(repository.target, NAME)}")
    elif record.updates:
        yield Fact("Branch", line(branch_name(record.updates[0].ref), NAME))


def _landed(promotion: Promotion) -> Iterator[Fact]:
    """What the push wrote besides the branch that the headline names."""
    if promotion.tag:
        yield Fact("Tag", line(promotion.tag, NAME), exact=True)
    for move in promotion.others:
        yield Fact(f"{sentence(line(branch_name(move.ref), NAME))} is at", short(move.after), exact=True)


def _trouble(trouble: Trouble, repository: Repository) -> TroubleView:
    return TroubleView(
        since=f"{line(moment(trouble.since), NAME)} ({counted(trouble.nights, 'bad run')}, this one included)",
        good_sha=short(trouble.last_good_sha or ""),
        good_at=line(moment(trouble.last_good_at or ""), NAME),
        total=counted(len(trouble.suspects), "commit"),
        authors=authors(trouble.suspects),
        suspects=tuple(suspect(one, repository.web_url) for one in trouble.suspects[:_MOST_SUSPECTS]),
        more=max(0, len(trouble.suspects) - _MOST_SUSPECTS),
    )


def _files(record: RunRecord) -> Iterator[EvidenceFile]:
    yield EvidenceFile("run.json", "all of it, machine-readable")
    yield EvidenceFile("report.html", "this report with charts")
    names = [name for name, _ in record.evidence.files] if record.evidence else []
    for name in names[:_MOST_FILES]:
        yield EvidenceFile(line(name, SUBJECT), _content(name))
    if len(names) > _MOST_FILES:
        yield EvidenceFile("manifest.json", f"{len(names) - _MOST_FILES} more files by name and digest")


def _content(name: str) -> str:
    if name.endswith(".hlog"):
        return "latency histograms"
    if name.endswith(".ndjson"):
        return "second by second"
    return "log" if name.endswith(".log") else "evidence"
