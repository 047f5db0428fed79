"""Judges of what is said on a host: by place, as GitHub documents what it does with a text there."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from markdown_it import MarkdownIt
from support import inert

from bot.core.hosting import Announcement, Blocked, Deployed, Light, Mark, Publication, Unblocked
from bot.core.record import RunRecord
from bot.render.host import HostWords

STATUS_LINE: Final = 140
CHECK_BYTES: Final = 65_535
ISSUE_CHARACTERS: Final = 65_536
RELEASE_CHARACTERS: Final = 125_000
TITLE: Final = 255

NOTES: Final = "# Nightly\n\nsummary\n\n## Features\n\n- one\n- two\n"
RUN_URL: Final = "https://github.com/acme/shop/actions/runs/77"

Shape = Counter[str]

# Fences are blocks: what stands within a line need not be read once more to find them.
_BLOCKS: Final = MarkdownIt("commonmark").enable("table").disable("inline")


def everything(record: RunRecord, *, notes: str = NOTES, notify: bool = False) -> list[Announcement]:
    """All that is said of a run, at each of the three moments."""
    words = HostWords("production", notify, RUN_URL)
    return [*words.begun(record), *words.judged(record), *words.ended(record, notes)]


def lines_of(what: Announcement) -> Iterator[tuple[str, int]]:
    """Its texts in places without markup, with how long they may be."""
    match what:
        case Mark():
            yield from ((what.line, STATUS_LINE), (what.title, TITLE))
        case Deployed():
            yield what.line, STATUS_LINE
        case Publication() | Blocked():
            yield what.title, TITLE


def pages_of(what: Announcement) -> Iterator[str]:
    """Its texts in Markdown."""
    match what:
        case Mark():
            yield what.page
        case Publication():
            yield what.body
        case Blocked():
            yield from (what.body, what.comment)
        case Unblocked():
            yield what.comment


def judge(what: Announcement, shape: Shape | None = None) -> None:
    """Nothing in it acts, adds structure, or is longer than the place allows."""
    for text, longest in lines_of(what):
        plain_line(text, longest)
    for text in pages_of(what):
        inert.markdown(text, shape)
    sizes(what)
    for fence in fences(what):
        mermaid(fence)


def sizes(what: Announcement) -> None:
    """No place gets more than GitHub takes."""
    match what:
        case Mark():
            assert 0 < len(what.page.encode()) <= CHECK_BYTES
        case Publication():
            # As GitHub may count at worst: UTF-16 units, and line ends as two.
            assert len(what.body.replace("\n", "\r\n").encode("utf-16-le")) // 2 <= RELEASE_CHARACTERS - 1000
        case Blocked():
            assert max(len(what.body.encode()), len(what.comment.encode())) <= ISSUE_CHARACTERS - 1000


def plain_line(text: str, longest: int) -> None:
    """One line without control characters, and with nothing that a host acts upon although it knows no Markdown."""
    inert.commit_subject(text)
    assert 0 < len(text) <= longest, text
    assert "`" not in text
    assert text == text.strip()


def shape(what: Announcement) -> Shape:
    """The structure of its pages, added up."""
    return sum((inert.markdown_shape(text) for text in pages_of(what)), Counter[str]())


def fences(what: Announcement) -> Iterator[str]:
    """The content of every fence in its pages; none is of another language than ours."""
    for text in pages_of(what):
        for token in _BLOCKS.parse(text):
            if token.type in ("fence", "code_block"):
                assert token.info == "mermaid", token
                yield token.content


# --- Mermaid

_STRING: Final = r'"[^"`\n%;#]+"'
_NUMBER: Final = r"[+-]?\d+(?:\.\d+)?"
_NUMBERS: Final = rf"\[{_NUMBER}(?:, {_NUMBER})*\]"
_STATEMENTS: Final = {
    "title": rf"title {_STRING}",
    "x": rf"x-axis \[{_STRING}(?:, {_STRING})*\]",
    "y": rf"y-axis {_STRING} {_NUMBER} --> {_NUMBER}",
    "bar": rf"bar {_NUMBERS}",
    "line": rf"line {_NUMBERS}",
}


def mermaid(text: str) -> dict[str, str]:
    """A chart that every version of Mermaid reads since there are charts: the part of its grammar that is ours.

    By its own grammar (xychart.jison): strings between quotation marks without any escape, numbers without exponent,
    categories that are told apart by name, as many values as categories. Comments begin with `%%`, statements end at
    `;`, entities are `#…;`: none of these signs stands in a string.
    """
    first, *rest = text.rstrip("\n").split("\n")
    assert first == "xychart-beta"
    found: dict[str, str] = {}
    for statement in rest:
        name = next((key for key, form in _STATEMENTS.items() if re.fullmatch(form, statement.strip())), None)
        assert name is not None, statement
        assert name not in found, statement
        found[name] = statement.strip()
    assert list(found)[:4] == ["title", "x", "y", "bar"]
    _same_length(found)
    _within_axis(found)
    return found


def values(statement: str) -> list[float]:
    """The numbers between the brackets of a bar or a line."""
    return [float(number) for number in re.findall(_NUMBER, statement[statement.index("[") :])]


def categories(found: dict[str, str]) -> list[str]:
    """What stands below the bars."""
    return re.findall(r'"([^"]+)"', found["x"])


def _same_length(found: dict[str, str]) -> None:
    names = categories(found)
    assert len(set(names)) == len(names)
    assert {len(values(found[key])) for key in ("bar", "line") if key in found} == {len(names)}


def _within_axis(found: dict[str, str]) -> None:
    low, high = (float(number) for number in re.findall(_NUMBER, found["y"])[-2:])
    assert low < high
    for key in ("bar", "line"):
        assert all(low <= value <= high for value in values(found.get(key, "[]")))


def lights(found: list[Announcement]) -> list[Light]:
    """What the statuses among them show, in order."""
    return [each.light for each in found if isinstance(each, Mark)]
