import html
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from support import inert

from bot.render.escape import markdown_inline, plain

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])

# What hosts act upon in the text of a page, after Markdown: written anew here, from what they document.
LIVE = {
    "a mention": r"@[A-Za-z0-9_.-]",
    "an issue": r"#\d",
    "an old-style issue": r"\bGH-\d",
    "a closing keyword": r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:[\w.-]+/[\w.-]+)?#\d",
    "a commit": r"(?<![0-9A-Za-z_])(?=[0-9]*[a-f])[0-9a-f]{7,40}(?![0-9A-Za-z_])",
    "an address": r"[A-Za-z]://|www\.",
    "an emoji code": r":[\w+-]+:",
    "a merge request": r"!\d",
    "a label or milestone": r"[~%][\w\"]",
    "an epic": r"&\d",
    "a formula": r"\$\w|\w\$",
}

PIECES = [
        *"\\`*_{}[]<>()#+-.!|~@:/&%$^=\"'\n\r\t \u2028\u202e\u200b\x00\x1b\x9b",
        "<script>", "<!--", "<img src=x onerror=y>", "![x](http://e.example)", "[x]: http://e", "](", "```", "~~~",
        "@ada", "@acme/team", "#12", "GH-7", "fixes #1", "closes acme/shop#1", "https://e.example", "www.e.example",
        "a@e.example", "deadbeef1", "0" * 40, ":tada:", "&lt;", "&#64;", "&#x40;", "&commat;", "| a |", "---", "***",
        "1. ", "- [ ] ", "> ", "\x1b[31m", "\x1b]8;;http://e\x07", "$x$", "!12", "[issue:1]", "__", "_a_", "x_y",
        "é", "字", "👩‍💻",
    ]  # fmt: skip
SPICE = st.sampled_from(PIECES)
EVERYTHING = example("a".join(PIECES) + " ".join(PIECES))
TEXTS = st.lists(SPICE | st.text(max_size=6), max_size=12).map("".join)


def shown(markdown):
    """The text that a reader of the page sees."""
    tokens = MARKDOWN.parseInline(markdown)[0].children
    assert {token.type for token in tokens} <= {"text", "text_special"}, markdown
    return "".join(token.content for token in tokens)


@given(TEXTS)
@EVERYTHING
def test_only_text_comes_out_of_markdown_and_it_is_the_same_text(text):
    assert shown(markdown_inline(text)).replace("\u200b", "") == plain(text)


@given(TEXTS)
@EVERYTHING
def test_nothing_is_left_for_a_host_to_act_upon(text):
    page = shown(markdown_inline(text))

    for name, pattern in LIVE.items():
        assert re.search(pattern, page) is None, name


@given(TEXTS)
@EVERYTHING
def test_nothing_is_left_for_whoever_reads_the_source_or_takes_invisible_characters_out_of_it(text):
    source = markdown_inline(text)

    assert not [char for char in source if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    for name in ("a mention", "an issue", "a closing keyword", "an old-style issue", "an address"):
        assert re.search(LIVE[name], source) is None, name


@given(TEXTS, st.sampled_from(["- {}\n", "- **{}:** x\n", "{}\n", "x\n{}\n", "- x\n  - {}\n", "## {}\n"]))
def test_wherever_a_line_begins_no_block_comes_of_it(text, frame):
    def kinds(source):
        return [token.type for token in MARKDOWN.parse(source)]

    inert = markdown_inline(text)
    if inert:
        assert kinds(frame.format(inert)) == kinds(frame.format("x"))


@given(TEXTS)
@EVERYTHING
@example("a|b")
def test_a_cell_stays_one_cell(text):
    table = MARKDOWN.parse(f"| a | b |\n| --- | --- |\n| {markdown_inline(text)} | x |\n")

    assert sum(token.type == "td_open" for token in table) == 2
    assert [token.content for token in table if token.type == "inline"][-1] == "x"


@given(TEXTS)
@EVERYTHING
def test_it_is_rendered_as_html_without_any_tag(text):
    page = MARKDOWN.renderInline(markdown_inline(text))

    assert re.search(r"<[A-Za-z!/?]", page) is None
    assert html.unescape(page).replace("\u200b", "") == plain(text)


LETTERS = st.text("abcdefABCDEFgzéö", max_size=4)
IDS = st.text("0123456789abcdef", min_size=7, max_size=64) | st.text("abcdefABCDEF", min_size=7, max_size=40)


@given(st.lists(IDS | LETTERS | st.sampled_from(["_", "-", ".", " ", "/", "1", "g", "succeeded", "\u200b", "@"])))
@example(["deadbeef"])
@example(["x_", "deadbeef"])
@example(["g", "0", "deadbeef"])
@example(["g", "\u200b", "deadbeef"])
@example(["deadbeef", "é"])
def test_no_commit_is_named_by_its_id_whatever_stands_around_it(pieces):
    inert.no_commit(shown(markdown_inline("".join(pieces))))


@given(st.from_regex(r"[A-Za-z]{0,9}[g-zG-Z][A-Za-z]{0,9}", fullmatch=True), st.sampled_from(["{}", "it {}.", "({})"]))
@example("succeeded", "it {}!")
@example("effacedly", "{}")
def test_a_word_of_letters_stays_whole_though_a_part_of_it_could_be_an_id(word, around):
    assert shown(markdown_inline(around.format(word))) == around.format(word)


@pytest.mark.parametrize(
    "text",
    [
        "add x_y to the cart",
        "let snake_case_names be",
        "R&D (the team)",
        "time out after 1.5 s, 50 % earlier",
        "use C# here: yes",
        "a + b = c",
        "it's \"fine\", isn't it?",
        "v1.2.3",
        "release/20261121-020000 of 1000000 bytes",
        "/v1 is gone",
        "größer, 更大",
    ],
)
def test_ordinary_words_stay_as_they_were_written(text):
    assert markdown_inline(text) == text


@pytest.mark.parametrize(
    ("text", "inert"),
    [
        ("Foo<T>", "Foo\\<T>"),
        ("`code` and *stars*", "\\`code\\` and \\*stars\\*"),
        ("ask @ada about #12", "ask @&#x200b;ada about #&#x200b;12"),
        ("see https://e.example", "see https:&#x200b;//e.example"),
        ("[x](y)", "\\[x\\](y)"),
        ("_private", "\\_private"),
        ("# heading", "\\# heading"),
        ("1. first", "1\\. first"),
        ("/close", "/&#x200b;close"),
        ("0123456789abcdef", "012345&#x200b;6789ab&#x200b;cdef"),
        ("deadbeef succeeded", "deadbe&#x200b;ef succeeded"),
        ("xdeadbeef1", "xdeadbe&#x200b;ef1"),
    ],
)
def test_what_must_be_broken_is_broken_in_one_place_only(text, inert):
    assert markdown_inline(text) == inert


@given(st.text() | TEXTS, st.integers(1, 40))
def test_plain_text_is_one_visible_line_of_bounded_length(text, limit):
    line = plain(text, limit=limit)

    assert len(line) <= limit
    assert line == " ".join(line.split())
    assert not [char for char in line if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert plain(line, limit=limit) == line
    line.encode()


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=60))
def test_plain_ascii_is_changed_in_its_blanks_only(text):
    assert plain(text) == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]0;title\x07x", "x"),
        ("\x1b]8;;http://e.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bcreset", "reset"),
        ("a\u202etxt.exe\u202c", "atxt.exe"),
        ("a\u2028b\u2029c\x85d\vf\ng", "a b c d f g"),
        ("zero\u200b\u200c\u200d\u2060\ufeffwidth", "zerowidth"),
        ("tag\U000e0041\U000e0042", "tag"),
        ("filler\u3164\u115f", "filler"),
        ("lone\ud800", "lone\ufffd"),
        ("z" + "\u0301" * 50, "z" + "\u0301" * 4),
    ],
)
def test_what_commands_or_hides_is_gone(text, line):
    assert plain(text) == line


@pytest.mark.parametrize(
    ("text", "limit", "line"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde…"),
        ("abce\u0301f", 5, "abc…"),
        ("ab👍🏽cd", 4, "ab…"),
        ("a🇩🇪🇫🇷b", 5, "a🇩🇪…"),
        ("ab cdef", 4, "ab…"),
    ],
)
def test_a_cut_never_goes_through_a_letter(text, limit, line):
    assert plain(text, limit=limit) == line


def test_megabytes_are_not_read_for_a_few_characters():
    assert plain("\x1b[" * 5_000_000 + "x", limit=10) == ""
    assert plain("ab " * 5_000_000, limit=10) == "ab ab ab…"
