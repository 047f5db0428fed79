"""Every renderer on records, notes and plans that are full of given texts, each judged by `support.inert`."""

import contextlib
import dataclasses
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, Final

from support import inert
from support.extremes import noticed
from support.records import backported, blocked_slow, hotfix, promoted, rolled_back
from support.spoken import Harmless, addressed, addresses, judge_spoken, on_host, web_texts
from support.told import judge_told, ours_in_drawings, panels_as_drawn

from bot.cli.endings import failure_document
from bot.core.candidate import Commit
from bot.core.conflict import Conflict, Side
from bot.core.control import Control, ControlKind, format_control
from bot.core.enrichment import Extras
from bot.core.hosting import Pull
from bot.core.labels import rules
from bot.core.ledger import format_entry
from bot.core.notes import NotesSubject, build
from bot.core.promotion import LedgerEntry
from bot.core.reasons import Reason
from bot.core.record import Outcome, RunRecord
from bot.core.tagtext import PROMOTED_COMMIT, RUN_ID, TagText, tag_message
from bot.core.text import plain
from bot.errors import BotError
from bot.render.html import render_html
from bot.render.json import render_json
from bot.render.junit import render_junit
from bot.render.markdown import render_markdown
from bot.render.notes import MarkdownNotes
from bot.render.panel import Panel
from bot.render.report import ReportFormat, render

Give = Callable[[], str]

_COMMITS: Final = 30
_FEW: Final = 12
_WHEN: Final = int(datetime(2026, 11, 21, tzinfo=UTC).timestamp())
_SHOP: Final = "https://github.com/acme/shop"
_TRAILERS: Final = ((PROMOTED_COMMIT, "a" * 40), (RUN_ID, "x"))


class _Given:
    """Hands out texts one by one and counts them."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts = texts
        self.count = 0

    def __call__(self) -> str:
        self.count += 1
        return next(self._texts)


def judge_texts(texts: Iterator[str], count: int) -> int:
    """Render until so many texts were used; returns how many documents were judged."""
    given, documents = _Given(texts), 0
    while given.count < count:
        documents += _judge(given)
    return documents


def judge(texts: Iterator[str]) -> int:
    """One record, one set of notes, one of everything, full of these texts; returns how many documents that was."""
    return _judge(_Given(texts))


def run_of(give: Give) -> RunRecord:
    """A blocked night whose every text is given."""
    return _hostile(_BLOCKED, give)


def _hostile(base: str, give: Give) -> RunRecord:
    """That record whose every text is given; of the addresses on its host every second one begins as one does."""
    return addressed(_filled(_base(base), give), web_texts(give).__next__)


def _trimmed(value: Any) -> Any:
    """The same value with a few of everything: numbers by the thousand only make it slow."""
    if isinstance(value, tuple):
        return tuple(_trimmed(one) for one in value[:_FEW])
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {one.name: _trimmed(getattr(value, one.name)) for one in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    return value


def _judge(give: Give) -> int:
    record = run_of(give)
    inert.markdown(render_markdown(record), _shape_of_report())
    inert.page(render_html(record, draw=_drawn), _shape_of_page(), linked=addresses(record))
    inert.suite(render_junit(record), _shape_of_suite())
    inert.document(render_json(record))
    inert.terminal(render(record, ReportFormat.TERMINAL))
    told = judge_told(give, record)
    spoken = judge_spoken(record, _spoken(_BLOCKED), give)
    spoken += judge_spoken(_hostile(_PROMOTED, give), _spoken(_PROMOTED), give)
    return 5 + told + spoken + _judge_views(give) + _judge_notes(give) + _judge_lines(give)


def _judge_views(give: Give) -> int:
    """The runs of people: a merge in conflict, a hotfix, a rollback, a dry run; every renderer of each."""
    for base in _BY_HAND:
        record = _hostile(base, give)
        inert.markdown(render_markdown(record), _shape(base, render_markdown, inert.markdown_shape))
        inert.page(render_html(record), _shape(base, render_html, inert.page_shape), linked=addresses(record))
        inert.suite(render_junit(record), _shape(base, render_junit, inert.suite_shape))
        inert.document(render_json(record))
        inert.terminal(render(record, ReportFormat.TERMINAL))
    return 5 * len(_BY_HAND)


_BLOCKED: Final = "blocked"
_PROMOTED: Final = "promoted"
_BY_HAND: Final = ("conflict", "dry run", "hotfix", "rollback")


@cache
def _base(name: str) -> RunRecord:
    """A record of that sort with harmless words, and few enough of everything."""
    match name:
        case "conflict":
            made = dataclasses.replace(backported(), outcome=Outcome.REFUSED, promotion=None, conflict=_conflict())
        case "dry run":
            made = dataclasses.replace(hotfix(), outcome=Outcome.DRY_RUN, promotion=None)
        case "hotfix":
            made = hotfix()
        case "rollback":
            made = rolled_back()
        case "promoted":
            made = promoted()
        case _:
            made = noticed(blocked_slow(), 2)
    return on_host(_trimmed(made))


def _conflict() -> Conflict:
    sides = (Side(branch, _commits(_same())[:3]) for branch in ("staging", "main"))
    return Conflict(("a", "b", "c"), *sides)


def _judge_notes(give: Give) -> int:
    """Release notes, and the tag that carries them."""
    notes = _notes(give)
    inert.markdown(notes)
    inert.tag_text(tag_message(TagText(give(), notes), _TRAILERS), len(_TRAILERS))
    inert.tag_text(tag_message(TagText(give(), give()), _TRAILERS), len(_TRAILERS))
    return 3


def _judge_lines(give: Give) -> int:
    """What is said in one line: in the ledger, by a freeze, by a command that failed."""
    words = {field.name: give() for field in dataclasses.fields(LedgerEntry)}
    inert.ledger_line(format_entry(LedgerEntry(**(words | {"schema": 1}))))
    with contextlib.suppress(ValueError):  # what is no Unicode is refused
        inert.ledger_line(format_control(Control(ControlKind.FREEZE, "2026-11-21T02:00:00Z", give(), give())))
    inert.document(json.dumps(failure_document(BotError(Reason.GIT_FAILED, give(), give()))))
    inert.no_controls(plain(give()), but="")
    return 4


def _filled(value: Any, give: Give) -> Any:
    """The same value with every free text in it replaced by a given one; enumerations stay what they are."""
    if isinstance(value, Enum) or value is None:
        return value
    if isinstance(value, str):
        return give()
    if isinstance(value, tuple):
        return tuple(_filled(one, give) for one in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {one.name: _filled(getattr(value, one.name), give) for one in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    return value


def _notes(give: Give) -> str:
    subject = NotesSubject(give(), "a" * 40, "b" * 40, tag=give(), date=give(), web_url=_SHOP, known_emails=frozenset())
    commits = _commits(give)
    # Every second commit has a pull request, which has a title of its own, labels, and an account.
    pulls = {one.sha: Pull(place, give(), (give(),), give()) for place, one in enumerate(commits[::2], 1)}
    extras = Extras(pulls, rules(categories=[(give(), ["*"])]))
    return MarkdownNotes().whole(build(commits, subject=dataclasses.replace(subject, extras=extras)))


def _commits(give: Give) -> tuple[Commit, ...]:
    """Commits with a parent each, the first of them with a subject that makes an entry."""
    return tuple(_commit(number, give) for number in range(_COMMITS, 0, -1))


def _commit(number: int, give: Give) -> Commit:
    sha, parent = f"{number:040x}", f"{number - 1:040x}"
    return Commit(sha, (parent,), give(), give(), _WHEN, _WHEN, give(), give())


def _drawn(shown: Sequence[Panel]) -> list[str]:
    return panels_as_drawn(shown, ours_in_drawings())


def _distinct() -> Give:
    numbers = itertools.count(1)
    return lambda: f"word {next(numbers)}"


def _same() -> Give:
    return lambda: "word"


@cache
def _shape(base: str, render: Callable[[RunRecord], str], read: Callable[[str], Counter[str]]) -> Counter[str]:
    """The most structure that harmless words come to: names that differ, and names that are all one."""
    one, other = _harmless(base)
    return read(render(one)) | read(render(other))


@cache
def _harmless(base: str) -> tuple[RunRecord, RunRecord]:
    """That record with harmless words: names that differ, and names that are all one."""
    one, other = (_filled(_base(base), give) for give in (_distinct(), _same()))
    return tuple(addressed(each, lambda: "https://host.example/x") for each in (one, other))


@cache
def _spoken(base: str) -> Harmless:
    return Harmless(_harmless(base))


def _shape_of_report() -> Counter[str]:
    return _shape(_BLOCKED, render_markdown, inert.markdown_shape)


def _shape_of_page() -> Counter[str]:
    return _shape(_BLOCKED, _page, inert.page_shape)


def _page(record: RunRecord) -> str:
    return render_html(record, draw=_drawn)


def _shape_of_suite() -> Counter[str]:
    return _shape(_BLOCKED, render_junit, inert.suite_shape)
