"""report.html: one file without network or script, whole even without charts, and inert to whatever it quotes."""

import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser

import pytest
from support.extremes import crowded, hostile
from support.records import SAMPLES, blocked_leak, blocked_slow, changed, up_to_date
from support.snapshots import check_snapshot

from bot.render.html import render_html

VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """Collects elements and attributes, and insists that every element is closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@cache
def with_charts():
    return render_html(blocked_slow())


def no_charts(panels):
    return ["<svg></svg>" for _ in panels]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_kind_of_run_reads_as_its_snapshot(name):
    page = render_html(SAMPLES[name](), draw=no_charts)
    body = re.sub(r"<style>.*?</style>", "<style></style>", page, flags=re.DOTALL)
    check_snapshot(f"report-{name}.html", body)


@pytest.mark.parametrize("make", [*SAMPLES.values(), crowded, hostile])
def test_every_element_is_closed_and_none_runs_or_loads_anything(make):
    page = Page(render_html(make(), draw=no_charts))
    assert not {"script", "img", "iframe", "link", "object", "base", "form"} & set(page.tags)
    for tag, name, value in page.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name not in ("src", "srcset", "action", "xlink:href"), (tag, name)
        assert name != "href" or value.startswith("https://"), (tag, value)


def test_a_full_night_with_charts_is_small_and_needs_no_network():
    text = with_charts()
    assert len(text.encode()) < 500_000
    page = Page(text)
    assert page.tags.count("svg") == text.count('role="img"') + text.count('class="bar ')
    assert text.count('role="img"') == 27
    assert not re.search(
        r"@import|url\(|https?://(?!github\.com/acme|staging\.acme)", text.replace("http://www.w3.org/2000/svg", "")
    )


def test_charts_name_what_they_show_for_those_who_cannot_see_them():
    labels = [value for tag, name, value in Page(with_charts()).attributes if name == "aria-label" and tag == "svg"]
    assert len(labels) == 27
    assert labels[0].startswith("Response and service time: p50 from ")
    assert "limit p95 < 1.5s" in labels[0]


def test_foreign_text_is_text():
    page = Page(render_html(hostile(), draw=no_charts))
    shown = "".join(page.text)
    assert "<script>alert(1)</script>" in shown
    assert "{{ 7*7 }}" in shown
    for forbidden in "\x1b\u202e\x00\x08":
        assert forbidden not in shown


def test_foreign_text_never_enters_a_drawing():
    from bot.render.panels import panels  # noqa: PLC0415 - only this test looks behind the page

    record = hostile()
    for one in record.evidence.scenarios:
        for panel in panels(one, record.verdict):
            drawn = [
                panel.title,
                panel.unit,
                *(bound.text for bound in panel.bounds),
                *(c.colour for c in panel.curves),
            ]
            assert not any("script" in text or "datum" in text for text in drawn)


def test_a_report_without_charts_is_still_a_report_and_says_so():
    def broken(_panels):
        raise RuntimeError("no <engine>")

    text = render_html(blocked_leak(), draw=broken)
    assert "They could not be drawn (RuntimeError: no &lt;engine&gt;)." in text
    assert "3.42× the limit" in text  # noqa: RUF001 - as the report says it


def test_a_run_that_measured_nothing_draws_nothing():
    drawn = []
    render_html(up_to_date(), draw=lambda panels: drawn.extend(panels) or [])
    assert drawn == []


def test_the_colours_of_both_schemes_name_the_same_variables():
    text = render_html(up_to_date(), draw=no_charts)
    light, dark = re.findall(r":root \{(.*?)\}", text, flags=re.DOTALL)[:2]
    assert set(re.findall(r"--[\w-]+(?=:)", light)) == set(re.findall(r"--[\w-]+(?=:)", dark))


@pytest.mark.parametrize("scheme", [0, 1])
def test_words_stand_out_from_their_background_in_both_schemes(scheme):
    text = render_html(up_to_date(), draw=no_charts)
    values = dict(re.findall(r"--([\w-]+): (#\w{6})", re.findall(r":root \{(.*?)\}", text, flags=re.DOTALL)[scheme]))
    for ink in ("ink", "ink-2", "link", "p50", "p95", "p99", "limit"):
        assert contrast(values[ink], values["card"]) >= 4.4, ink
    for tone in ("good", "bad", "warn", "calm"):
        assert contrast(values[tone], values[f"{tone}-soft"]) >= 4.5, tone
        assert contrast(values["ink-2"], values[f"{tone}-soft"]) >= 4.5, tone


def contrast(one, other):
    """The contrast ratio of WCAG 2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_drawing_library_loads_only_where_something_is_drawn():
    heavy = ("vl_convert", "pandas", "pydantic", "altair")
    code = f"import sys, bot.render.report; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_what_the_command_line_changed_is_said_on_the_first_screen():
    said = (
        "This run was changed on the command line: only scenario load-1k of 3: soak, load-64k skipped; "
        "rate 50/s instead of 1000/s in load-1k."
    )
    assert said in "".join(Page(render_html(changed(), draw=no_charts)).text)
    assert said not in "".join(Page(render_html(blocked_slow(), draw=no_charts)).text)
