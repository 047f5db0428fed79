"""Release notes as Markdown: the same bytes for the same notes, and never longer than asked for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import lru_cache
from typing import Final

from bot.core.changes import Change, Group, PullRequest
from bot.core.contributors import Contributor
from bot.core.labels import Category
from bot.core.links import Forge, WebRepository
from bot.core.notes import Entry, Movement, ReleaseNotes, Section, TakenBack
from bot.core.units import format_value
from bot.core.verdict import Check
from bot.render.escape import Inert, markdown_inline
from bot.render.figures import change as difference
from bot.render.templating import code, markdown_environment
from bot.render.words import ABSENT, ALL_ENDPOINTS, RESULTS, counted, objective_name


class Heading(Enum):
    """Whether the notes begin with their title; a release and a tag's message have one of their own."""

    SHOWN = auto()
    OMITTED = auto()


def render_markdown(notes: ReleaseNotes, *, limit: int | None = None, heading: Heading = Heading.SHOWN) -> str:
    """The notes as GitHub-flavoured Markdown, at most `limit` characters long, ending in a newline.

    What does not fit is cut between entries and counted ("… and 12 more"), with the comparison's address. ValueError
    when the limit is too small even for title and headings (5,000 characters always suffice, 40,000 where there are
    categories by labels, which people name).
    """
    document = _document(notes, heading)
    if limit is None:
        return _fill(document)
    return _fitted(document, limit)


class MarkdownNotes:
    """The two forms that a run needs; satisfies `bot.flows.ports.NotesWriter`."""

    def whole(self, notes: ReleaseNotes) -> str:
        """All of it, as notes.md holds it."""
        return render_markdown(notes)

    def below_a_title(self, notes: ReleaseNotes, limit: int) -> str:
        """Without a heading of its own, cut at an entry where it would be longer than `limit` characters."""
        return render_markdown(notes, limit=limit, heading=Heading.OMITTED)


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows under one heading; `hidden` counts those that are not shown."""

    title: Inert
    count: int
    rows: Iterable[Inert]
    hidden: int = 0

    @property
    def text(self) -> Inert:
        """All shown rows, a line each; rows that are made on the way are used up by this."""
        return Inert("".join(f"{row}\n" for row in self.rows))


@dataclass(frozen=True, slots=True)
class _Document:
    """What the template sees: texts that it prints are inert already, or are made so on the way."""

    title: Inert | None
    summary: Inert
    lead: Inert | None
    changes: tuple[_Block, ...]
    evidence: _Block
    movements: _Block
    contributors: _Block
    compare_url: Inert | None
    log: Inert


_GROUPS: Final = {
    Group.BREAKING: "Breaking changes",
    Group.FEATURES: "Features",
    Group.FIXES: "Fixes",
    Group.PERFORMANCE: "Performance",
    Group.SECURITY: "Security",
    Group.REVERTS: "Reverts",
    Group.DOCUMENTATION: "Documentation",
    Group.REFACTORING: "Refactoring",
    Group.TESTS: "Tests",
    Group.BUILD: "Build and CI",
    Group.CHORES: "Chores",
    Group.OTHER: "Other changes",
}
_TITLE: Final = 200
_SCOPE: Final = 60
_DESCRIPTION: Final = 250
_NAME: Final = 80
_MOST_AUTHORS: Final = 5
_SEEN: Final = 500
_BREAKING_TEXT: Final = 600
_REASON: Final = 600
_CATEGORY: Final = 60
_SHORT: Final = 8


def _document(notes: ReleaseNotes, heading: Heading) -> _Document:
    compare = notes.repository.compare(notes.base, notes.tip) if notes.repository and notes.base else None
    people = sorted(notes.contributors, key=lambda person: person.bot)
    span = f"{notes.base[:40]}..{notes.tip[:40]}" if notes.base else notes.tip[:40]
    return _Document(
        title=markdown_inline(notes.title, limit=_TITLE) if heading is Heading.SHOWN else None,
        summary=_summary(notes),
        lead=_lead(notes.taken_back) if notes.taken_back else None,
        changes=tuple(_changes(section, notes.repository) for section in notes.sections),
        evidence=_Block(Inert("Evidence"), len(notes.checks), map(_check_row, notes.checks)),
        movements=_Block(Inert("Against the last release"), len(notes.movements), map(_movement_row, notes.movements)),
        contributors=_Block(Inert("Contributors"), len(people), map(_contributor_row, people)),
        compare_url=None if compare is None else Inert(compare),
        log=Inert(f"git log {span}"),
    )


def _summary(notes: ReleaseNotes) -> Inert:
    told = sum(len(section.entries) for section in notes.sections)
    tag = code(notes.tag[:_TITLE]) if notes.tag else None
    named = (text for text in (tag, notes.date and markdown_inline(notes.date, limit=_NAME)) if text)
    numbers = (counted(notes.commits, "commit"), counted(told, "change"))
    left_out = (f"{notes.left_out} left out by label",) if notes.left_out else ()
    return Inert(" · ".join((*named, _sha(notes.tip, notes.repository), *numbers, *left_out)))


def _lead(taken_back: TakenBack) -> Inert:
    restored, reason = code(taken_back.restored[:_TITLE]), markdown_inline(taken_back.reason, limit=_REASON)
    return Inert(f"**Taken back:** the content is that of {restored} again, without the changes below. Why: {reason}")


def _changes(section: Section, repository: WebRepository | None) -> _Block:
    rows = (_entry_row(entry, repository) for entry in section.entries)
    return _Block(_heading(section.group), len(section.entries), rows)


def _heading(group: Group | Category) -> Inert:
    return Inert(_GROUPS[group]) if isinstance(group, Group) else markdown_inline(group.title, limit=_CATEGORY)


def _entry_row(entry: Entry, repository: WebRepository | None) -> Inert:
    change = entry.change
    scope = f"**{_often(change.scope[:_SEEN], _SCOPE)}:** " if change.scope else ""
    text = markdown_inline(change.description, limit=_DESCRIPTION)
    link = _sha(entry.sha, repository)
    if entry.pull_request is not None:
        link = f"{_pull(entry.pull_request, repository)}, {link}"
    by = _by(entry.authors, entry.pull and entry.pull.author)
    return Inert(f"- {scope}{text} ({link}){by}{_breaking(change)}")


@lru_cache(maxsize=4096)
def _by(authors: tuple[str, ...], account: str | None) -> str:
    """Who did it: names as git has them, behind the account of the pull request, which is never a mention."""
    names = [_often(name[:_SEEN], _NAME) for name in authors[:_MOST_AUTHORS] if name]
    more = ["…"] if len(authors) > _MOST_AUTHORS else []
    listed = ", ".join(names + more) if names else ""
    is_news = account and account.casefold() != authors[0].removesuffix("[bot]").casefold()
    shown = _often(account[:_SEEN], _NAME) if account and is_news else ""
    if shown and listed:
        return f" by {shown} ({listed})"
    return f" by {shown or listed}" if shown or listed else ""


@lru_cache(maxsize=4096)
def _often(text: str, limit: int) -> Inert:
    """Names and scopes, which come back all the time; the caller cuts them, so that the cache stays small."""
    return markdown_inline(text, limit=limit)


def _breaking(change: Change) -> str:
    """What breaks, under the entry; not where the footer only repeats the description."""
    if not change.breaking_texts:
        return ""
    texts = (text for text in change.breaking_texts if text != change.description)
    return "".join(f"\n  - {markdown_inline(text, limit=_BREAKING_TEXT)}" for text in texts)


def _sha(sha: str, repository: WebRepository | None) -> str:
    if repository is None:
        return f"`{sha[:_SHORT]}`"
    return f"[{sha[:_SHORT]}]({repository.commit(sha)})"


def _pull(request: PullRequest, repository: WebRepository | None) -> str:
    """The number as a link, where the host has numbers of that sign for pull requests; else it stands by itself."""
    shown = f"{request.sign}{request.number}"
    if repository is None or (repository.forge is Forge.GITLAB) != (request.sign == "!"):
        return shown
    return f"[{shown}]({repository.pull_request(request.number)})"


def _check_row(check: Check) -> Inert:
    bounds = (_number(check.objective, check.low), _number(check.objective, check.high))
    return _row(
        *_objective(check),
        check.limit,
        _number(check.objective, check.observed),
        ABSENT if ABSENT in bounds else " to ".join(bounds),
        RESULTS[check.result].text,
    )


def _movement_row(move: Movement) -> Inert:
    before, after = (_number(move.objective, value) for value in (move.before, move.after))
    return _row(*_objective(move), before, after, Inert(difference(move.after, move.before) or ABSENT))


def _objective(one: Check | Movement) -> tuple[str, str, str]:
    return one.scenario, ALL_ENDPOINTS if one.endpoint is None else one.endpoint, objective_name(one.objective)


def _number(objective: str, value: float | None) -> Inert:
    return Inert(ABSENT if value is None else format_value(objective, value))


def _row(*cells: str) -> Inert:
    inert = (cell if isinstance(cell, Inert) else markdown_inline(cell, limit=_NAME) for cell in cells)
    return Inert(f"| {' | '.join(inert)} |")


def _contributor_row(person: Contributor) -> Inert:
    name = markdown_inline(person.name, limit=_NAME)
    mark = " (bot)" if person.bot else " (first contribution)" if person.first_time else ""
    return Inert(f"- {name}, {counted(person.commits, 'commit')}{mark}")


# --- fitting into a limit


def _fitted(document: _Document, limit: int) -> str:
    """Everything that frames the rows is kept; evidence, comparison and names get their shares, entries the rest."""
    frame = _framed(document)
    room = limit - len(_fill(frame))
    if room < 0:
        raise ValueError(f"release notes do not fit into {limit} characters, not even without any entry")
    evidence = _taken(document.evidence, room * 4 // 10)
    movements = _taken(document.movements, room * 2 // 10)
    people = _taken(document.contributors, room // 10)
    left = room - sum(map(_length, (evidence, movements, people)))
    fitted = replace(document, evidence=evidence, movements=movements, contributors=people)
    return _fill(replace(fitted, changes=tuple(_cut(document.changes, left))))


def _framed(document: _Document) -> _Document:
    """The document without a row, as if each of them was hidden: no cut of it has a longer frame."""
    return replace(
        document,
        changes=tuple(map(_hide, document.changes)),
        evidence=_hide(document.evidence),
        movements=_hide(document.movements),
        contributors=_hide(document.contributors),
    )


def _hide(block: _Block) -> _Block:
    return replace(block, rows=(), hidden=block.count)


def _cut(blocks: Iterable[_Block], room: int) -> Iterator[_Block]:
    """Fill one block after the other; from the first entry that does not fit, all are hidden."""
    for block in blocks:
        taken = _taken(block, room)
        room = room - _length(taken) if not taken.hidden else 0
        yield taken


def _taken(block: _Block, room: int) -> _Block:
    rows = []
    for row in block.rows:
        room -= len(row) + 1
        if room < 0:
            break
        rows.append(row)
    return replace(block, rows=rows, hidden=block.count - len(rows))


def _length(block: _Block) -> int:
    return sum(len(row) + 1 for row in block.rows)


def _fill(document: _Document) -> str:
    return markdown_environment().get_template("notes.md.j2").render(doc=document)
