"""Judges of what a renderer wrote: no markup, mention, closing keyword, link or control character of foreign text.

Written from what hosts, terminals and parsers document, not from the walls that they test. The structure is held
against that of the same document with harmless words: foreign text may take away (an empty one fills no cell's line),
and never add.
"""

import html.parser
import json
import re
import unicodedata
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

from markdown_it import MarkdownIt
from support.hostile_texts import EVIL

# What a host acts upon in the text of a page, after markup.
LIVE: Final = {
    "a mention": r"@[A-Za-z0-9_.-]",
    "an issue": r"#\d",
    "an old-style issue": r"\bGH-\d",
    "a closing keyword": r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:[\w.-]+/[\w.-]+)?#\d",
    "an address": r"[A-Za-z]://|www\.",
    # But for a time of day.
    "an emoji code": r"(?!(?<=[0-9]):[0-9]{2}:):[\w+-]+:",
    "a merge request": r"!\d",
}
# GitHub links 7 to 40 hex digits, others 64; an underscore is taken for an end of the word, which is the stricter way.
_COMMIT: Final = re.compile(r"(?<![0-9A-Za-z])(?=[0-9]*[a-f])[0-9a-f]{7,64}(?![0-9A-Za-z])", re.IGNORECASE)
_COMMANDING: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_LOOSE: Final = ("text", "text_special", "entity", "code_inline", "softbreak")
_MARKDOWN: Final = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def no_controls(text: str, *, but: str = "\n") -> None:
    """Nothing that commands a terminal, hides, or turns text around."""
    wrong = {repr(sign) for sign in set(text) if unicodedata.category(sign) in _COMMANDING and sign not in but}
    assert not wrong, f"control characters: {sorted(wrong)}"
    text.encode()


def no_live_text(text: str) -> None:
    """Nothing that a host would act upon."""
    for name, pattern in LIVE.items():
        found = re.search(pattern, text)
        assert found is None, f"{name}: {text[max(0, found.start() - 40) : found.end() + 40]!r}"


def no_commit(text: str) -> None:
    """No id of a commit that a host would make a link of; lines without markup may name commits, see `host_text`."""
    found = _COMMIT.search(text)
    assert found is None, f"a commit: {text[max(0, found.start() - 40) : found.end() + 40]!r}"


def markdown_shape(text: str) -> Counter[str]:
    """How many tokens there are of each type."""
    return Counter(token.type for token in _flat(_MARKDOWN.parse(text)))


def markdown(text: str, shape: Counter[str] | None = None, *, ours: str = "https://github.com/acme/shop") -> None:
    """A Markdown document: only our own links, no HTML, nothing live in its words, no more structure than `shape`."""
    no_controls(text)
    _whole_tables(text)
    tokens = _MARKDOWN.parse(text)
    for token in _flat(tokens):
        assert token.type not in ("html_block", "html_inline", "image"), token.content
        if token.type == "link_open":
            assert str(token.attrs["href"]).startswith(ours), token.attrs
            assert EVIL not in str(token.attrs["href"])
    for line in _words(tokens):
        no_live_text(line)
        no_commit(line)
    _no_more(Counter(token.type for token in _flat(tokens)), shape, but=_LOOSE)


def _whole_tables(text: str) -> None:
    """Every row of a table has as many cells as its head: a host drops what is too much, and says nothing."""
    cells = 0
    for row in text.splitlines():
        if not row.startswith("|"):
            cells = 0
            continue
        found = len(re.findall(r"(?<!\\)(?:\\\\)*\|", row))
        assert found == (cells or found), row
        cells = found


def _words(tokens: Iterable[Any]) -> Iterator[str]:
    """What a reader sees, paragraph by paragraph, without code spans and the words of our own links."""
    for token in tokens:
        if token.type != "inline":
            continue
        inside, seen = 0, []
        for child in token.children or ():
            inside += {"link_open": 1, "link_close": -1}.get(child.type, 0)
            if not inside:
                seen.append(child.content if child.type in ("text", "text_special") else "\u2060")
        yield "".join(seen)


def _flat(tokens: Iterable[Any]) -> Iterator[Any]:
    for token in tokens:
        yield token
        yield from _flat(token.children or ())


def _no_more(found: Counter[str], shape: Counter[str] | None, *, but: tuple[str, ...] = ()) -> None:
    if shape is not None:
        more = {kind: count for kind, count in (found - shape).items() if kind not in but}
        assert not more, f"more structure than harmless words have: {more}"


_WEB: Final = re.compile(r"https?://[^\s@/]+(?:/\S*)?", re.IGNORECASE).fullmatch


class _Page(html.parser.HTMLParser):
    """Counts elements and attributes by name; keeps what attributes hold that can act."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.shape: Counter[str] = Counter()
        self.acting: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape.update([tag, *(f"{tag} {name}" for name, _ in attrs)])
        self.acting += [str(value) for name, value in attrs if name in ("href", "src", "action", "style")]

    def handle_comment(self, _data: str) -> None:
        self.shape["comment"] += 1

    def unknown_decl(self, _data: str) -> None:
        self.shape["declaration"] += 1

    def handle_pi(self, _data: str) -> None:
        self.shape["instruction"] += 1


def page_shape(text: str) -> Counter[str]:
    """How many elements and attributes there are of each name."""
    return _Page(text).shape


def page(text: str, shape: Counter[str] | None = None, linked: Collection[str] = ()) -> None:
    """An HTML document: nothing that acts comes from foreign text, and no element that harmless words do not have.

    `linked` are addresses that a host named: of those it may link to such as are of the web, and lead where they say.
    """
    no_controls(text)
    read = _Page(text)
    foreign = [value for value in read.acting if EVIL in value or "javascript" in value]
    assert not [value for value in foreign if value not in linked or not _WEB(value)]
    assert not {"script", "iframe", "object", "embed", "form", "base"} & set(read.shape)
    _no_more(read.shape, shape)


def suite_shape(text: str) -> Counter[str]:
    """How many elements there are of each tag."""
    return Counter(element.tag for element in ET.fromstring(text).iter())


def suite(text: str, shape: Counter[str] | None = None) -> None:
    """A JUnit document that every parser reads."""
    no_controls(text)
    assert "<!" not in text
    _no_more(suite_shape(text), shape)


def document(text: str) -> None:
    """A JSON document of visible ASCII, so that showing it commands nothing."""
    assert text.isascii()
    no_controls(text)
    json.loads(text)


def ledger_line(line: str) -> None:
    """One line of ASCII JSON."""
    assert "\n" not in line
    document(line)


def terminal(text: str) -> None:
    """What a terminal is given without colours."""
    no_controls(text)


def rows(text: str, most: int) -> None:
    """A table as a pipe gets it: no text makes a row of its own."""
    terminal(text)
    assert len(text.splitlines()) <= most, text


# Colours, and what redraws the lines of a panel: the only commands that are ours.
_OURS: Final = re.compile(r"\x1b\[(?:[0-9;]*m|[0-9]*[AK]|\?25[hl])|\r")


def live_terminal(text: str) -> None:
    """What a terminal with colours is given while a panel is redrawn there."""
    no_controls(_OURS.sub("", text))


def commit_subject(text: str) -> None:
    """The first line of a commit, as hosts show it: one line with nothing live in it."""
    no_controls(text, but="")
    no_live_text(text)


def commit_message(text: str) -> None:
    """A commit by the bot: our words, and trailers whose names are ours, each once."""
    subject, *_, last = text.rstrip("\n").split("\n\n")
    commit_subject(subject)
    for line in text.splitlines():
        commit_subject(line)
    names = [line.partition(": ")[0] for line in last.splitlines()]
    assert names[-1] == "Run-Id"
    assert set(names) <= {"Hotfix", "Restored-Release", "Taken-Back", "Run-Id"}
    assert len(set(names)) == len(names)


def tag_text(text: str, trailers: int) -> None:
    """A tag's message: our trailers at its end and nowhere else, nothing live in the source that git shows."""
    no_controls(text, but="\n\t\u200c\u200d")
    *body, last = text.rstrip("\n").split("\n\n")
    assert len(last.splitlines()) == trailers
    ours = re.compile(r"^\s*(?:Promoted-Commit|Run-Id|Evidence-SHA256|Attempts)\s*:", re.IGNORECASE | re.MULTILINE)
    assert not ours.search("\n\n".join(body))
