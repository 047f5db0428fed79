"""The herald: finds the words for everything that is said on the host of a repository."""

from collections.abc import Iterator, Mapping
from typing import Final

from bot.core.announcing import Said, after_verdict, at_end, at_start
from bot.core.hosting import Announcement, Asset, Deployed, Publication
from bot.core.promotion import Promotion
from bot.core.record import RunRecord
from bot.render import host_issue, host_status
from bot.render.escape import Inert, markdown_inline
from bot.render.host_accounts import mentionable
from bot.render.host_links import compare_url, evidence_url
from bot.render.host_notes import NOTES_FILE, closing, release_body
from bot.render.host_text import bare, coded, described
from bot.render.text import NAME, line
from bot.render.words import headline, is_untested

_RELEASE_TITLE: Final = 200
_REPORTS: Final = (Asset("run.json", "application/json"), Asset("report.html", "text/html"))
_NOTES: Final = Asset(NOTES_FILE, "text/markdown")


class HostWords:
    """Satisfies `bot.flows.ports.Herald`; what is said when is `bot.core.announcing`'s.

    `environment` is what a deployment is recorded for. `notify_authors` mentions the authors of the commits in question
    where the host itself named their account with a pull request; git knows names and addresses only, and those never
    become a mention. `run_url` is the page of the workflow's run, which holds the evidence of the run `run_id` (of each
    run, where that is None); the release or the commit stands in for it.
    """

    def __init__(
        self,
        environment: str,
        notify_authors: bool,  # noqa: FBT001 - as the setting is named
        run_url: str | None = None,
        run_id: str | None = None,
    ) -> None:
        self._environment = environment
        self._notify_authors = notify_authors
        self._run_url = run_url
        self._run_id = run_id

    def begun(self, record: RunRecord) -> Iterator[Announcement]:
        """A pending status: what is about to be measured."""
        if Said.STATUS in at_start(record) and record.plan is not None:
            yield host_status.beginning(record, record.plan, self._url(record))

    def judged(self, record: RunRecord) -> Iterator[Announcement]:
        """The status that the verdict comes to."""
        if Said.STATUS in after_verdict(record) and record.verdict is not None:
            yield host_status.judged(record, record.verdict, self._url(record))

    def ended(self, record: RunRecord, notes: str) -> Iterator[Announcement]:
        """Status, deployment, release, issue: whatever of them this end asks for."""
        for said in at_end(record):
            yield from self._said(said, record, notes)

    def _said(self, said: Said, record: RunRecord, notes: str) -> Iterator[Announcement]:
        landed = record.promotion
        match said:
            case Said.STATUS:
                yield host_status.ended(record, self._url(record))
            case Said.DEPLOYMENT if landed is not None:
                yield _deployed(record, landed, self._environment)
            case Said.RELEASE if landed is not None:
                yield _publication(record, landed, notes, self._url(record))
            case Said.BLOCKED:
                yield host_issue.blocked(record, self._page(record), self._accounts(record))
            case Said.UNBLOCKED:
                yield host_issue.unblocked(record, self._page(record))

    def _page(self, record: RunRecord) -> str | None:
        return self._run_url if self._run_id in (None, record.run_id) else None

    def _url(self, record: RunRecord) -> str | None:
        return evidence_url(record, self._page(record))

    def _accounts(self, record: RunRecord) -> Mapping[str, str]:
        return mentionable(record) if self._notify_authors else {}


def _deployed(record: RunRecord, landed: Promotion, environment: str) -> Deployed:
    """That the target was moved, which says nothing of what production runs (invariant I20)."""
    ending = "; this does not say what production runs."
    named = f" ({line(record.tag, NAME)})" if record.tag else ""
    said = f"{line(record.repository.target, NAME)} was moved to {landed.target_after[:12]}{named}"
    return Deployed(landed.target_after, record.tag, environment, described(said, ending=ending), record.run_id)


def _title(wanted: str, tag: str) -> str:
    return bare(wanted, _RELEASE_TITLE) or bare(tag, _RELEASE_TITLE) or "Release"


def _why(record: RunRecord) -> Inert:
    told = f"{record.actor} had it shipped without: {record.justification or 'no reason was given'}"
    return markdown_inline(line(told))


def _publication(record: RunRecord, landed: Promotion, notes: str, url: str | None) -> Publication:
    run = coded(line(record.run_id, NAME), url)
    compared = compare_url(record, landed.target_before, landed.target_after)
    commits = len(record.candidate.commits) if record.candidate else 0
    ending = closing(run, Inert(compared) if compared and commits else None, commits)
    if is_untested(record):
        ending = f"**Nobody tested it.** {_why(record)}\n\n{ending}"
    return Publication(
        tag=record.tag,
        sha=landed.target_after,
        title=_title(record.notes_title or "", record.tag),
        body=release_body(notes or f"{markdown_inline(line(headline(record)))}\n", ending),
        assets=(*((_NOTES,) if notes else ()), *_REPORTS),
        latest=True,
        run_id=record.run_id,
    )
