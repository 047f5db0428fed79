"""How people see what doctor found: narrow terminals, hostile words, and JSON."""

import io

from rich.console import Console

from bot.core.doctor import Area, Finding, Level
from bot.render.doctor import areas, document, summary

HOSTILE = "\x1b[31mred\x1b]8;;http://evil.example\x07 [bold]x[/bold] \u202eabc\n\rnext"
FOUND = [
    Finding(Area.GIT, "remote", Level.OK, "answers"),
    Finding(Area.GIT, "push", Level.FAIL, "x" * 200, "Let the bot push."),
    Finding(Area.HOST, HOSTILE, Level.WARN, HOSTILE, HOSTILE),
]


def shown(findings, width=80):
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=True, color_system=None)
    for part in (*areas(findings), summary(findings)):
        console.print(part)
    return out.getvalue()


def test_no_line_is_wider_than_the_terminal_and_no_word_is_lost():
    text = shown(FOUND)
    assert max(map(len, text.splitlines())) <= 80
    assert text.count("x") >= 200


def test_every_area_is_named_once_and_actions_stand_below_their_line():
    rows = [row.rstrip() for row in shown(FOUND, 120).splitlines()]
    assert rows[0] == "git"
    assert [rows.count(name) for name in ("git", "host")] == [1, 1]
    assert rows[1] == "  ok   remote           answers"
    assert "                        -> Let the bot push." in rows


def test_foreign_words_command_nothing():
    text = shown(FOUND)
    assert "\x1b]8" not in text
    assert "\u202e" not in text
    assert "[bold]x[/bold]" in text


def test_the_summary_counts_and_says_what_follows():
    assert "Not ready: 1 line marked fail (git push). [not-ready]" in shown(FOUND)
    assert shown(FOUND[:1]).rstrip().endswith("Ready for a night. 1 ok.")
    assert "see the warnings" in shown([FOUND[0], FOUND[2]])


def test_a_line_that_people_stopped_is_not_called_ready():
    stopped = Finding(Area.GIT, "line", Level.WARN, "frozen by ada", "See `promote unfreeze`.", stops=True)
    assert "No night can promote while the line is stopped; see the warnings. 1 ok, 1 warn." in shown(
        [FOUND[0], stopped], 120
    )
    assert "Not ready" in shown([*FOUND, stopped])
    assert (document([stopped])["ready"], document([stopped])["level"]) == (False, "warn")


def test_the_last_line_names_what_failed_because_the_first_may_have_left_the_screen():
    failing = [Finding(Area.HOST, f"\x1b[2Jpush {number}", Level.FAIL, "no", "Do.") for number in range(7)]
    last = shown(failing, 300).rstrip().splitlines()[-1]
    assert last.startswith("Not ready: 7 lines marked fail (host push 0, host push 1, ")
    assert "host push 4 and 2 more). [not-ready]" in last


def test_json_has_all_of_it():
    told = document(FOUND)
    assert (told["ready"], told["level"], told["reason_code"]) == (False, "fail", "not-ready")
    assert told["counts"] == {"ok": 1, "warn": 1, "fail": 1}
    assert told["findings"][1] == {
        "area": "git", "name": "push", "level": "fail", "seen": "x" * 200, "action": "Let the bot push.",
        "stops": False,
    }  # fmt: skip
    assert document(FOUND[:1])["reason_code"] is None
