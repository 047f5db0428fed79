"""Required checks and what was said on the host, in every report: what decides first, and nothing in it acts."""

import io
from dataclasses import replace

import pytest
from rich.console import Console
from support import inert
from support.records import blocked_slow, promoted, record

from bot.core.hosting import Announced, CheckState, SeenCheck
from bot.core.reasons import Reason
from bot.core.record import Outcome
from bot.render.checked_view import required_view, said_rows, web_address
from bot.render.html import render_html
from bot.render.junit import render_junit
from bot.render.markdown import APPENDIX, FIRST_SCREEN, render_markdown
from bot.render.terminal import render_terminal

GREEN = SeenCheck("test", CheckState.SUCCESS, "success", "", "https://host.example/1")
RED = SeenCheck("build", CheckState.OTHER, "skipped", "", "https://host.example/2")
MISSING = SeenCheck("security", CheckState.PENDING, "missing", "", None)
SENTENCE = "A required check is no success on the candidate: build is skipped (https://host.example/2)."


def terminal(shown):
    stream = io.StringIO()
    render_terminal(shown, Console(file=stream, width=400))
    return stream.getvalue()


def html(shown):
    return render_html(shown, draw=lambda _: [])


def red_after_the_soak():
    turned = replace(promoted(), outcome=Outcome.BLOCKED, reason_code="checks-failed", promotion=None)
    return replace(turned, reason=SENTENCE, required_checks=(GREEN, RED))


@pytest.mark.parametrize("render", [terminal, render_markdown, html])
def test_a_check_that_is_no_success_is_named_with_the_word_of_the_host(render):
    shown = record(Reason.CHECKS_FAILED, Outcome.BLOCKED, SENTENCE, required_checks=(GREEN, RED, MISSING))
    text = render(shown)
    for words in ("1 of 3 required checks passed on the candidate", "build", "skipped", "security", "missing"):
        assert words in text


@pytest.mark.parametrize("render", [terminal, render_markdown, html])
def test_a_check_that_turned_red_after_the_tests_passed_is_the_headline(render):
    text = render(red_after_the_soak())
    assert "A required check is no success" in text
    assert "checks failed" not in text.replace("checks-failed", "")


def test_a_suite_is_not_green_where_a_required_check_is_not():
    assert 'type="checks-failed"' in render_junit(red_after_the_soak())


def test_many_checks_leave_the_first_screen_of_the_report_what_it_is():
    many = tuple(replace(RED, name=f"check {number}") for number in range(50))
    text = render_markdown(replace(blocked_slow(), required_checks=many))
    assert text.partition(APPENDIX)[0].count("\n") <= FIRST_SCREEN
    assert "check 49" in text


@pytest.mark.parametrize("render", [terminal, html, render_markdown])
def test_without_required_checks_nothing_is_said_of_any(render):
    assert "equired check" not in render(promoted())


def test_what_was_said_on_the_host_is_shown_with_its_address_and_what_was_not_with_why():
    said = (
        Announced("status", "https://host.example/c"),
        Announced("release", "https://host.example/r"),
        Announced("deployment", None, "It did not answer."),
        Announced("issue", None),
    )
    text = terminal(replace(promoted(), announced=said))
    assert "Release: https://host.example/r" in text
    assert "Deployment not said: It did not answer." in text
    assert [row.what for row in said_rows(said)] == ["Status", "Release", "Deployment"]


@pytest.mark.parametrize(
    "url",
    [
        "https://x/<img>",
        "https://x/a b",
        "https://x\\.evil/",
        "https://x/\u202etxt",
        'https://x/"y',
        None,
        "",
        "javascript:alert(1)",
        "https:x",
        "http://[",
        "https://a:b@c/",
        "https://x/" + "y" * 999,
        "//x",
    ],
)
def test_only_an_address_of_the_web_becomes_a_link(url):
    assert web_address(url) == ""


def test_no_check_names_itself_into_markup():
    evil = SeenCheck("|<b>@all</b>\x1b[31m\n# x", CheckState.OTHER, "![x](//y) #1", "", "javascript:alert(1)")
    shown = record(Reason.CHECKS_FAILED, Outcome.BLOCKED, "No.", required_checks=(evil,))
    calm = record(Reason.CHECKS_FAILED, Outcome.BLOCKED, "No.", required_checks=(replace(RED, url=None),))
    inert.terminal(terminal(shown))
    inert.markdown(render_markdown(shown), inert.markdown_shape(render_markdown(calm)))
    inert.page(html(shown), inert.page_shape(html(calm)))
    assert "javascript" not in html(shown)


def test_nothing_required_is_no_view():
    assert required_view(()) is None
