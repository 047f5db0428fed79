"""The report on a terminal: any width, any encoding, and no foreign character commands it."""

import io
import re

import pytest
from rich.console import Console
from support.extremes import crowded, hostile
from support.records import SAMPLES, blocked_leak, blocked_slow, changed
from support.snapshots import check_snapshot

from bot.render.terminal import render_terminal


def shown(record, width=100, **options):
    stream = io.StringIO()
    render_terminal(record, Console(file=stream, width=width, **options))
    return stream.getvalue()


@pytest.mark.parametrize("name", SAMPLES)
def test_every_kind_of_run_reads_as_its_snapshot(name):
    text = shown(SAMPLES[name]())
    check_snapshot(f"terminal-{name}.txt", "\n".join(line.rstrip() for line in text.splitlines()) + "\n")


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width):
    for make in (*SAMPLES.values(), hostile):
        assert all(len(line) <= width for line in shown(make(), width).splitlines())


def test_the_outcome_and_each_result_are_words_not_only_colours():
    text = shown(blocked_slow(), no_color=True)
    assert "BLOCKED" in text
    assert re.search(r"^FAIL +load-1k: p95", text, flags=re.MULTILINE)


def test_colour_is_left_out_where_nobody_wants_it(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(r"\x1b\[[\d;]*3\d", shown(blocked_slow(), force_terminal=True))


def test_foreign_text_neither_commands_the_terminal_nor_is_read_as_markup():
    text = shown(hostile(), width=500)
    assert "[bold red]rich[/]" in text
    for forbidden in ("\x1b", "\x07", "\u202e", "\x00", "\x08"):
        assert forbidden not in text


def test_a_plain_terminal_gets_plain_characters():
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    render_terminal(blocked_leak(), Console(file=stream, width=100))
    stream.flush()
    assert b"3.42x the limit" in raw.getvalue()


def test_a_crowded_run_fits_a_few_screens():
    assert shown(crowded(), width=160).count("\n") < 150


def test_what_the_command_line_changed_is_said_on_the_first_screen():
    said = (
        "This run was changed on the command line: only scenario load-1k of 3: soak, load-64k skipped; "
        "rate 50/s instead of 1000/s in load-1k."
    )
    assert said in shown(changed(), 200)
