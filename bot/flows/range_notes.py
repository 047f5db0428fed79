"""Release notes of any range; for a range that was promoted, the very notes of that promotion."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.core.candidate import Commit
from bot.core.enrichment import by_commit
from bot.core.labels import LabelRules
from bot.core.notes import NotesSubject, ReleaseNotes, build
from bot.core.reasons import Reason
from bot.core.record import Outcome, Repository, RunRecord
from bot.core.selectors import HistoryFilter
from bot.errors import BotError
from bot.flows import ports
from bot.flows.enrich import Asking, extras_of, with_rules
from bot.flows.release_notes import release_date, subject_of
from bot.flows.taken_back import new_commits


@dataclass(frozen=True, slots=True)
class Sources:
    """What notes of a range are made from; `label_rules` as in a request, `tell` takes a sentence for people."""

    git: ports.Repository
    history: ports.History
    runs: ports.RunStore
    repository: Repository
    tag_prefix: str
    host: ports.Host
    label_rules: LabelRules | None
    tell: Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Range:
    """A range as it was asked for, by any commit names; None: the last release, and the tip of the source."""

    base: str | None = None
    tip: str | None = None


def notes_of(sources: Sources, wanted: Range) -> ReleaseNotes:
    """Fetch, resolve both ends once, and build the notes.

    Raises:
        BotError: BAD_USAGE where a name means no commit.
    """
    sources.git.fetch()
    named = Range(wanted.base or _last_release(sources), wanted.tip or sources.repository.source)
    base, tip = _resolve(sources, named)
    commits = new_commits(sources.git, base, tip)
    title = f"Changes from {named.base} to {named.tip}"
    return build(commits, subject=_subject(sources, base, tip, title, commits))


def _resolve(sources: Sources, named: Range) -> tuple[str, str]:
    base, tip = (sources.git.resolve(name or "") for name in (named.base, named.tip))
    if base is None or tip is None:
        unknown = " or ".join(repr(name) for name, sha in ((named.base, base), (named.tip, tip)) if sha is None)
        raise BotError(Reason.BAD_USAGE, f"The remote has no commit, branch or release tag {unknown}.")
    return base, tip


def _last_release(sources: Sources) -> str:
    tags = sources.git.release_tags()
    return tags[-1] if tags else sources.repository.target


def _subject(sources: Sources, base: str, tip: str, title: str, commits: Sequence[Commit]) -> NotesSubject:
    known, web_url = sources.git.authors(base), sources.repository.web_url
    asking = Asking(sources.host, sources.git, sources.label_rules, sources.tell)
    record = _promotion(sources, base, tip)
    if record is None or record.promotion is None:
        extras = extras_of(asking, commits, sources.git.resolve(sources.repository.target) or base)
        return NotesSubject(title, tip, base, web_url=web_url, known_emails=known, extras=extras)
    tag = record.tag
    # What the host said then: labels may have changed since, and these are the notes of that night.
    extras = with_rules(asking, by_commit(record.pulls), base)
    return subject_of(record, tag, release_date(sources.tag_prefix, tag), known, extras)


def _promotion(sources: Sources, base: str, tip: str) -> RunRecord | None:
    """The record of the promotion of exactly this range, where it is still here."""
    found = sources.history.query(HistoryFilter(sha=tip, outcome=Outcome.PROMOTED.value))
    run_id = next((run.run_id for run in found if run.base_sha == base and run.tag), None)
    try:
        return None if run_id is None else sources.runs.load(run_id)
    except BotError:
        return None
