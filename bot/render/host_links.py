"""Where to read on: the run, its commits and its release, as links where their pages are known."""

from typing import Final

from bot.core.links import WebRepository, web_repository
from bot.core.record import RunRecord
from bot.render.escape import Inert
from bot.render.host_text import address, coded, linked
from bot.render.text import NAME, line, short
from bot.render.words import counted

_ID: Final = frozenset({40, 64})


def repository(record: RunRecord) -> WebRepository | None:
    """The repository's own page, where its host is known."""
    return web_repository(record.repository.web_url or "")


def sha(record: RunRecord, commit: str) -> Inert:
    """The beginning of a commit's id, as a link to it."""
    return coded(short(commit), commit_url(record, commit))


def commit_url(record: RunRecord, commit: str) -> str | None:
    """The page of that commit; None unless it is a full id."""
    web = repository(record)
    is_id = len(commit) in _ID and not set(commit) - set("0123456789abcdef")
    return web.commit(commit) if web and is_id else None


def compare_url(record: RunRecord, base: str, tip: str) -> str | None:
    """The page that compares two commits."""
    web = repository(record)
    return web.compare(base, tip) if web else None


def release_url(record: RunRecord) -> str | None:
    """The page of the release that the run made; None where it made none."""
    web = repository(record)
    return web.release(record.tag) if web and record.tag else None


def evidence_url(record: RunRecord, run_url: str | None) -> str | None:
    """Where the evidence can be looked at: the page of the workflow's run, else of the release, else of the commit."""
    candidate = record.candidate.sha if record.candidate else ""
    return address(run_url) or release_url(record) or commit_url(record, candidate)


def facts(record: RunRecord, url: str | None) -> Inert:
    """The run, its commits and its release in one line; `url` is where the run itself can be seen."""
    candidate = record.candidate
    parts = [f"Run {coded(line(record.run_id, NAME), url)}"]
    if candidate is not None:
        compared = compare_url(record, candidate.base_sha, candidate.sha)
        parts.append(f"candidate {sha(record, candidate.sha)}")
        parts.append(linked(Inert(counted(len(candidate.commits), "commit")), compared))
    if record.tag:
        parts.append(f"release {coded(line(record.tag, NAME), release_url(record))}")
    return Inert(" · ".join(parts))
