"""The one value that every report for people is drawn from: built once from the record, rendered many times.

All texts in it are plain single lines without control characters; escaping markup is each renderer's own business.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.core.links import web_repository
from bot.core.record import CommitSummary, Repository, RunRecord, Trouble
from bot.core.verdict import Result
from bot.render.appendix import Appendix, appendix
from bot.render.checks import CheckRow, check_rows
from bot.render.figures import day, lasted, moment, seconds_between
from bot.render.text import NAME, SUBJECT, line, short
from bot.render.words import ABSENT, CHANGED, FAILING_TITLES, OUTCOMES, RESULTS, Word, counted, headline, sentence

_MOST_SUSPECTS: Final = 10
_MOST_AUTHORS: Final = 6
_MOST_FILES: Final = 10
_SEVERAL: Final = 2
_ATTEMPTS: Final = 600
_SHA: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?").fullmatch


@dataclass(frozen=True, slots=True)
class Fact:
    """One key fact; `exact` says whether the value is an id or a name to be copied rather than words."""

    label: str
    value: str
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Suspect:
    """One commit that is new since the last good one; `url` is empty where the host is not known."""

    sha: str
    author: str
    subject: str
    day: str
    url: str


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
    proof_warning: str
    changed: str
    files: tuple[EvidenceFile, ...]
    appendix: Appendix


def build_view(record: RunRecord) -> ReportView:
    """Decide what is said about a run."""
    rows = check_rows(record)
    more = appendix(record)
    return ReportView(
        title=f"{sentence(record.kind.value)} of {_subject(record)}",
        run_id=line(record.run_id, NAME),
        outcome=OUTCOMES[record.outcome],
        headline=line(headline(record)),
        reason=line(record.reason),
        reason_code=line(record.reason_code, NAME),
        action=line(record.action),
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
        proof_warning=more.proof if record.evidence and not record.evidence.proof else "",
        changed=_changed(record),
        files=tuple(_files(record)),
        appendix=more,
    )


_WORST_FIRST: Final = sorted(Result, key=lambda result: -result.severity)


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
    repository = record.repository
    if record.candidate:
        yield Fact("Candidate", short(record.candidate.sha), exact=True)
        yield Fact("Base", short(record.candidate.base_sha), exact=True)
        yield Fact("Commits", counted(len(record.candidate.commits), "commit"))
    yield Fact("Branches", f"{line(repository.source, NAME)} → {line(repository.target, NAME)}")
    if record.promotion:
        yield Fact("Tag", line(record.promotion.tag, NAME), exact=True)
    if record.plan:
        yield Fact("Staging", line(record.plan.base_url, NAME))
    yield Fact("Started", line(moment(record.started_at), NAME))
    duration = seconds_between(record.started_at, record.finished_at)
    if duration is not None:
        yield Fact("Took", lasted(duration))
    yield Fact("By", f"{line(record.actor, NAME)}, {record.trigger.value}")


def _trouble(trouble: Trouble, repository: Repository) -> TroubleView:
    authors = Counter(line(one.author, NAME) for one in trouble.suspects)
    named = [f"{name} ({count})" for name, count in authors.most_common(_MOST_AUTHORS)]
    unnamed = len(authors) - len(named)
    return TroubleView(
        since=f"{line(moment(trouble.since), NAME)} ({counted(trouble.nights, 'bad run')}, this one included)",
        good_sha=short(trouble.last_good_sha or ""),
        good_at=line(moment(trouble.last_good_at or ""), NAME),
        total=counted(len(trouble.suspects), "commit"),
        authors=", ".join([*named, f"{unnamed} more"] if unnamed else named),
        suspects=tuple(_suspect(one, repository.web_url) for one in trouble.suspects[:_MOST_SUSPECTS]),
        more=max(0, len(trouble.suspects) - _MOST_SUSPECTS),
    )


def _suspect(one: CommitSummary, web_url: str | None) -> Suspect:
    return Suspect(
        sha=short(one.sha),
        author=line(one.author, NAME),
        subject=line(one.subject, SUBJECT) or "(no subject)",
        day=line(day(one.at), NAME),
        url=_commit_url(one.sha, web_url),
    )


def _commit_url(sha: str, web_url: str | None) -> str:
    """A link only to a page of a known host: a `javascript:` address must never become one."""
    found = web_repository(web_url) if web_url and _SHA(sha) else None
    return found.commit(sha) if found else ""


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
