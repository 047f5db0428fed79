"""Commits as rows of a report: who did what when, with a link where the host is known. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from bot.core.links import web_repository
from bot.core.record import CommitSummary
from bot.render.figures import day
from bot.render.text import NAME, SUBJECT, line, short

_SHA: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?").fullmatch


@dataclass(frozen=True, slots=True)
class Suspect:
    """One commit in question; `url` is empty where the host is not known."""

    sha: str
    author: str
    subject: str
    day: str
    url: str


def suspect(one: CommitSummary, web_url: str | None) -> Suspect:
    """That commit as a row; `web_url` is the address of the repository's page, if known."""
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
