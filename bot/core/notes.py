"""The release notes of a range as a value: what changed, by whom, on what evidence, and against the last release."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from bot.core.candidate import Commit
from bot.core.changes import Change, Group, PullRequest, parse
from bot.core.contributors import Contributor, contributors, name_of
from bot.core.links import WebRepository, web_repository
from bot.core.loadplan import OBJECTIVES
from bot.core.merges import is_merge, owners
from bot.core.pulls import settle
from bot.core.reverts import surviving
from bot.core.verdict import Check, Verdict


@dataclass(frozen=True, slots=True)
class TakenBack:
    """That the commits of the notes were taken back by restoring the release `restored`, and the person's reason."""

    restored: str
    reason: str


@dataclass(frozen=True, slots=True)
class NotesSubject:
    """What the notes are about, besides the commits.

    `base` and `tip` are full ids (`base` None at the very first release), `date` is a day, `web_url` the repository's
    page, `known_emails` the addresses of all earlier contributors (None: unknown, so nobody is called new).
    """

    title: str
    tip: str
    base: str | None = None
    tag: str | None = None
    date: str | None = None
    web_url: str | None = None
    known_emails: frozenset[str] | None = None
    verdict: Verdict | None = None
    previous: Verdict | None = None
    taken_back: TakenBack | None = None


class Entry(NamedTuple):  # for the reason told in bot.core.changes
    """One line of the notes: a commit, or a pull request in place of its commits. Texts are raw data."""

    sha: str
    change: Change
    pull_request: PullRequest | None
    authors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """The entries of one group, newest first; never empty."""

    group: Group
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Movement:
    """One objective then and now: numbers as in `Check.observed`."""

    scenario: str
    endpoint: str | None
    objective: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class ReleaseNotes:
    """Release notes before anybody chose words or markup; `commits` counts all commits of the range."""

    title: str
    tag: str | None
    date: str | None
    base: str | None
    tip: str
    commits: int
    repository: WebRepository | None
    sections: tuple[Section, ...]
    contributors: tuple[Contributor, ...]
    checks: tuple[Check, ...]
    movements: tuple[Movement, ...]
    taken_back: TakenBack | None = None


def build(commits: Sequence[Commit], *, subject: NotesSubject) -> ReleaseNotes:
    """The notes of these commits, newest first: a pure function, the same for the same input."""
    return ReleaseNotes(
        title=subject.title,
        tag=subject.tag,
        date=subject.date,
        base=subject.base,
        tip=subject.tip,
        commits=len(commits),
        repository=None if subject.web_url is None else web_repository(subject.web_url),
        sections=_sections(commits),
        contributors=contributors((one for one in commits if not is_merge(one)), subject.known_emails),
        checks=_objectives(subject.verdict),
        movements=movements(subject.verdict, subject.previous),
        taken_back=subject.taken_back,
    )


def _objectives(verdict: Verdict | None) -> tuple[Check, ...]:
    """The checks that the configuration asked for; those of the measurement itself belong to the report."""
    return tuple(check for check in verdict.checks if check.objective in OBJECTIVES) if verdict else ()


def title(template: str, *, date: str, tag: str, sha: str) -> str:
    """The title with `{date}`, `{tag}` and `{sha}` filled in; every other brace stays as it is."""
    values = {"date": date, "tag": tag, "sha": sha}
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template)


def movements(verdict: Verdict | None, previous: Verdict | None) -> tuple[Movement, ...]:
    """The objectives that have a number both now and in the earlier verdict, in the order of the present checks."""
    if verdict is None or previous is None:
        return ()
    before = {(check.scenario, check.endpoint, check.objective): check.observed for check in previous.checks}
    found = ((check, before.get((check.scenario, check.endpoint, check.objective))) for check in verdict.checks)
    return tuple(
        Movement(check.scenario, check.endpoint, check.objective, earlier, check.observed)
        for check, earlier in found
        if earlier is not None and check.observed is not None
    )


_PLACEHOLDER: Final = re.compile(r"\{(date|tag|sha)\}")


def _sections(commits: Sequence[Commit]) -> tuple[Section, ...]:
    groups: dict[Group, list[Entry]] = {group: [] for group in Group}
    for entry in _entries(commits):
        groups[Group.BREAKING if entry.change.breaking else entry.change.group].append(entry)
    return tuple(Section(group, tuple(entries)) for group, entries in groups.items() if entries)


def _entries(commits: Sequence[Commit]) -> Iterator[Entry]:
    """One entry for each commit that counts, newest first; merges as `bot.core.pulls` settles them."""
    owned = owners(commits)
    kept = surviving(commits, owned)
    changes = {place: parse(commits[place].subject, commits[place].body) for place in kept}
    pulls = settle(commits, owned, changes)
    for place, change in changes.items():
        commit, told = commits[place], pulls.told.get(place)
        if told is not None:
            yield Entry(commit.sha, told.change, told.pull_request, _authors(commits, told.members or (place,)))
        elif place not in pulls.left_out:
            request = change.pull_request or pulls.requests.get(place)
            yield Entry(commit.sha, change, request, (name_of(commit.author_name, commit.author_email),))


def _authors(commits: Sequence[Commit], places: Sequence[int]) -> tuple[str, ...]:
    names = (name_of(commits[place].author_name, commits[place].author_email) for place in places)
    return tuple(dict.fromkeys(names))
