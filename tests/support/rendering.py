"""Every renderer on records, notes and plans that are full of given texts, each judged by `support.inert`."""

import contextlib
import dataclasses
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, Final

from support import inert
from support.extremes import noticed
from support.records import blocked_slow

from bot.cli.endings import failure_document
from bot.core.candidate import Commit
from bot.core.control import Control, ControlKind, format_control
from bot.core.ledger import format_entry
from bot.core.notes import NotesSubject, build
from bot.core.promotion import LedgerEntry
from bot.core.reasons import Reason
from bot.core.record import RunRecord
from bot.core.tagtext import PROMOTED_COMMIT, RUN_ID, TagText, tag_message
from bot.core.text import plain
from bot.errors import BotError
from bot.render.html import render_html
from bot.render.json import render_json
from bot.render.junit import render_junit
from bot.render.markdown import render_markdown
from bot.render.notes import MarkdownNotes
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
    return _filled(_blocked(), give)


@cache
def _blocked() -> RunRecord:
    return _trimmed(noticed(blocked_slow(), 2))


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
    inert.page(render_html(record, draw=_no_charts), _shape_of_page())
    inert.suite(render_junit(record), _shape_of_suite())
    inert.document(render_json(record))
    inert.terminal(render(record, ReportFormat.TERMINAL))
    return 5 + _judge_notes(give) + _judge_lines(give)


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
    return MarkdownNotes().whole(build(_commits(give), subject=subject))


def _commits(give: Give) -> tuple[Commit, ...]:
    """Commits with a parent each, the first of them with a subject that makes an entry."""
    return tuple(_commit(number, give) for number in range(_COMMITS, 0, -1))


def _commit(number: int, give: Give) -> Commit:
    sha, parent = f"{number:040x}", f"{number - 1:040x}"
    return Commit(sha, (parent,), give(), give(), _WHEN, _WHEN, give(), give())


def _no_charts(panels: Any) -> list[str]:
    return ["<svg></svg>" for _ in panels]


def _distinct() -> Give:
    numbers = itertools.count(1)
    return lambda: f"word {next(numbers)}"


def _same() -> Give:
    return lambda: "word"


def _shape(render: Callable[[RunRecord], str], read: Callable[[str], Counter[str]]) -> Counter[str]:
    """The most structure that harmless words come to: names that differ, and names that are all one."""
    return read(render(run_of(_distinct()))) | read(render(run_of(_same())))


@cache
def _shape_of_report() -> Counter[str]:
    return _shape(render_markdown, inert.markdown_shape)


@cache
def _shape_of_page() -> Counter[str]:
    return _shape(lambda record: render_html(record, draw=_no_charts), inert.page_shape)


@cache
def _shape_of_suite() -> Counter[str]:
    return _shape(render_junit, inert.suite_shape)
