"""A merge that git cannot make, in every report: the files, the commits that touched them, and whose they are."""

import dataclasses
import io

import pytest
from markdown_it import MarkdownIt
from rich.console import Console
from support.extremes import HOSTILE, with_text_everywhere
from support.records import refused

from bot.core.candidate import Commit
from bot.core.conflict import Conflict, Side
from bot.core.record import RunKind
from bot.render.conflict_view import conflict_view
from bot.render.html import render_html
from bot.render.markdown import render_markdown
from bot.render.terminal import render_terminal


def commit(number, author="Grace Hopper"):
    sha = f"{number:x}" * 40
    return Commit(sha, (), author, "grace@example.com", 0, 1_795_000_000, f"feat: count {number}", "")


def conflict(files=2, commits=2):
    paths = tuple(f"src/file-{number}.py" for number in range(files))
    return Conflict(paths, Side("staging", tuple(map(commit, range(1, commits + 1)))), Side("hotfix/x", (commit(15),)))


def conflicted(**sizes):
    return dataclasses.replace(refused(), kind=RunKind.HOTFIX, conflict=conflict(**sizes))


def terminal(record):
    stream = io.StringIO()
    render_terminal(record, Console(file=stream, width=120))
    return stream.getvalue()


RENDERERS = [terminal, render_markdown, render_html]


@pytest.mark.parametrize("render", RENDERERS)
def test_every_report_names_files_commits_and_authors_of_both_sides(render):
    text = render(conflicted())
    for words in (
        "2 files of hotfix/x merged into staging",
        "src/file-1.py",
        "Grace Hopper",
        "222222222222",
        "ffffffffffff",
    ):
        assert words in text.replace("&#x200b;", "")


@pytest.mark.parametrize("render", RENDERERS)
def test_a_run_without_a_conflict_says_nothing_of_one(render):
    assert "In conflict" not in render(refused())


@pytest.mark.parametrize("render", RENDERERS)
def test_a_crowd_is_counted(render):
    text = render(conflicted(files=25, commits=13))
    assert "and 5 more" in text
    assert "and 3 more" in text


@pytest.mark.parametrize("render", RENDERERS)
def test_a_side_without_a_commit_says_so(render):
    record = dataclasses.replace(conflicted(), conflict=dataclasses.replace(conflict(), merged=Side("hotfix/x", ())))
    assert "by no commit of its own" in render(record)


@pytest.mark.parametrize("render", RENDERERS)
def test_foreign_text_neither_commands_a_terminal_nor_turns_lines_around(render):
    text = render(with_text_everywhere(conflicted(), HOSTILE))
    assert not set("\x1b\x07\u202e") & set(text)


def test_foreign_text_is_no_tag_in_html():
    assert "<script>alert(1)" not in render_html(with_text_everywhere(conflicted(), HOSTILE))


def test_foreign_text_is_no_markup_in_markdown():
    blocks = MarkdownIt("commonmark").parse(render_markdown(with_text_everywhere(conflicted(), HOSTILE)))
    kinds = {token.type for block in blocks for token in (block, *(block.children or ()))}
    assert not kinds & {"html_block", "html_inline", "link_open", "image"}


def test_there_is_no_view_of_no_conflict():
    assert conflict_view(refused()) is None
