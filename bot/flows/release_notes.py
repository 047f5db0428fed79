"""The release notes of a run: the file, and the words of the tag."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from bot.core.candidate import Candidate, Commit
from bot.core.enrichment import Extras, kept
from bot.core.notes import NotesSubject, TakenBack, build, title
from bot.core.observations import last_of_each_date
from bot.core.record import Nights, RunKind, RunRecord
from bot.core.rollback import RollbackWay
from bot.core.tags import parse_tag
from bot.core.tagtext import TagText
from bot.errors import BotError
from bot.flows.enrich import Asking, extras_of
from bot.flows.past import previous_verdict
from bot.flows.run import Run
from bot.flows.taken_back import releases_taken_back

# A tag is fetched with every clone; the whole text is in notes.md.
TAG_LIMIT: Final = 60_000


def recall(run: Run, candidate: Candidate) -> None:
    """Learn before the load what notes and reports need of the past, so that nothing slow stands before the push."""
    with run.step("recall"):
        with run.effect("learn authors"):
            run.known_authors = run.tools.repository.authors(candidate.base_sha)
        run.taken_back = releases_taken_back(run.tools.repository, run.tools.clock)
        _ask_host(run, candidate)
        # Where nothing is measured, there is nothing to hold it against.
        run.know(previous=previous_verdict(run), nights=_nights(run) if run.request.plan else ())


def _ask_host(run: Run, candidate: Candidate) -> None:
    """Ask once, and keep it: the tag's message and notes.md say the same. A gate writes neither."""
    host = run.tools.host
    if not host.name or run.request.kind is RunKind.GATE:
        return
    asking = Asking(host, run.tools.repository, run.request.label_rules, partial(run.tools.watcher.step, "warning"))
    with run.effect("ask for pull requests"):
        run.extras = extras_of(asking, candidate.commits, candidate.base_sha)
    run.know(pulls=kept(run.extras.pulls))


def _nights(run: Run) -> tuple[Nights, ...] | None:
    """The nights that reports show beside this one; None where the history cannot be read, and that decides nothing."""
    tonight = run.record.started_at[: len("2026-11-21")]
    try:
        found = run.tools.history.nights(run.plan)
    except BotError as error:
        run.tools.watcher.step("warning", f"Earlier nights cannot be shown: {error.sentence} {error.action}")
        return None
    return tuple(replace(each, points=last_of_each_date(each.points, but=tonight)) for each in found)


def write_notes(run: Run, candidate: Candidate, tag: str) -> TagText:
    """Write notes.md, and return the same words for the message of the tag of that name."""
    request = run.request
    date = release_date(request.tag_prefix, tag)
    run.know(notes_title=title(request.title_template, date=date, tag=tag, sha=candidate.sha))
    notes = build(candidate.commits, subject=subject_of(run.record, tag, date, run.known_authors, run.extras))
    run.folder.write("notes.md", run.tools.notes.whole(notes))
    return TagText(run.record.notes_title or "", run.tools.notes.below_a_title(notes, TAG_LIMIT))


def write_rollback_notes(run: Run, candidate: Candidate, tag: str, *, taken: Sequence[Commit]) -> TagText:
    """Write notes.md of a rollback: what it takes back (newest first), from which release on, and why.

    A rewind has no tag of its own, whatever name is free.
    """
    request, restored = run.request, run.record.restored
    is_tagged = restored is None or restored.way != RollbackWay.REWIND
    tag = tag if is_tagged else ""
    back = TakenBack(restored.tag if restored else "", request.justification or "")
    subject = NotesSubject(
        title=f"Rollback to {back.restored}",
        tip=candidate.base_sha,
        base=restored.sha if restored else None,
        tag=tag,
        date=release_date(request.tag_prefix, tag),
        web_url=request.repository.web_url,
        taken_back=back,
    )
    run.know(notes_title=subject.title)
    notes = build(taken, subject=subject)
    run.folder.write("notes.md", run.tools.notes.whole(notes))
    return TagText(subject.title, run.tools.notes.below_a_title(notes, TAG_LIMIT))


def subject_of(
    record: RunRecord, tag: str, date: str, known_authors: frozenset[str] | None, extras: Extras
) -> NotesSubject:
    """What the notes of that run are about; the same values for the run itself and for whoever asks again."""
    candidate = record.candidate
    return NotesSubject(
        title=record.notes_title or tag,
        tip=candidate.sha if candidate else "",
        base=candidate.base_sha if candidate else None,
        tag=tag,
        date=date,
        web_url=record.repository.web_url,
        known_emails=known_authors,
        verdict=record.verdict,
        previous=record.previous,
        extras=extras,
    )


def release_date(tag_prefix: str, tag: str) -> str:
    """The day that a release tag stands for, as YYYY-MM-DD; empty where it is none."""
    moment = parse_tag(tag_prefix, tag)
    return "" if moment is None else f"{moment:%Y-%m-%d}"
