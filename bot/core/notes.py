"""The release notes of a range as a value: what changed, by whom, on what evidence, and against the last release."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from bot.core.candidate import Commit
from bot.core.changes import Change, Group, PullRequest, parse
from bot.core.contributors import Contributor, contributors, name_of
from bot.core.enrichment import NO_EXTRAS, Extras
from bot.core.hosting import Pull
from bot.core.labels import Category, LabelRules, category_of, is_left_out
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
    page, `known_emails` the addresses of all earlier contributors (None: unknown, so nobody is called new). `extras`
    are what a host knows of the commits; without them the notes are the same, less what only the host knows.
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
    extras: Extras = NO_EXTRAS


class Entry(NamedTuple):  # for the reason told in bot.core.changes
    """One line of the notes: a commit, or a pull request in place of its commits. Texts are raw data.

    `pull` is what the host says of the pull request that brought it, None where it says nothing.
    """

    sha: str
    change: Change
    pull_request: PullRequest | None
    authors: tuple[str, ...]
    pull: Pull | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """The entries of one group, or of one category by labels, newest first; never empty."""

    group: Group | Category
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
    """Release notes before anybody chose words or markup.

    `commits` counts all commits of the range, `left_out` the entries that the rules by labels leave out.
    """

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
    left_out: int = 0


def build(commits: Sequence[Commit], *, subject: NotesSubject) -> ReleaseNotes:
    """The notes of these commits, newest first: a pure function, the same for the same input."""
    sections, left_out = _sections(commits, subject.extras)
    return ReleaseNotes(
        title=subject.title,
        tag=subject.tag,
        date=subject.date,
        base=subject.base,
        tip=subject.tip,
        commits=len(commits),
        repository=None if subject.web_url is None else web_repository(subject.web_url),
        sections=sections,
        contributors=contributors((one for one in commits if not is_merge(one)), subject.known_emails),
        checks=_objectives(subject.verdict),
        movements=movements(subject.verdict, subject.previous),
        taken_back=subject.taken_back,
        left_out=left_out,
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


def _sections(commits: Sequence[Commit], extras: Extras) -> tuple[tuple[Section, ...], int]:
    """What breaks, then the categories by labels, then the groups by type; and how many entries were left out."""
    others = (group for group in Group if group is not Group.BREAKING)
    sections: dict[Group | Category, list[Entry]] = {Group.BREAKING: []}
    sections.update({each: [] for each in (*extras.rules.categories, *others)})
    left_out = 0
    for entry in _entries(commits, extras.pulls):
        section = _section_of(entry, extras.rules)
        if section is None:
            left_out += 1
        else:
            sections[section].append(entry)
    return tuple(Section(each, tuple(entries)) for each, entries in sections.items() if entries), left_out


def _section_of(entry: Entry, rules: LabelRules) -> Group | Category | None:
    """Where an entry goes, None where it is left out; what breaks is never left out and never elsewhere."""
    if entry.change.breaking:
        return Group.BREAKING
    if entry.pull is None:
        return entry.change.group
    if is_left_out(rules.exclude, entry.pull):
        return None
    return category_of(rules.categories, entry.pull) or entry.change.group


def _entries(commits: Sequence[Commit], known: Mapping[str, Pull]) -> Iterator[Entry]:
    """One entry for each commit that counts, newest first; merges as `bot.core.pulls` settles them."""
    owned = owners(commits)
    kept = surviving(commits, owned, known)
    changes = {place: parse(commits[place].subject, commits[place].body) for place in kept}
    pulls = settle(commits, owned, changes, known)
    for place, change in changes.items():
        commit, told = commits[place], pulls.told.get(place)
        pull = known.get(commit.sha) if known else None
        if told is not None:
            authors = _authors(commits, told.members or (place,))
            yield Entry(commit.sha, told.change, told.pull_request, authors, pull)
        elif place not in pulls.left_out:
            request = change.pull_request or pulls.requests.get(place)
            yield Entry(commit.sha, change, request, (name_of(commit.author_name, commit.author_email),), pull)


def _authors(commits: Sequence[Commit], places: Sequence[int]) -> tuple[str, ...]:
    names = (name_of(commits[place].author_name, commits[place].author_email) for place in places)
    return tuple(dict.fromkeys(names))
